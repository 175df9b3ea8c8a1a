internal import CNumbers

/// Texts of values, kept in a batch as valid UTF-8.
extension RecordBatch {
  /// Appends a text and returns where it stands. Where the batch's text would outgrow its 32-bit places, nothing.
  mutating func appendText(from start: BytePointer, to end: BytePointer) -> (start: UInt32, length: UInt32) {
    let place = text.count
    guard place + 3 * (end - start) < Int(UInt32.max) else { return (0, 0) }
    let bytes = UnsafeBufferPointer(start: start, count: end - start)
    if bytes.allSatisfy({ $0 < 0x80 }) {
      text.append(contentsOf: bytes)
    } else {
      text.append(contentsOf: String(decoding: bytes, as: UTF8.self).utf8)
    }
    return (UInt32(place), UInt32(text.count - place))
  }

  mutating func appendText(_ string: String) -> (start: UInt32, length: UInt32) {
    var string = string
    return string.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return (0, 0) }
      return appendText(from: base, to: base + bytes.count)
    }
  }

  /// The shortest text of a number: without fraction it is an integer.
  mutating func appendText(of number: Double) -> (start: UInt32, length: UInt32) {
    if number == 0 { return appendText("0") }
    if !number.isFinite { return appendText(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf") }
    // As the digits of smaller ones they are no longer than this.
    let isPlain = (1e-5..<1e21).contains(number.magnitude)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let base = text.baseAddress else { return (0, 0) }
      let length = cnumbers_format_double(number, isPlain ? 0 : 1, base, text.count)
      return base.withMemoryRebound(to: UInt8.self, capacity: 32) { appendText(from: $0, to: $0 + length) }
    }
  }

  /// Takes back everything after a point that was noted, when a record turns out to be none.
  mutating func cut(toValues valuesCount: Int, text textCount: Int) {
    values.removeSubrange(valuesCount...)
    text.removeSubrange(textCount...)
  }
}

extension Array {
  /// Room that is used again from record to record, and of which each log has its own, stays below this: a long line is
  /// rare, and there may be thousands of logs.
  private static var keptBytesMax: Int { 64 << 10 }

  /// Gives back the room of a long line; its content is of use no more.
  @inline(__always)
  mutating func shrink() {
    if capacity * MemoryLayout<Element>.stride > Self.keptBytesMax { self = [] }
  }
}
