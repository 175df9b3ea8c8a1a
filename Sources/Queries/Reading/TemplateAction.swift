/// What stands between `{{` and `}}` in the texts of alerts, cut into pieces as the templates of Go are.
///
/// <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>
struct TemplateAction {
  /// A piece of an action.
  enum Piece: Equatable {
    /// A name with points and dollars: `query`, `.Labels.run`, `$labels.run`.
    case word(String)
    /// A string: the range of its content. `isRaw`: it stands in backticks, without escapes.
    case string(Range<Int>, isRaw: Bool)
    case sign(UInt8)
  }

  private(set) var pieces: [(piece: Piece, range: Range<Int>)] = []

  /// All actions of a text, without those that are comments.
  static func all(in bytes: [UInt8]) -> [TemplateAction] {
    var actions: [TemplateAction] = []
    var at = 0
    while at + 1 < bytes.count {
      guard bytes[at] == UInt8(ascii: "{"), bytes[at + 1] == UInt8(ascii: "{") else {
        at += 1
        continue
      }
      at += 2
      var action = TemplateAction()
      if action.read(bytes, from: &at) { actions.append(action) }
    }
    return actions
  }

  /// - Returns: whether the action has an end.
  private mutating func read(_ bytes: [UInt8], from at: inout Int) -> Bool {
    while at < bytes.count {
      let start = at
      switch bytes[at] {
      case UInt8(ascii: "}") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "}"):
        at += 2
        return true
      case UInt8(ascii: "/") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "*"):
        at += 2
        while at + 1 < bytes.count, bytes[at] != UInt8(ascii: "*") || bytes[at + 1] != UInt8(ascii: "/") { at += 1 }
        at += 2
      case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"):
        let quote = bytes[at]
        let isRaw = quote == UInt8(ascii: "`")
        at += 1
        while at < bytes.count, bytes[at] != quote, isRaw || bytes[at] != 0x0A {
          at += !isRaw && bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard at < bytes.count, bytes[at] == quote else { return false }
        at += 1
        // What stands in single quotes is a character.
        if quote != UInt8(ascii: "'") {
          pieces.append((.string(start + 1..<at - 1, isRaw: isRaw), start..<at))
        }
      case let byte where byte.isOfWord:
        while at < bytes.count, bytes[at].isOfWord { at += 1 }
        pieces.append((.word(String(decoding: bytes[start..<at], as: UTF8.self)), start..<at))
      default:
        if bytes[at] > 0x20 { pieces.append((.sign(bytes[at]), at..<at + 1)) }
        at += 1
      }
    }
    return false
  }

  /// The queries that the action makes: of `query "…"` and `"…" | query`, where the text is written out.
  var queries: [(content: Range<Int>, isRaw: Bool)] {
    pieces.indices.compactMap { index in
      guard pieces[index].piece == .word("query") else { return nil }
      if index + 1 < pieces.count, case .string(let content, let isRaw) = pieces[index + 1].piece {
        return (content, isRaw)
      }
      guard index > 1, pieces[index - 1].piece == .sign(UInt8(ascii: "|")),
        case .string(let content, let isRaw) = pieces[index - 2].piece, beginsPipeline(index - 2)
      else { return nil }
      return (content, isRaw)
    }
  }

  /// Whether a piece is the first of what is handed on, and not the argument of a function.
  private func beginsPipeline(_ index: Int) -> Bool {
    guard index > 0 else { return true }
    switch pieces[index - 1].piece {
    case .word(let word): return ["else", "if", "range", "with"].contains(word)
    case .sign(let sign): return sign != UInt8(ascii: ")")
    case .string: return false
    }
  }

  /// The content of a string in double quotes, with its escapes replaced.
  ///
  /// - Returns: where each of its bytes begins in the text, too, and where the last one ends; nil for escapes that stand
  ///   for characters by their number.
  static func unescaped(_ content: Range<Int>, of bytes: [UInt8]) -> (bytes: [UInt8], offsets: [Int])? {
    var result: [UInt8] = []
    var offsets: [Int] = []
    var at = content.lowerBound
    while at < content.upperBound {
      offsets.append(at)
      guard bytes[at] == UInt8(ascii: "\\") else {
        result.append(bytes[at])
        at += 1
        continue
      }
      guard at + 1 < content.upperBound, let byte = escapes[bytes[at + 1]] else { return nil }
      result.append(byte)
      at += 2
    }
    return (result, offsets + [content.upperBound])
  }

  private static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x27: 0x27, 0x5C: 0x5C, 0x61: 0x07, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
    0x76: 0x0B,
  ]
}

extension UInt8 {
  /// Whether it stands in names of labels.
  var isOfLabel: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
  }

  fileprivate var isOfWord: Bool {
    isOfLabel || self == UInt8(ascii: "$") || self == UInt8(ascii: ".") || self >= 0x80
  }
}
