/// What becomes of a field's text, in every format the same: what is missing is not there; all else counts in the
/// record's digest, by which a log that is read again is known; what nobody wants ends there; then it may be a number,
/// and its text is kept where that is wanted.
///
/// The digests outlive the process: a change of this order makes every log look rewritten.
struct FieldRule: Equatable {
  var nameHash: UInt64
  /// -1 where nobody wants the field, or the table of fields has no place for it.
  var slot: Int32 = -1
  var use: FieldUse = []

  /// The value of a text without blanks around it; nil: it is missing, or not wanted.
  ///
  /// - Parameter limit: how far words behind the text may belong to it as a number. They are not in the digest, which
  ///   must not depend on what is wanted.
  @inline(__always)
  func value(
    from start: BytePointer,
    to end: BytePointer,
    upTo limit: BytePointer? = nil,
    digest: inout UInt64,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value? {
    if NumberParser.isMissing(from: start, to: end) { return nil }
    return value(
      from: start,
      to: end,
      number: FieldNumber.parse(from: start, to: end, upTo: limit ?? end, for: use),
      digest: &digest,
      text: &batch
    )
  }

  /// The value of a text that is not missing; nil: it is not wanted.
  ///
  /// - Parameter number: what it is as a number; asked where the field is wanted.
  @inline(__always)
  func value(
    from start: BytePointer,
    to end: BytePointer,
    number: @autoclosure () -> Double?,
    digest: inout UInt64,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value? {
    digest &+= FieldDigest.hash(start, count: end - start, seed: nameHash)
    if use.isEmpty { return nil }
    let number = number()
    var value = RecordBatch.Value(
      slot: UInt32(truncatingIfNeeded: slot),
      isNumber: number != nil,
      number: number ?? 0
    )
    // A text that is no number is shown to whoever asks why.
    if use.contains(.text) || number == nil {
      (value.textStart, value.textLength) = batch.appendText(from: start, to: end)
    }
    return value
  }
}
