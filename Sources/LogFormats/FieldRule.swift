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
  @inline(__always)
  func value(
    from start: BytePointer,
    to end: BytePointer,
    digest: inout UInt64,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value? {
    if NumberParser.isMissing(from: start, to: end) { return nil }
    let number = { FieldNumber.parse(from: start, to: end, for: use) }
    return value(from: start, to: end, number: number(), digest: &digest, text: &batch)
  }

  /// The value of such a text behind which there may be words that belong to it as a number.
  ///
  /// - Parameters:
  ///   - limit: how far these words may reach. They are not in the digest, which must not depend on what is wanted.
  ///   - fields: knows how those read the words that take the field as a number.
  ///   - known: the plain number that the text is, if that has been found already.
  @inline(__always)
  func value(
    from start: BytePointer,
    to end: BytePointer,
    upTo limit: BytePointer?,
    in fields: FieldTable,
    known: Double? = nil,
    digest: inout UInt64,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value? {
    if known == nil, NumberParser.isMissing(from: start, to: end) { return nil }
    if let limit, use.contains(.words), NumberWords.mayFollow(end, upTo: limit),
      let last = NumberWords.end(from: start, to: end, upTo: limit, fields.forms(ofSlot: slot))
    {
      digest &+= FieldDigest.hash(start, count: end - start, seed: nameHash)
      return words(from: start, to: end, andUpTo: last, text: &batch)
    }
    let number = { known ?? FieldNumber.parse(from: start, to: end, for: use) }
    return value(from: start, to: end, number: number(), digest: &digest, text: &batch)
  }

  /// The value of a text with words before it that belong to it as a number: all of them are its text.
  ///
  /// - Parameter first: where the words begin. They are not in the digest either.
  func value(
    from start: BytePointer,
    to end: BytePointer,
    andBackTo first: BytePointer,
    digest: inout UInt64,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value {
    digest &+= FieldDigest.hash(start, count: end - start, seed: nameHash)
    var value = RecordBatch.Value(slot: UInt32(truncatingIfNeeded: slot), isNumber: false, number: 0)
    (value.textStart, value.textLength) = batch.appendText(from: first, to: end)
    return value
  }

  /// The value of a text with words behind it that belong to it as a number. What number they are is asked of each target.
  @inline(never)
  private func words(
    from start: BytePointer,
    to end: BytePointer,
    andUpTo last: BytePointer,
    text batch: inout RecordBatch
  ) -> RecordBatch.Value {
    let number = FieldNumber.parse(from: start, to: end, for: use)
    var value = RecordBatch.Value(slot: UInt32(truncatingIfNeeded: slot), isNumber: false, number: number ?? .nan)
    (value.textStart, value.textLength) = batch.appendText(from: start, to: end)
    value.restLength = UInt8(clamping: batch.appendText(from: end, to: last).length)
    return value
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
