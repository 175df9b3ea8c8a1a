/// How the bytes of one whole document become records. It holds what it learned of the fields, never bytes.
package protocol DocumentParser {
  /// The fields met so far.
  var fields: FieldTable { get }

  /// The largest document that is parsed.
  static var documentBytesMax: Int { get }

  /// Documents of at most so many bytes are to be offered again with `isAtRest` when they were not whole: by their bytes
  /// alone it cannot be told whether they are still being written.
  static var unendedBytesMax: Int { get }

  /// Parses a document. False: it is not whole or none, and the batch is as before.
  ///
  /// - Parameter isAtRest: this is all that will come for now.
  mutating func parseDocument(_ bytes: UnsafeRawBufferPointer, isAtRest: Bool, into batch: inout RecordBatch) -> Bool
}

extension JSONDocumentFormat: DocumentParser {
  /// A JSON document says itself where it ends.
  package static var unendedBytesMax: Int { 0 }

  package mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> Bool {
    parseDocument(bytes, into: &batch)
  }
}
