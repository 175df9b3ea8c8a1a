internal import Diagnostics
internal import YAMLSyntax

/// Reads JSON as nodes with their places, as YAML is read. It takes what RFC 8259 has, and says where it is something
/// else. YAML's own reader would refuse some of it: tabs, and characters written as two escapes.
struct JSONNodes {
  private static let depthMax = 128

  /// What is not JSON, and where.
  struct Mistake: Error {
    var message: String
    var range: SourceRange
  }

  private let bytes: [UInt8]
  private var at = 0

  static func read(_ source: SourceFile) throws(Mistake) -> YAMLNode {
    var reader = JSONNodes(bytes: source.bytes)
    if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
    let node = try reader.value(depth: 0)
    reader.skipBlanks()
    guard reader.at == reader.bytes.count else { throw reader.mistake("something stands behind the end of the JSON") }
    return node
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func mistake(_ message: String) -> Mistake {
    Mistake(message: message, range: SourceRange(at, min(at + 1, bytes.count)))
  }

  private mutating func skipBlanks() {
    while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func value(depth: Int) throws(Mistake) -> YAMLNode {
    skipBlanks()
    guard depth < Self.depthMax else { throw mistake("it is nested more than \(Self.depthMax) levels deep") }
    let start = at
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["):
      at += 1
      var nodes: [YAMLNode] = []
      try list(until: UInt8(ascii: "]")) { (reader) throws(Mistake) in
        nodes.append(try reader.value(depth: depth + 1))
      }
      return YAMLNode(content: .sequence(nodes), range: SourceRange(start, at))
    case UInt8(ascii: "\""):
      let scalar = try string()
      return YAMLNode(content: .scalar(scalar), range: scalar.range)
    default:
      while let byte = next, byte.isPartOfWord { at += 1 }
      let range = SourceRange(start, at)
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      let scalar = YAMLScalar(text: text, style: .plain, range: range, textStart: start)
      guard ["true", "false", "null"].contains(text) || Self.isNumber(bytes[start..<at]) else {
        at = start
        throw mistake(start < bytes.count ? "a JSON value was expected here" : "the JSON ends too early")
      }
      return YAMLNode(content: .scalar(scalar), range: range)
    }
  }

  private mutating func object(_ depth: Int) throws(Mistake) -> YAMLNode {
    let start = at
    at += 1
    var entries: [YAMLMapping.Entry] = []
    try list(until: UInt8(ascii: "}")) { (reader) throws(Mistake) in
      reader.skipBlanks()
      guard reader.next == UInt8(ascii: "\"") else { throw reader.mistake("a name in quotes was expected here") }
      let key = try reader.string()
      reader.skipBlanks()
      guard reader.next == UInt8(ascii: ":") else { throw reader.mistake("`:` was expected here") }
      reader.at += 1
      entries.append(.init(key: key, value: try reader.value(depth: depth + 1)))
    }
    let mapping = YAMLMapping(entries: entries, isPartial: false, isFlow: true)
    return YAMLNode(content: .mapping(mapping), range: SourceRange(start, at))
  }

  private mutating func list(
    until end: UInt8,
    _ element: (inout JSONNodes) throws(Mistake) -> Void
  ) throws(Mistake) {
    skipBlanks()
    if next == end {
      at += 1
      return
    }
    while true {
      try element(&self)
      skipBlanks()
      guard next == UInt8(ascii: ",") || next == end else {
        let sign = String(decoding: [end], as: UTF8.self)
        throw mistake(at < bytes.count ? "`,` or `\(sign)` was expected here" : "the JSON ends too early")
      }
      at += 1
      if bytes[at - 1] == end { return }
    }
  }

  private mutating func string() throws(Mistake) -> YAMLScalar {
    let start = at
    at += 1
    var text: [UInt8] = []
    var isVerbatim = true
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw mistake("a text does not reach over the end of its line") }
      if byte == UInt8(ascii: "\\") {
        isVerbatim = false
        text += Array(String(Character(try escape())).utf8)
      } else {
        text.append(byte)
        at += 1
      }
    }
    guard at < bytes.count else { throw mistake("the JSON ends within a text") }
    at += 1
    guard let valid = String(validating: text, as: UTF8.self) else {
      at = start
      throw mistake("this text is no UTF-8")
    }
    let place = isVerbatim ? start + 1 : nil
    return YAMLScalar(text: valid, style: .quoted, range: SourceRange(start, at), textStart: place)
  }

  private mutating func escape() throws(Mistake) -> Unicode.Scalar {
    let byte = at + 1 < bytes.count ? bytes[at + 1] : 0
    if let scalar = Self.simpleEscapes[byte] {
      at += 2
      return scalar
    }
    guard byte == UInt8(ascii: "u"), let unit = fourDigits(at + 2) else { throw mistake("this is no escape of JSON") }
    let lowStart = at + 6
    if (0xD800..<0xDC00).contains(unit), lowStart + 1 < bytes.count, bytes[lowStart] == UInt8(ascii: "\\"),
      bytes[lowStart + 1] == UInt8(ascii: "u"), let low = fourDigits(lowStart + 2), (0xDC00..<0xE000).contains(low)
    {
      at += 12
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }
    guard let scalar = Unicode.Scalar(unit) else { throw mistake("this is half a character") }
    at += 6
    return scalar
  }

  private static let simpleEscapes: [UInt8: Unicode.Scalar] = [
    0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
  ]

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`
  private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    func takes(_ signs: String) -> Bool {
      guard let first = rest.first, signs.utf8.contains(first) else { return false }
      rest.removeFirst()
      return true
    }
    func digits() -> Bool {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest.removeFirst(count)
      return count > 0
    }
    _ = takes("-")
    guard takes("0") || digits() else { return false }
    if takes("."), !digits() { return false }
    guard takes("eE") else { return rest.isEmpty }
    _ = takes("+-")
    return digits() && rest.isEmpty
  }

  private func fourDigits(_ start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    let digits = bytes[start..<start + 4]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}

extension UInt8 {
  fileprivate var isPartOfWord: Bool {
    (0x30...0x39).contains(self) || (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self)
      || self == UInt8(ascii: "+") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
  }
}
