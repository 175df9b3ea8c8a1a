/// Reads and writes strings: in double or single quotes with the escapes of Go, in backticks without any.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals>
enum StringText {
  /// The content of a string, and the variables in it.
  ///
  /// - Parameter range: the string with its quotes, as the lexer found it.
  static func content(
    of range: Range<Int>,
    in bytes: [UInt8],
    hasVariables: Bool
  ) throws(PromQLError) -> Template {
    let inner = range.lowerBound + 1..<range.upperBound - 1
    if let at = invalidUTF8(bytes[inner]) {
      throw PromQLError("the byte \(Lexer.hexadecimal(bytes[at])) in the string is no UTF-8", at: at..<at + 1)
    }
    if let at = bytes[inner].firstIndex(of: replacement[0]), let found = firstReplacement(bytes[inner], from: at) {
      throw PromQLError(
        "Prometheus takes the character U+FFFD for broken UTF-8: write it as `\\ufffd`",
        at: found..<found + replacement.count
      )
    }
    let quote = bytes[range.lowerBound]
    let hasEscapes = quote != UInt8(ascii: "`")
    var content = Template()
    var run: [UInt8] = []
    var at = inner.lowerBound
    // Where there is nothing special, the content is what stands there.
    let special = [UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "[")]
    if !bytes[inner].contains(where: special.contains) {
      content.append(Array(bytes[inner]))
      return content
    }
    while at < inner.upperBound {
      if hasEscapes, bytes[at] == UInt8(ascii: "\\") {
        at = try unescape(at: at, in: bytes, before: inner.upperBound, quote: quote, into: &run)
      } else if hasVariables, let variable = Variable.at(at, in: bytes, before: inner.upperBound) {
        content.append(run)
        run = []
        content.append(variable)
        at = variable.place.range.upperBound
      } else {
        run.append(bytes[at])
        at += 1
      }
    }
    content.append(run)
    return content
  }

  /// U+FFFD, which Prometheus's lexer cannot tell from what is no UTF-8.
  private static let replacement = Array("\u{fffd}".utf8)

  private static func firstReplacement(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    bytes[start...].indices.first { bytes[$0] == replacement[0] && bytes[$0...].starts(with: replacement) }
  }

  /// Decodes the escape that begins at a backslash.
  ///
  /// - Returns: where it ends.
  private static func unescape(
    at start: Int,
    in bytes: [UInt8],
    before end: Int,
    quote: UInt8,
    into run: inout [UInt8]
  ) throws(PromQLError) -> Int {
    guard start + 1 < end else { throw PromQLError("nothing follows `\\`", at: start..<start + 1) }
    let byte = bytes[start + 1]
    if byte == quote {
      run.append(byte)
      return start + 2
    }
    if let simple = simpleEscapes.first(where: { $0.letter == byte }) {
      run.append(simple.byte)
      return start + 2
    }
    let (first, count, radix): (Int, Int, UInt32)
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "7"): (first, count, radix) = (start + 1, 3, 8)
    case UInt8(ascii: "x"): (first, count, radix) = (start + 2, 2, 16)
    case UInt8(ascii: "u"): (first, count, radix) = (start + 2, 4, 16)
    case UInt8(ascii: "U"): (first, count, radix) = (start + 2, 8, 16)
    default: throw unknownEscape(at: start, in: bytes, before: end, quote: quote)
    }
    var value: UInt32 = 0
    for index in first..<first + count {
      guard index < end, let digit = bytes[index].hexadecimal, digit < radix else {
        throw PromQLError(
          "the escape needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits",
          at: start..<min(index + 1, end)
        )
      }
      value = value * radix + digit
    }
    let range = start..<first + count
    if count < 4 {
      guard let byte = UInt8(exactly: value) else {
        throw PromQLError("the escape is no byte: `\\377` is the largest", at: range)
      }
      run.append(byte)
    } else {
      guard let scalar = Unicode.Scalar(value) else {
        throw PromQLError("the escape is no character of Unicode", at: range)
      }
      run.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
    return range.upperBound
  }

  private static let simpleEscapes: [(letter: UInt8, byte: UInt8)] = [
    (UInt8(ascii: "a"), 0x07), (UInt8(ascii: "b"), 0x08), (UInt8(ascii: "f"), 0x0c), (UInt8(ascii: "n"), 0x0a),
    (UInt8(ascii: "r"), 0x0d), (UInt8(ascii: "t"), 0x09), (UInt8(ascii: "v"), 0x0b), (UInt8(ascii: "\\"), 0x5c),
  ]

  private static func unknownEscape(at start: Int, in bytes: [UInt8], before end: Int, quote: UInt8) -> PromQLError {
    let character = String(decoding: bytes[start + 1..<min(start + 5, end)], as: UTF8.self).unicodeScalars.first
    let range = start..<min(start + 1 + (character?.utf8.count ?? 1), end)
    let shown = character.map { $0.isVisible && $0 != "`" ? "`\\\($0)`" : "this" } ?? "this"
    return PromQLError(
      "\(shown) is no escape: write `\\\\` for a backslash, or the string in backticks, where there are no escapes",
      at: range
    )
  }

  /// The first byte that is no UTF-8.
  static func invalidUTF8(_ bytes: ArraySlice<UInt8>) -> Int? {
    var at = bytes.startIndex
    while at < bytes.endIndex {
      guard bytes[at] >= 0x80 else {
        at += 1
        continue
      }
      guard let length = validLength(at: at, in: bytes) else { return at }
      at += length
    }
    return nil
  }

  /// How many bytes the character has that begins at a byte of 0x80 or above; nil if none does.
  private static func validLength(at start: Int, in bytes: ArraySlice<UInt8>) -> Int? {
    let first = bytes[start]
    let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    guard first >= 0xc2, first <= 0xf4, start + length <= bytes.endIndex,
      bytes[start + 1..<start + length].allSatisfy({ $0 & 0xc0 == 0x80 })
    else { return nil }
    let second = bytes[start + 1]
    switch first {
    case 0xe0: return second >= 0xa0 ? length : nil
    case 0xed: return second < 0xa0 ? length : nil
    case 0xf0: return second >= 0x90 ? length : nil
    case 0xf4: return second < 0x90 ? length : nil
    default: return length
    }
  }

  /// The string in double quotes.
  static func quoted(_ content: Template) -> String {
    "\"" + written(content) { escaped($0) } + "\""
  }

  /// The name without quotes.
  static func plain(_ name: Template) -> String {
    written(name) { String(decoding: $0, as: UTF8.self) }
  }

  private static func written(_ content: Template, _ bytesText: ([UInt8]) -> String) -> String {
    var text = ""
    for (index, part) in content.parts.enumerated() {
      switch part {
      case .bytes(let bytes): text += bytesText(bytes)
      case .variable(let variable):
        var variable = variable
        // In `$xy` it would be another variable.
        if variable.form == .bare, index + 1 < content.parts.count, case .bytes(let next) = content.parts[index + 1],
          next[0].isNameByte
        {
          variable.form = .braces
        }
        text += variable.description
      }
    }
    return text
  }

  private static func escaped(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      let length = byte < 0x80 ? 1 : validLength(at: at, in: bytes[...]) ?? 0
      if bytes[at...].starts(with: replacement) {
        text += Array("\\ufffd".utf8)
      } else if length > 1 {
        text += bytes[at..<at + length]
      } else if byte == UInt8(ascii: "\"") {
        text += [UInt8(ascii: "\\"), byte]
      } else if let simple = simpleEscapes.first(where: { $0.byte == byte }) {
        text += [UInt8(ascii: "\\"), simple.letter]
      } else if length == 0 || byte < 0x20 || byte == 0x7f || Variable.at(at, in: bytes, before: bytes.count) != nil {
        // What looks like a variable is none in a tree: an escape tells them apart.
        text += Array("\\x".utf8) + Array(Lexer.hexadecimal(byte).utf8.suffix(2))
      } else {
        text.append(byte)
      }
      at += max(1, length)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
