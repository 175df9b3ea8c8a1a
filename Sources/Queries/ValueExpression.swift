/// A regular expression as matchers have it, matched against whole label values. It knows the common part of RE2's
/// syntax; an expression with anything else is not judged.
///
/// No expression takes long: for one that would, each value counts as matching.
struct ValueExpression {
  private indirect enum Node {
    case empty
    case one(@Sendable (Unicode.Scalar) -> Bool)
    case sequence([Node])
    case either([Node])
    case repeated(Node, Int, Int?)
  }

  private static let depthMax = 50
  private static let repetitionsMax = 100
  /// The most parts of the expression that are tried for one value.
  private static let stepsMax = 20_000

  private var root = Node.empty
  private var scalars: [Unicode.Scalar]
  private var at = 0

  init?(_ text: String) {
    scalars = Array(text.unicodeScalars)
    guard let node = either(0), at == scalars.count else { return nil }
    root = node
  }

  /// Whether the whole value matches. An expression that takes too long to try counts as one that does.
  func matches(_ value: String) -> Bool {
    let value = Array(value.unicodeScalars)
    var steps = 0
    guard let ends = Self.ends(root, [0], value, &steps) else { return true }
    return ends.contains(value.count)
  }

  /// Where a node's match may end, by where it may begin; nil if that takes too long.
  private static func ends(
    _ node: Node,
    _ starts: Set<Int>,
    _ value: [Unicode.Scalar],
    _ steps: inout Int
  ) -> Set<Int>? {
    steps += 1
    guard steps < stepsMax else { return nil }
    if starts.isEmpty { return starts }
    switch node {
    case .empty: return starts
    case .one(let accepts): return Set(starts.filter { $0 < value.count && accepts(value[$0]) }.map { $0 + 1 })
    case .sequence(let nodes):
      var now = starts
      for node in nodes {
        guard let next = ends(node, now, value, &steps) else { return nil }
        now = next
      }
      return now
    case .either(let nodes):
      var all: Set<Int> = []
      for node in nodes {
        guard let some = ends(node, starts, value, &steps) else { return nil }
        all.formUnion(some)
      }
      return all
    case .repeated(let inner, let least, let most):
      var now = starts
      for _ in 0..<least {
        guard let next = ends(inner, now, value, &steps) else { return nil }
        now = next
      }
      var all = now
      var rounds = least
      while !now.isEmpty, most.map({ rounds < $0 }) ?? true {
        guard let next = ends(inner, now, value, &steps) else { return nil }
        now = next.subtracting(all)
        all.formUnion(now)
        rounds += 1
      }
      return all
    }
  }

  private var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  private mutating func either(_ depth: Int) -> Node? {
    guard depth < Self.depthMax else { return nil }
    var nodes: [Node] = []
    while true {
      var parts: [Node] = []
      while let scalar = next, scalar != "|", scalar != ")" {
        guard let part = repeated(depth) else { return nil }
        parts.append(part)
      }
      nodes.append(.sequence(parts))
      guard next == "|" else { return nodes.count == 1 ? nodes[0] : .either(nodes) }
      at += 1
    }
  }

  private mutating func repeated(_ depth: Int) -> Node? {
    guard let inner = single(depth) else { return nil }
    var result = inner
    switch next {
    case "*": result = .repeated(inner, 0, nil)
    case "+": result = .repeated(inner, 1, nil)
    case "?": result = .repeated(inner, 0, 1)
    case "{":
      guard let end = scalars[at...].firstIndex(of: "}") else { return nil }
      let text = String(String.UnicodeScalarView(scalars[at + 1..<end]))
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count <= 2, let least = Int(parts[0]), (0...Self.repetitionsMax).contains(least) else { return nil }
      var most: Int? = least
      if parts.count == 2 { most = parts[1].isEmpty ? nil : Int(parts[1]) ?? -1 }
      if let most, !(least...Self.repetitionsMax).contains(most) { return nil }
      result = .repeated(inner, least, most)
      at = end
    default: return inner
    }
    at += 1
    if next == "?" { at += 1 }
    return result
  }

  private mutating func single(_ depth: Int) -> Node? {
    guard let scalar = next else { return nil }
    at += 1
    switch scalar {
    case "(":
      if next == "?" {
        guard at + 1 < scalars.count, scalars[at + 1] == ":" else { return nil }
        at += 2
      }
      guard let inner = either(depth + 1), next == ")" else { return nil }
      at += 1
      return inner
    // Prometheus lets it match the end of a line too.
    case ".": return .one { _ in true }
    case "^" where at == 1: return .empty
    case "$" where at == scalars.count: return .empty
    case "\\": return escape().map(Node.one)
    case "[": return characters().map(Node.one)
    case "*", "+", "?", "{", "}", ")", "^", "$": return nil
    default: return .one { $0 == scalar }
    }
  }

  private mutating func escape() -> (@Sendable (Unicode.Scalar) -> Bool)? {
    guard let scalar = next else { return nil }
    at += 1
    switch scalar {
    case "d": return { ("0"..."9").contains($0) }
    case "D": return { !("0"..."9").contains($0) }
    case "w": return { Self.isWord($0) }
    case "W": return { !Self.isWord($0) }
    case "s": return { ["\t", "\n", "\u{C}", "\r", " "].contains($0) }
    case "S": return { !["\t", "\n", "\u{C}", "\r", " "].contains($0) }
    default:
      guard !Self.isWord(scalar), scalar.isASCII else { return nil }
      return { $0 == scalar }
    }
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }

  private mutating func characters() -> (@Sendable (Unicode.Scalar) -> Bool)? {
    var isNegated = false
    if next == "^" {
      isNegated = true
      at += 1
    }
    var parts: [@Sendable (Unicode.Scalar) -> Bool] = []
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      at += 1
      if scalar == "[" { return nil }
      if scalar == "\\" {
        guard let part = escape() else { return nil }
        parts.append(part)
      } else if next == "-", at + 1 < scalars.count, scalars[at + 1] != "]" {
        let last = scalars[at + 1]
        guard last != "\\", last >= scalar else { return nil }
        at += 2
        parts.append { (scalar...last).contains($0) }
      } else {
        parts.append { $0 == scalar }
      }
    }
    guard next == "]" else { return nil }
    at += 1
    let accepted = parts
    let turned = isNegated
    return { scalar in accepted.contains { $0(scalar) } != turned }
  }
}
