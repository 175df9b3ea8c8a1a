internal import Glibc

/// The beginning of what Python prints when it ends with an exception.
enum Traceback {
  private static let text: StaticString = "Traceback (most recent call last):"

  /// Where the next line begins that has it; nil: there is none.
  static func lineStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let length = text.utf8CodeUnitCount
    var place = start
    // Whatever stands before it in its line, such as a rank.
    while place + length <= bytes.count,
      let found = memchr(base + place, Int32(UInt8(ascii: "T")), bytes.count - length + 1 - place)
    {
      place = UnsafeRawPointer(found) - base
      if memcmp(found, text.utf8Start, length) == 0 {
        return bytes[start..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? start
      }
      place += 1
    }
    return nil
  }
}
