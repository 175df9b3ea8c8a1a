internal import Diagnostics

/// Checks that a file is text before libyaml sees it: UTF-8 without control characters. It never repairs anything.
enum TextCheck {
  static func mistake(in bytes: [UInt8]) -> Diagnostic? {
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return encoding(at: 0, "the file is UTF-16")
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        if byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F {
          return control(UInt32(byte), at: index, length: 1)
        }
        index += 1
        continue
      }
      guard let (scalar, length) = scalar(in: bytes, at: index) else {
        return encoding(at: index, "byte 0x\(hexadecimal(UInt32(byte), digits: 2)) is not UTF-8")
      }
      if (0x80..<0xA0).contains(scalar) && scalar != 0x85 || scalar == 0xFFFE || scalar == 0xFFFF {
        return control(scalar, at: index, length: length)
      }
      index += length
    }
    return nil
  }

  /// The scalar that begins at `index` with its length; nil: not well-formed UTF-8 (overlong, surrogate, cut off).
  private static func scalar(in bytes: [UInt8], at index: Int) -> (UInt32, Int)? {
    let first = bytes[index]
    let (length, least): (Int, UInt32) =
      switch first {
      case 0xC2...0xDF: (2, 0x80)
      case 0xE0...0xEF: (3, 0x800)
      case 0xF0...0xF4: (4, 0x10000)
      default: (0, 0)
      }
    guard length > 0, index + length <= bytes.count else { return nil }
    var scalar = UInt32(first) & (0xFF >> UInt32(length + 1))
    for byte in bytes[index + 1..<index + length] {
      guard byte & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    guard scalar >= least, Unicode.Scalar(scalar) != nil else { return nil }
    return (scalar, length)
  }

  private static func encoding(at index: Int, _ message: String) -> Diagnostic {
    Diagnostic(
      id: "yaml/encoding",
      message: message,
      range: SourceRange(index, index + 1),
      help: "save the file as UTF-8"
    )
  }

  private static func control(_ scalar: UInt32, at index: Int, length: Int) -> Diagnostic {
    Diagnostic(
      id: "yaml/control-character",
      message: "control character U+\(hexadecimal(scalar, digits: 4)) cannot stand in the file",
      range: SourceRange(index, index + length),
      help: "remove it; in a text in double quotes it can be written as an escape, such as \\x1b"
    )
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
  }
}
