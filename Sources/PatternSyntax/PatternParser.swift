/// Cuts a pattern's source into parts. Pure; reports the first mistake with its range.
enum PatternParser {
  static func parse(_ source: String, allowsAdjacentCaptures: Bool) throws(Pattern.Mistake) -> [Pattern.Part] {
    let bytes = Array(source.utf8)
    var parts: [Pattern.Part] = []
    var literal: [UInt8] = []
    var names: Set<String> = []
    var index = 0

    while index < bytes.count {
      let byte = bytes[index]
      let isDoubled = index + 1 < bytes.count && bytes[index + 1] == byte
      switch byte {
      case UInt8(ascii: "{") where isDoubled, UInt8(ascii: "}") where isDoubled:
        literal.append(byte)
        index += 2
      case UInt8(ascii: "}"):
        throw Pattern.Mistake(kind: .strayBrace, range: index..<index + 1)
      case UInt8(ascii: "{"):
        if !literal.isEmpty {
          parts.append(.literal(String(decoding: literal, as: UTF8.self)))
          literal.removeAll()
        }
        guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
          throw Pattern.Mistake(kind: .unclosedCapture, range: index..<bytes.count)
        }
        let range = index..<close + 1
        let part = try capture(named: String(decoding: bytes[index + 1..<close], as: UTF8.self), range: range)
        if let name = part.captureName {
          if name != "_", !names.insert(name).inserted {
            throw Pattern.Mistake(kind: .duplicateCapture(name), range: range)
          }
          if !allowsAdjacentCaptures, let before = parts.last?.captureName {
            throw Pattern.Mistake(kind: .adjacentCaptures(before, name), range: range)
          }
        }
        parts.append(part)
        index = close + 1
      default:
        literal.append(byte)
        index += 1
      }
    }
    if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
    return parts
  }

  private static func capture(named text: String, range: Range<Int>) throws(Pattern.Mistake) -> Pattern.Part {
    if text.hasPrefix("."), text.utf8.count > 1 { return .field(String(text.dropFirst())) }
    if text.hasSuffix("**"), isName(text.dropLast(2)) { return .deepCapture(String(text.dropLast(2))) }
    if isName(text[...]) { return .capture(text) }
    throw Pattern.Mistake(kind: .badCaptureName(text), range: range)
  }

  /// `[a-zA-Z_][a-zA-Z0-9_]*`, the form of a label name.
  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}

extension Pattern.Part {
  /// The name of a capture, `_` included; nil for a literal and a field.
  var captureName: String? {
    switch self {
    case .capture(let name), .deepCapture(let name): name
    case .literal, .field: nil
    }
  }
}
