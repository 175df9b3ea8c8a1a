/// A name or the content of a string: bytes, and variables of Grafana's between them.
///
/// Without variables it is one run of bytes, or none if it is empty. They are bytes because a string may hold any:
/// `"\xff"` is no UTF-8.
package struct Template: Hashable, Sendable {
  package enum Part: Hashable, Sendable {
    /// Bytes, at least one. Escapes of a string are decoded. Two of these never follow each other.
    case bytes([UInt8])
    case variable(Variable)
  }

  package private(set) var parts: [Part] = []

  package init() {}

  package init(_ text: String) {
    append(Array(text.utf8))
  }

  /// Whether there is neither a byte nor a variable.
  package var isEmpty: Bool { parts.isEmpty }

  /// Whether the text is only known once a dashboard has replaced its variables.
  package var hasVariables: Bool {
    parts.contains { if case .variable = $0 { true } else { false } }
  }

  /// The variables, in order.
  package var variables: [Variable] {
    parts.compactMap { if case .variable(let variable) = $0 { variable } else { nil } }
  }

  /// The one variable that is the whole text.
  package var variable: Variable? {
    if parts.count == 1, case .variable(let variable) = parts[0] { variable } else { nil }
  }

  /// The text, if it has no variables. What is no UTF-8 is replaced by U+FFFD.
  package var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  /// The string with this content, in double quotes.
  package var quoted: String { StringText.quoted(self) }

  /// The bytes, if there are no variables.
  package var bytes: [UInt8]? {
    if parts.isEmpty { return [] }
    if parts.count == 1, case .bytes(let bytes) = parts[0] { return bytes }
    return nil
  }

  /// Whether a word with variables is a metric's name whatever they stand for, as `${metric}_total` is. `$x`, `0.$x` and
  /// `${x}m` may be numbers, durations or expressions.
  var isNameWithVariables: Bool {
    guard hasVariables else { return false }
    if case .bytes(let first) = parts[0], first[0].isDigit || first[0] == UInt8(ascii: ".") { return false }
    return parts.contains { part in
      guard case .bytes(let bytes) = part else { return false }
      return !bytes.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") || "ywdhmse".utf8.contains($0) }
    }
  }

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if case .bytes(let before) = parts.last {
      parts[parts.count - 1] = .bytes(before + bytes)
    } else {
      parts.append(.bytes(bytes))
    }
  }

  mutating func append(_ variable: Variable) {
    parts.append(.variable(variable))
  }
}
