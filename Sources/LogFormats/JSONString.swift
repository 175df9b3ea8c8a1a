/// Strings of JSON: where they end, and their text without escapes. It never traps on what follows a backslash.
enum JSONString {
  /// The closing quote of the string whose text begins at `start`, and whether escapes stand before it; nil where the
  /// string stays open or holds control characters. TAB is let through, as many writers do.
  @inline(__always)
  static func end(from start: BytePointer, to end: BytePointer) -> (quote: BytePointer, hasEscapes: Bool)? {
    var at = start
    var hasEscapes = false
    while at < end {
      let byte = at.pointee
      if byte == UInt8(ascii: "\"") { return (at, hasEscapes) }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        at += 1
        if at == end { return nil }
      } else if byte < 0x20, byte != UInt8(ascii: "\t") {
        return nil
      }
      at += 1
    }
    return nil
  }

  /// Appends the text between `start` and `end` with its escapes resolved; a lone surrogate becomes U+FFFD. False for an
  /// escape that JSON has not.
  static func unescape(from start: BytePointer, to end: BytePointer, into text: inout [UInt8]) -> Bool {
    var at = start
    while at < end {
      let byte = at.pointee
      at += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard at < end else { return false }
      let kind = at.pointee
      at += 1
      switch kind {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(&at, end: end) else { return false }
        text.append(contentsOf: String(Character(scalar)).utf8)
      default: return false
      }
    }
    return true
  }

  /// What a `\u` stands for, together with the `\u` of its other half.
  static func scalar(_ cursor: inout BytePointer, end: BytePointer) -> Unicode.Scalar? {
    guard let first = codeUnit(&cursor, end: end) else { return nil }
    if let scalar = Unicode.Scalar(first) { return scalar }
    var after = cursor
    if UTF16.isLeadSurrogate(UInt16(first)), end - after >= 2, after[0] == UInt8(ascii: "\\"),
      after[1] == UInt8(ascii: "u")
    {
      after += 2
      guard let second = codeUnit(&after, end: end) else { return nil }
      if UTF16.isTrailSurrogate(UInt16(second)) {
        cursor = after
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      }
    }
    return "\u{FFFD}"
  }

  private static func codeUnit(_ cursor: inout BytePointer, end: BytePointer) -> UInt32? {
    guard end - cursor >= 4 else { return nil }
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let byte = cursor.pointee
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 48
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): digit = (byte | 0x20) - 87
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
      cursor += 1
    }
    return unit
  }
}
