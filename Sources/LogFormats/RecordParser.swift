package import StateStore

/// How bytes of one log become records. A parser is a value: a copy parses on from where the original stood, which is
/// how a provisional last line is read without being taken.
///
/// It holds what it learned of its log (the header, the names of the fields), never bytes of it: what it does not
/// consume is handed to it again with what follows.
package protocol RecordParser {
  /// The fields met so far.
  var fields: FieldTable { get }

  /// Parses records from the beginning of `bytes` into `batch` until the bytes end or the batch holds
  /// `RecordBatch.recordsMax` records.
  ///
  /// - Parameter isClosed: nothing follows these bytes, so a last line without its end is a line.
  /// - Returns: how many bytes are consumed: whole lines, or all of them. When `bytes` holds more than the longest
  ///   line, at least one byte is consumed. 0 with an empty batch: more is needed.
  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int

  /// Encodes where the parser stands behind the bytes that it consumed: what it has learned of its log, but no bytes of
  /// the log and no places in tables. What is encoded may change only with `StateFile.version`.
  func encode(into encoder: inout StateEncoder)

  /// Goes on exactly where another parser of the same format and options stood, which encoded that. For a parser that has
  /// parsed nothing yet.
  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure)

  /// The file has rested with these bytes at its end, which were handed over and not consumed: what they leave open is
  /// hardly being written any more. They may be parsed once more then.
  mutating func rested(on bytes: UnsafeRawBufferPointer)

  /// Bytes that follow those that were consumed are passed by: a hole in the file, which is zero bytes, or what is not
  /// wanted of a long log. Only parsers of frames are told, which stand nowhere else than behind a frame or in one.
  mutating func skip(_ count: Int, into batch: inout RecordBatch)

  /// How much the parser has learned of its log's fields: another number whenever it has learned more.
  var learnedCount: Int { get }

  /// Keeps what it learned of its fields in one piece with another parser of the same format that learned the same:
  /// thousands of logs of one kind then remember it once. Returns whether it does; a parser that learns next to nothing
  /// need not.
  mutating func share(with other: any RecordParser) -> Bool
}

extension RecordParser {
  package mutating func rested(on bytes: UnsafeRawBufferPointer) {}
  package var learnedCount: Int { 0 }
  package mutating func share(with other: any RecordParser) -> Bool { true }
  package mutating func skip(_ count: Int, into batch: inout RecordBatch) {}
}

extension RecordBatch {
  /// When a parser hands over: large enough to spread the cost, small enough for the cache.
  package static let recordsMax = 512
}
