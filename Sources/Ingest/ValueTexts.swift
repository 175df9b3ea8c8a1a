internal import LogFormats

extension RecordBatch.Value {
  /// The value's text in its batch's.
  func text(in text: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
    text[Int(textStart)..<Int(textStart) + Int(textLength)]
  }

  /// The same with the words behind it that belong to it as a number.
  func words(in text: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
    text[Int(textStart)..<Int(textStart) + Int(textLength) + Int(restLength)]
  }

  /// The number of its text alone.
  var ownNumber: Double? { isNumber || (restLength > 0 && !number.isNaN) ? number : nil }

  /// How its text begins, for people.
  func shown(in text: UnsafeBufferPointer<UInt8>) -> String {
    BadLine.cut(UnsafeBufferPointer(rebasing: words(in: text)))
  }
}
