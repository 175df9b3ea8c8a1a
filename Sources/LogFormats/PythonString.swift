/// Strings as Python writes them: where they end, and their text without escapes. It never traps on what follows a
/// backslash.
enum PythonString {
  /// Whether a quote begins here, perhaps behind the letter of another kind of string (`b'…'`); moves to the quote.
  @inline(__always)
  static func begins(at cursor: inout ByteCursor) -> Bool {
    guard !cursor.isAtEnd else { return false }
    if isQuote(cursor.at.pointee) { return true }
    switch cursor.at.pointee | 0x20 {
    case UInt8(ascii: "b"), UInt8(ascii: "u"), UInt8(ascii: "r"):
      guard cursor.end - cursor.at >= 2, isQuote(cursor.at[1]) else { return false }
      cursor.at += 1
      return true
    default:
      return false
    }
  }

  @inline(__always)
  static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") }

  /// Moves from a string's opening quote behind its closing one. nil where it stays open, with `cursor` at its end, or
  /// holds control characters, with `cursor` at the first.
  @inline(__always)
  static func scan(_ cursor: inout ByteCursor) -> (text: (BytePointer, BytePointer), escapes: Bool)? {
    let quote = cursor.at.pointee
    let start = cursor.at + 1
    let end = cursor.end
    var at = start
    var hasEscapes = false
    while at < end {
      let byte = at.pointee
      if byte == quote {
        cursor.at = at + 1
        return ((start, at), hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        at += 1
        if at == end { break }
      } else if byte < 0x20, byte != UInt8(ascii: "\t") {
        cursor.at = at
        return nil
      }
      at += 1
    }
    cursor.at = end
    return nil
  }

  /// Appends a string's text with its escapes resolved. What is no escape stays as it is written, as in Python.
  static func unescape(from start: BytePointer, to end: BytePointer, into text: inout [UInt8]) {
    var at = start
    while at < end {
      let byte = at.pointee
      at += 1
      guard byte == UInt8(ascii: "\\"), at < end else {
        text.append(byte)
        continue
      }
      let kind = at.pointee
      if let plain = plainEscape(kind) {
        text.append(plain)
        at += 1
      } else if let scalar = scalar(&at, end: end) {
        text.append(contentsOf: String(Character(scalar)).utf8)
      } else {
        text.append(byte)
      }
    }
  }

  private static func plainEscape(_ kind: UInt8) -> UInt8? {
    switch kind {
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): kind
    case UInt8(ascii: "a"): 0x07
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "v"): 0x0B
    default: nil
    }
  }

  /// What an escape by number stands for, with `cursor` at its letter or first digit, past which it moves. nil: it is
  /// none, and `cursor` stays.
  private static func scalar(_ cursor: inout BytePointer, end: BytePointer) -> Unicode.Scalar? {
    var at = cursor + 1
    switch cursor.pointee {
    case UInt8(ascii: "u"):
      guard let scalar = JSONString.scalar(&at, end: end) else { return nil }
      cursor = at
      return scalar
    case UInt8(ascii: "x"):
      return number(&cursor, from: at, end: end, digits: 2...2, radix: 16)
    case UInt8(ascii: "U"):
      return number(&cursor, from: at, end: end, digits: 8...8, radix: 16)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      return number(&cursor, from: cursor, end: end, digits: 1...3, radix: 8)
    default:
      return nil
    }
  }

  private static func number(
    _ cursor: inout BytePointer,
    from start: BytePointer,
    end: BytePointer,
    digits: ClosedRange<Int>,
    radix: UInt32
  ) -> Unicode.Scalar? {
    var value: UInt32 = 0
    var at = start
    while at < end, at - start < digits.upperBound {
      let digit: UInt32
      switch at.pointee {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(at.pointee - 48)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        digit = UInt32((at.pointee | 0x20) - 87)
      default: digit = .max
      }
      if digit >= radix { break }
      // Eight hexadecimal digits fill 32 bits.
      value = value &* radix &+ digit
      at += 1
    }
    guard digits.contains(at - start) else { return nil }
    cursor = at
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}
