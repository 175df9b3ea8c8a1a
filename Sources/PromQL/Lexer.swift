/// Cuts a query into tokens. It looks at every byte once, and takes any bytes.
struct Lexer {
  let bytes: [UInt8]
  /// Whether variables of Grafana's are understood.
  let hasVariables: Bool
  /// The next byte to look at.
  private(set) var position = 0
  /// The comments before it, each with its `#`.
  private(set) var comments: [Range<Int>] = []
  /// Whether a duration is read: `:` is then for itself instead of part of a word.
  var isInBrackets = false

  init(_ bytes: [UInt8], hasVariables: Bool) {
    self.bytes = bytes
    self.hasVariables = hasVariables
  }

  /// The next token. Behind the last one, each is `.end`.
  mutating func next() throws(PromQLError) -> Token {
    skipBlanks()
    guard position < bytes.count else { return Token(kind: .end, range: position..<position) }
    let start = position
    let byte = bytes[start]
    if byte.isLetter || byte == UInt8(ascii: "_") || (byte == UInt8(ascii: ":") && !isInBrackets) {
      return word(from: start)
    }
    if byte.isDigit || (byte == UInt8(ascii: ".") && self.byte(1).isDigit) { return try number(from: start) }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
      return try string(from: start)
    }
    if hasVariables, Variable.at(start, in: bytes, before: bytes.count) != nil { return word(from: start) }
    if let (kind, length) = sign() {
      position += length
      return Token(kind: kind, range: start..<position)
    }
    throw unexpected(at: start)
  }

  /// The first byte behind the current token that is no blank, without going on; nil at the end.
  var nextByte: UInt8? {
    bytes[position...].first { !$0.isBlank }
  }

  /// The byte some bytes behind the current one; 0 behind the end.
  private func byte(_ offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        let start = position
        while position < bytes.count, bytes[position] != 0x0a, bytes[position] != 0x0d { position += 1 }
        comments.append(start..<position)
      } else if bytes[position].isBlank {
        position += 1
      } else {
        return
      }
    }
  }

  /// The operator or bracket at the current byte, and its length.
  private func sign() -> (Token.Kind, Int)? {
    let second = byte(1)
    switch bytes[position] {
    case UInt8(ascii: "("): return (.leftParenthesis, 1)
    case UInt8(ascii: ")"): return (.rightParenthesis, 1)
    case UInt8(ascii: "{"): return (.leftBrace, 1)
    case UInt8(ascii: "}"): return (.rightBrace, 1)
    case UInt8(ascii: "["): return (.leftBracket, 1)
    case UInt8(ascii: "]"): return (.rightBracket, 1)
    case UInt8(ascii: ","): return (.comma, 1)
    case UInt8(ascii: ":"): return (.colon, 1)
    case UInt8(ascii: "+"): return (.plus, 1)
    case UInt8(ascii: "-"): return (.minus, 1)
    case UInt8(ascii: "*"): return (.times, 1)
    case UInt8(ascii: "/"): return (.divide, 1)
    case UInt8(ascii: "%"): return (.modulo, 1)
    case UInt8(ascii: "^"): return (.power, 1)
    case UInt8(ascii: "@"): return (.at, 1)
    case UInt8(ascii: "="):
      if second == UInt8(ascii: "=") { return (.equal, 2) }
      return second == UInt8(ascii: "~") ? (.matches, 2) : (.equals, 1)
    case UInt8(ascii: "!"):
      if second == UInt8(ascii: "=") { return (.notEqual, 2) }
      return second == UInt8(ascii: "~") ? (.matchesNot, 2) : nil
    case UInt8(ascii: "<"):
      if second == UInt8(ascii: "=") { return (.lessOrEqual, 2) }
      return second == UInt8(ascii: "/") ? (.trimUpper, 2) : (.less, 1)
    case UInt8(ascii: ">"):
      if second == UInt8(ascii: "=") { return (.greaterOrEqual, 2) }
      return second == UInt8(ascii: "/") ? (.trimLower, 2) : (.greater, 1)
    default: return nil
    }
  }

  /// A word, with the variables that touch it.
  private mutating func word(from start: Int) -> Token {
    var kind = Token.Kind.word
    while position < bytes.count {
      let byte = bytes[position]
      if byte.isNameByte || (byte == UInt8(ascii: ":") && !isInBrackets) {
        position += 1
      } else if hasVariables, let variable = Variable.at(position, in: bytes, before: bytes.count) {
        kind = .template
        position = variable.place.range.upperBound
      } else {
        break
      }
    }
    let range = start..<position
    guard kind == .word, range.count <= Keyword.longest else { return Token(kind: kind, range: range) }
    let lower = String(decoding: bytes[range].lazy.map { $0.isLetter ? $0 | 0x20 : $0 }, as: UTF8.self)
    return Token(kind: kind, range: range, keyword: Keyword(rawValue: lower))
  }

  /// A number or duration, with the variables that touch it.
  private mutating func number(from start: Int) throws(PromQLError) -> Token {
    while position < bytes.count {
      let byte = bytes[position]
      if byte.isNameByte || byte == UInt8(ascii: ".") {
        position += 1
      } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"), isExponent(from: start) {
        position += 1
      } else if hasVariables, Variable.at(position, in: bytes, before: bytes.count) != nil {
        return word(from: start)
      } else {
        break
      }
    }
    let range = start..<position
    if NumberText.value(bytes[range]) != nil { return Token(kind: .number, range: range) }
    if NumberText.seconds(bytes[range]) != nil { return Token(kind: .duration, range: range) }
    throw PromQLError(NumberText.fault(of: bytes[range]), at: range)
  }

  /// Whether a sign at the current byte is that of an exponent, as in `1e-3`.
  private func isExponent(from start: Int) -> Bool {
    guard position > start + 1, bytes[position - 1] | 0x20 == UInt8(ascii: "e"), byte(1).isDigit else { return false }
    return bytes[start..<position - 1].allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
  }

  private mutating func string(from start: Int) throws(PromQLError) -> Token {
    let quote = bytes[start]
    let isRaw = quote == UInt8(ascii: "`")
    position += 1
    while position < bytes.count, bytes[position] != quote {
      if !isRaw, bytes[position] == 0x0a { break }
      position += !isRaw && bytes[position] == UInt8(ascii: "\\") && position + 1 < bytes.count ? 2 : 1
    }
    guard position < bytes.count, bytes[position] == quote else {
      throw PromQLError(
        "the string is not closed: \(Self.described(quote)) is missing"
          + (position < bytes.count ? " before the end of the line" : ""),
        at: start..<start + 1
      )
    }
    position += 1
    return Token(kind: .string, range: start..<position)
  }

  private func unexpected(at start: Int) -> PromQLError {
    let range = start..<start + 1
    switch bytes[start] {
    case UInt8(ascii: "!"):
      return PromQLError("`!` is no operator: expected `!=` or, in braces, `!~`", at: range)
    case UInt8(ascii: "$"):
      let hint = hasVariables ? "a variable is `$x` or `${x}`" : "variables only stand in queries of dashboards"
      return PromQLError("unexpected `$`: \(hint)", at: range)
    case 0x80...:
      let character = String(decoding: bytes[start..<min(start + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
      guard let character, character != "\u{fffd}" else {
        return PromQLError("the byte \(Self.hexadecimal(bytes[start])) is no UTF-8", at: range)
      }
      let range = start..<start + character.utf8.count
      guard character.isVisible else {
        return PromQLError("unexpected character \(character.codePoint), which is not shown", at: range)
      }
      return PromQLError(
        "unexpected `\(character)`: a name with it stands in braces and quotes, as in `{\"\(character)\"}`",
        at: range
      )
    default: return PromQLError("unexpected \(Self.described(bytes[start]))", at: range)
    }
  }

  /// A byte as messages show it.
  static func described(_ byte: UInt8) -> String {
    byte == UInt8(ascii: "`")
      ? "a backtick"
      : byte > 0x20 && byte < 0x7f ? "`\(Character(Unicode.Scalar(byte)))`" : "the byte \(hexadecimal(byte))"
  }

  static func hexadecimal(_ byte: UInt8) -> String {
    "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
