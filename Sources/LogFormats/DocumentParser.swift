/// How the bytes of one whole document become records. It holds what it learned of the fields, never bytes.
package protocol DocumentParser {
  /// The fields met so far.
  var fields: FieldTable { get }

  /// Parses a document. Unless it has records the batch is as before.
  ///
  /// - Parameter isAtRest: this is all that will come for now.
  mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> DocumentContent
}

/// What a document turned out to be.
package enum DocumentContent: Hashable, Sendable {
  /// It is one record, which each new state replaces.
  case record
  /// It is a list of records, perhaps without any yet.
  case records
  /// It is whole, and has no records where they should be.
  case nothing
  /// It is not whole, or not of the format: perhaps it is still being written.
  case half
}
