/// A list or tuple that a program printed, such as `[2.17e-06, 2.17e-06]` or numpy's `[[0.9 0.95] [0.9 0.95]]`: its elements
/// are parted by commas or blanks, and may be lists themselves. Where the log's decimals have commas, those between digits
/// part nothing as long as blanks or `;` do. It reads texts of console lines and cells; JSON and Python
/// dicts have scanners of their own.
struct ListText {
  struct Element {
    /// Its place, from the outermost list inwards.
    var path: [Int]
    var start: BytePointer
    var end: BytePointer
  }

  /// A list that has more than a few elements is a dump, and none of its numbers is what a log is read for.
  static let elementsMax = 1_000
  private static let depthMax = 8

  /// Behind the closing bracket.
  let end: BytePointer
  let elements: [Element]

  /// Whether a text may be one: all others are told by their first byte.
  @inline(__always)
  static func begins(with byte: UInt8) -> Bool { byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") }

  /// Reads the list that begins at `start`; nil: it is none, or not closed before `end`.
  init?(from start: BytePointer, to end: BytePointer, decimalCommas: Bool) {
    guard start < end, Self.begins(with: start.pointee) else { return nil }
    var cursor = ByteCursor(start, end: end)
    var elements: [Element] = []
    guard Self.scan(&cursor, [], decimalCommas, into: &elements) else { return nil }
    self.end = cursor.at
    self.elements = elements
  }

  private static func scan(
    _ cursor: inout ByteCursor,
    _ path: [Int],
    _ decimalCommas: Bool,
    into elements: inout [Element]
  ) -> Bool {
    guard path.count < depthMax else { return false }
    let close = cursor.at.pointee == UInt8(ascii: "[") ? UInt8(ascii: "]") : UInt8(ascii: ")")
    cursor.at += 1
    let keepsCommas = decimalCommas && isParted(from: cursor)
    for index in 0...elementsMax {
      cursor.skip { ByteScan.isBlank($0) }
      if cursor.take(close) { return true }
      guard !cursor.isAtEnd, elements.count < elementsMax else { return false }
      let path = path + [index]
      if begins(with: cursor.at.pointee) {
        guard scan(&cursor, path, decimalCommas, into: &elements) else { return false }
      } else {
        guard let element = text(&cursor, keepsCommas) else { return false }
        elements.append(Element(path: path, start: element.start, end: element.end))
      }
      cursor.skip { ByteScan.isBlank($0) }
      if !cursor.take(UInt8(ascii: ",")), keepsCommas { _ = cursor.take(UInt8(ascii: ";")) }
    }
    return false
  }

  /// Whether blanks or `;` part the elements of the list whose text begins at the cursor.
  private static func isParted(from cursor: ByteCursor) -> Bool {
    var cursor = cursor
    cursor.skip { ByteScan.isBlank($0) }
    cursor.skip { !ByteScan.isBlank($0) && !";[](){}".utf8.contains($0) }
    cursor.skip { ByteScan.isBlank($0) }
    return !cursor.isAtEnd && !"[](){}".utf8.contains(cursor.at.pointee)
  }

  /// An element that is no list, without quotes around it; nil: it is something else, such as a dict.
  private static func text(_ cursor: inout ByteCursor, _ keepsCommas: Bool) -> (start: BytePointer, end: BytePointer)? {
    let start = cursor.at
    if start.pointee == UInt8(ascii: "'") || start.pointee == UInt8(ascii: "\"") {
      guard let quote = ByteScan.first(start.pointee, from: start + 1, to: cursor.end) else { return nil }
      cursor.at = quote + 1
      return (start + 1, quote)
    }
    let isOfElement = { (byte: UInt8) in !ByteScan.isBlank(byte) && !",[](){}".utf8.contains(byte) }
    if keepsCommas {
      cursor.skip { isOfElement($0) && $0 != UInt8(ascii: ";") }
      if cursor.end - cursor.at > 1, cursor.at > start, cursor.at.pointee == UInt8(ascii: ","),
        cursor.at[-1] &- 48 <= 9, cursor.at[1] &- 48 <= 9
      {
        cursor.at += 1
        cursor.skip { isOfElement($0) && $0 != UInt8(ascii: ";") }
      }
    } else {
      cursor.skip(while: isOfElement)
    }
    return cursor.at > start ? (start, cursor.at) : nil
  }
}
