/// What a terminal would show of a line: without escape sequences, with backspaces taken at their word. Pure text: it
/// moves no cursor.
enum TerminalText {
  static let escape: UInt8 = 0x1B
  private static let bell: UInt8 = 0x07
  static let backspace: UInt8 = 0x08

  static func clean(from start: BytePointer, to end: BytePointer, into text: inout [UInt8]) {
    text.removeAll(keepingCapacity: true)
    var at = start
    while at < end {
      let byte = at.pointee
      switch byte {
      case escape:
        at = afterSequence(at + 1, end: end)
      case backspace:
        takeBack(&text)
        at += 1
      default:
        text.append(byte)
        at += 1
      }
    }
  }

  /// Drops the last character with all of its UTF-8 bytes.
  private static func takeBack(_ text: inout [UInt8]) {
    while let last = text.popLast(), last & 0xC0 == 0x80 {}
  }

  /// Past an escape sequence (ECMA-48), whose first byte behind ESC is at `start`.
  private static func afterSequence(_ start: BytePointer, end: BytePointer) -> BytePointer {
    guard start < end else { return end }
    var at = start + 1
    switch start.pointee {
    case UInt8(ascii: "["):
      while at < end, (0x20...0x3F).contains(at.pointee) { at += 1 }
      return at < end && (0x40...0x7E).contains(at.pointee) ? at + 1 : at
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      // A string, such as a window title or a link, up to BEL or ESC \.
      while at < end, at.pointee != bell, at.pointee != escape { at += 1 }
      if at < end, at.pointee == bell { return at + 1 }
      return at + 1 < end && at[1] == UInt8(ascii: "\\") ? at + 2 : at
    case 0x20...0x2F:
      while at < end, (0x20...0x2F).contains(at.pointee) { at += 1 }
      return at < end ? at + 1 : at
    default:
      return at
    }
  }
}
