/// Texts that are finite numbers to every parser of logs, and how long they are, without their value.
enum PlainNumber {
  /// Digits of a longer text could be beyond `Double`, together with an exponent of two digits.
  private static let bytesMax = 64

  /// Whether a text is a number such as `-2.5` or `1e-05`, and surely finite.
  static func isOne(from start: BytePointer, to end: BytePointer) -> Bool {
    guard end - start <= bytesMax else { return false }
    var cursor = ByteCursor(start, end: end)
    _ = cursor.take(UInt8(ascii: "-"))
    let first = cursor.at
    cursor.skip { $0 &- 48 <= 9 }
    guard cursor.at > first else { return false }
    if cursor.take(UInt8(ascii: ".")) { cursor.skip { $0 &- 48 <= 9 } }
    if cursor.isAtEnd { return true }
    guard cursor.at.pointee | 0x20 == UInt8(ascii: "e") else { return false }
    var at = cursor.at + 1
    if at < end, at.pointee == UInt8(ascii: "-") || at.pointee == UInt8(ascii: "+") { at += 1 }
    return (1...2).contains(end - at) && (at..<end).allSatisfy { $0.pointee &- 48 <= 9 }
  }

  /// Moves behind the exponent that begins at its `e`; false: it has no digit, or more than two. Five bytes from the `e` on
  /// have to be readable.
  @inline(never)
  static func skipExponent(_ at: inout BytePointer) -> Bool {
    at += 1
    if at.pointee == UInt8(ascii: "-") || at.pointee == UInt8(ascii: "+") { at += 1 }
    let first = at
    while at - first < 3, at.pointee &- 48 <= 9 { at += 1 }
    return (1...2).contains(at - first)
  }
}
