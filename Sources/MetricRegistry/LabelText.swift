import Glibc

/// What a label value's text may be: anything but control characters, which break terminals and parsers. Never escapes.
package enum LabelText {
  /// The most bytes of an undeclared name that is kept to be shown.
  static let undeclaredNameBytesMax = 128

  /// The text with each control character but TAB and newline replaced by U+FFFD, and so the marks that change the
  /// writing direction, which make a text look like another one, and the separators of lines and paragraphs.
  ///
  /// Done before series are told apart: two values that differ only there must not become one series twice.
  package static func cleaned(_ text: String) -> String {
    guard text.utf8.contains(where: mayBeginUnwanted) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isUnwanted($0) ? "\u{FFFD}" : $0 }))
  }

  /// The first byte of what is not wanted, in UTF-8, which other characters may begin with, too.
  @inline(__always)
  private static func mayBeginUnwanted(_ byte: UInt8) -> Bool {
    isControl(byte) || byte == 0xC2 || byte == 0xD8 || byte == 0xE2
  }

  private static func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x80: isControl(UInt8(scalar.value))
    case 0x80..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Whether an ASCII byte is a control character that does not belong in a label value.
  @inline(__always)
  package static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != 0x0A && byte != 0x09) || byte == 0x7F
  }
}

/// A text told apart by its bytes, as Prometheus does, and not by canonical equivalence; hashing it is faster too.
struct ByteText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ByteText, right: ByteText) -> Bool {
    let equal = left.text.utf8.withContiguousStorageIfAvailable { left in
      right.text.utf8.withContiguousStorageIfAvailable { right in
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
      }
    }
    // Every string of this platform is contiguous; the other way is for those that one day are not.
    if let equal, let equal { return equal }
    return left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    let hashed: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
      hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    if hashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
  }
}
