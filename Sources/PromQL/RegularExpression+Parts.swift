/// Groups, classes and escapes.
extension RegularExpression {
  /// Reads what is behind the `(` of a group.
  mutating func open() throws(Fault) {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "?") else { return try deepen() }
    let rest = bytes[(at + 1)...]
    if rest.starts(with: "P<".utf8) || rest.starts(with: "<".utf8), !rest.starts(with: "<=".utf8),
      !rest.starts(with: "<!".utf8)
    {
      let start = at + (rest.starts(with: "P".utf8) ? 3 : 2)
      let name = bytes[start...].prefix(while: \.isNameByte)
      guard !name.isEmpty, name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: ">") else {
        throw Fault(message: "the name of a group is not one of letters, digits and `_`")
      }
      at = name.endIndex + 1
      return try deepen()
    }
    var index = at + 1
    var isNegated = false
    var hasFlag = false
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "i"), UInt8(ascii: "m"), UInt8(ascii: "s"), UInt8(ascii: "U"): hasFlag = true
      case UInt8(ascii: "-") where !isNegated:
        isNegated = true
        hasFlag = false
      case UInt8(ascii: ":") where hasFlag || !isNegated:
        at = index
        return try deepen()
      case UInt8(ascii: ")") where hasFlag || !isNegated:
        at = index
        // Go then takes a repetition of a repetition, as in `a*(?i)*`.
        levels[levels.count - 1].isRepeated = false
        return
      default: throw unknownGroup()
      }
    }
    throw unknownGroup()
  }

  private func unknownGroup() -> Fault {
    let shown = bytes[(at - 1)...].prefix(4).filter { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "`") }
    let text = String(decoding: shown, as: UTF8.self)
    return Fault(message: "`\(text)` begins no group that RE2 knows: it cannot look ahead or behind")
  }

  private mutating func deepen() throws(Fault) {
    guard levels.count <= Self.depthMax else {
      throw Fault(message: "more than \(Self.depthMax) groups lie in each other")
    }
    levels.append(Level())
  }

  mutating func escape() throws(Fault) {
    guard at < bytes.count else { throw Fault(message: "nothing follows the last backslash") }
    let byte = bytes[at]
    switch byte {
    case UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "B"):
      at += 1
      add(matchesEmpty: true)
    case UInt8(ascii: "b"):
      at += 1
      // No word begins or ends in nothing.
      add(matchesEmpty: false)
    case UInt8(ascii: "Q"): quoted()
    default:
      _ = try character()
      add(matchesEmpty: false)
    }
  }

  /// Skips `\Q…\E`, whose bytes stand for themselves.
  private mutating func quoted() {
    at += 1
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "E") {
        at += 2
        return
      }
      if bytes[at] & 0xc0 != 0x80 { add(matchesEmpty: false) }
      at += 1
    }
  }

  /// Reads an escape behind its backslash.
  ///
  /// - Returns: its character; nil if it stands for several, as `\d` does.
  private mutating func character() throws(Fault) -> UInt32? {
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "s"), UInt8(ascii: "S"), UInt8(ascii: "w"),
      UInt8(ascii: "W"):
      return nil
    case UInt8(ascii: "p"), UInt8(ascii: "P"):
      try skipUnicodeClass()
      return nil
    case UInt8(ascii: "x"): return try hexadecimal()
    case UInt8(ascii: "0"): return octal(UInt32(byte - UInt8(ascii: "0")))
    case UInt8(ascii: "1")...UInt8(ascii: "7"):
      guard at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "7") else {
        throw Fault(message: "`\\\(Character(Unicode.Scalar(byte)))` refers to a group, which RE2 cannot")
      }
      return octal(UInt32(byte - UInt8(ascii: "0")))
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "f"): return 0x0c
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "v"): return 0x0b
    default:
      guard byte < 0x80, !byte.isLetter, !byte.isDigit else {
        let shown = byte < 0x80 ? "`\\\(Character(Unicode.Scalar(byte)))`" : "a backslash before this character"
        throw Fault(message: "RE2 does not know \(shown)")
      }
      return UInt32(byte)
    }
  }

  /// Up to two more octal digits.
  private mutating func octal(_ first: UInt32) -> UInt32 {
    var value = first
    for _ in 0..<2 {
      guard at < bytes.count, let digit = bytes[at].hexadecimal, digit < 8 else { break }
      value = value * 8 + digit
      at += 1
    }
    return value
  }

  private mutating func hexadecimal() throws(Fault) -> UInt32 {
    let isBraced = at < bytes.count && bytes[at] == UInt8(ascii: "{")
    if isBraced { at += 1 }
    var value: UInt32 = 0
    var count = 0
    while at < bytes.count, isBraced || count < 2, let digit = bytes[at].hexadecimal {
      guard value <= 0x10_ffff else { break }
      value = value * 16 + digit
      count += 1
      at += 1
    }
    guard isBraced ? count > 0 && at < bytes.count && bytes[at] == UInt8(ascii: "}") : count == 2, value <= 0x10_ffff
    else { throw Fault(message: "`\\x` is not followed by two hexadecimal digits, or by a character's in braces") }
    if isBraced { at += 1 }
    return value
  }

  private mutating func skipUnicodeClass() throws(Fault) {
    guard at < bytes.count else { throw Fault(message: "nothing follows `\\p`") }
    guard bytes[at] == UInt8(ascii: "{") else {
      guard "CLMNPSZ".utf8.contains(bytes[at]) else { throw Fault(message: "`\\p` names no class of Unicode") }
      at += 1
      return
    }
    var name = bytes[(at + 1)...].prefix { $0 != UInt8(ascii: "}") }
    guard name.endIndex < bytes.count else { throw Fault(message: "`}` is missing behind `\\p{`") }
    at = name.endIndex + 1
    if name.first == UInt8(ascii: "^") { name.removeFirst() }
    guard !name.isEmpty, name.allSatisfy({ $0.isNameByte }) else {
      throw Fault(message: "`\\p{…}` names no class of Unicode")
    }
  }

  /// Reads a class behind its `[`.
  mutating func skipClass() throws(Fault) {
    let missing = Fault(message: "`]` is missing at the end of a class")
    if at < bytes.count, bytes[at] == UInt8(ascii: "^") { at += 1 }
    var isFirst = true
    while true {
      guard at < bytes.count else { throw missing }
      if bytes[at] == UInt8(ascii: "]"), !isFirst {
        at += 1
        return
      }
      isFirst = false
      if try skipNamedClass() { continue }
      guard let low = try classCharacter() else { continue }
      guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "-"), bytes[at + 1] != UInt8(ascii: "]") else { continue }
      at += 1
      guard let high = try classCharacter() else {
        throw Fault(message: "a range of characters ends with a class, such as `a-\\d`")
      }
      guard low <= high else { throw Fault(message: "a range of characters is turned round, such as `z-a`") }
    }
  }

  /// Skips `[:alpha:]` or the like.
  private mutating func skipNamedClass() throws(Fault) -> Bool {
    guard bytes[at] == UInt8(ascii: "["), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ":") else { return false }
    let rest = bytes[(at + 2)...]
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count,
      bytes[colon + 1] == UInt8(ascii: "]")
    else { return false }
    var name = rest[..<colon]
    if name.first == UInt8(ascii: "^") { name.removeFirst() }
    guard Self.classNames.contains(String(decoding: name, as: UTF8.self)) else {
      throw Fault(message: "`[:…:]` names no class that RE2 knows")
    }
    at = colon + 2
    return true
  }

  private static let classNames: Set = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
  ]

  /// Reads one character of a class, which may be escaped; nil if it stands for several.
  private mutating func classCharacter() throws(Fault) -> UInt32? {
    let byte = bytes[at]
    if byte == UInt8(ascii: "\\") {
      at += 1
      guard at < bytes.count else { throw Fault(message: "nothing follows the last backslash") }
      return try character()
    }
    let length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    let end = min(at + length, bytes.count)
    defer { at = end }
    return String(decoding: bytes[at..<end], as: UTF8.self).unicodeScalars.first?.value
  }
}
