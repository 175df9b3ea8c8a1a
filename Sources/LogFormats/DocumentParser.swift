/// How the bytes of one whole document become records. It holds what it learned of the fields, never bytes.
package protocol DocumentParser {
  /// The fields met so far.
  var fields: FieldTable { get }

  /// Parses a document. False: it is not whole or none, and the batch is as before.
  ///
  /// - Parameter isAtRest: this is all that will come for now.
  mutating func parseDocument(_ bytes: UnsafeRawBufferPointer, isAtRest: Bool, into batch: inout RecordBatch) -> Bool
}
