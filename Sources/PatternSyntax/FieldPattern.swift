/// A pattern that a whole field name has to match; a capture takes any characters, at least one, as few as it can.
public struct FieldPattern: Sendable, Hashable {
  public let pattern: Pattern

  public init(_ pattern: Pattern) {
    self.pattern = pattern
  }

  /// What the captures took from `name`, in the order of `pattern.captureNames`; nil where it does not match.
  public func match(_ name: String) -> [String]? {
    let bytes = Array(name.utf8)
    var taken: [Range<Int>] = []
    guard match(bytes, at: 0, part: 0, taken: &taken) else { return nil }
    return zip(namedParts, taken).compactMap { isNamed, range in
      isNamed ? String(decoding: bytes[range], as: UTF8.self) : nil
    }
  }

  private var namedParts: [Bool] {
    pattern.parts.compactMap { $0.captureName.map { $0 != "_" } }
  }

  private func match(_ bytes: [UInt8], at start: Int, part index: Int, taken: inout [Range<Int>]) -> Bool {
    guard index < pattern.parts.count else { return start == bytes.count }
    switch pattern.parts[index] {
    case .literal(let text), .field(let text):
      let literal = text.utf8
      guard bytes[start...].starts(with: literal) else { return false }
      return match(bytes, at: start + literal.count, part: index + 1, taken: &taken)
    case .capture, .deepCapture:
      guard start < bytes.count else { return false }
      for end in start + 1...bytes.count {
        taken.append(start..<end)
        if match(bytes, at: end, part: index + 1, taken: &taken) { return true }
        taken.removeLast()
      }
      return false
    }
  }
}
