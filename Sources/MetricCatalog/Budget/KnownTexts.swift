internal import LogFormats
internal import PatternSyntax

/// What a watcher's catalog entry says of the fields of its records: which there are, and which texts some of them have.
struct KnownTexts {
  /// The names of all fields; nil: the log decides.
  private let names: Set<String>?
  /// Fields that have one of these texts wherever they are used.
  private var texts: [String: [String]] = [:]

  init(_ watcher: Watcher) {
    var names: Set<String>?
    if let columns = watcher.format.fieldNames("columns") { names = Set(columns) }
    if let lines = watcher.format.lines("lines") {
      let captured = Set(lines.flatMap { $0.line.captureNames })
      let set = lines.flatMap { $0.set }
      names = captured.union(set.map(\.field))
      for name in Set(set.map(\.field)).subtracting(captured) {
        texts[name] = set.filter { $0.field == name }.map(\.text)
      }
    }
    self.names = names
    for condition in watcher.conditions {
      // A number can be written in many ways.
      guard case .oneOf(let values) = condition.test, values.allSatisfy({ Double($0) == nil }) else { continue }
      let before = texts[condition.field]
      texts[condition.field] = before.map { $0.filter(values.contains) } ?? values
    }
  }

  /// What the captures of a line of `fields:` can be, together. Where the fields are not known it is one that says
  /// nothing.
  func captures(of pattern: FieldPattern, among mappings: [FieldMapping]) -> [[String: String]] {
    let captures = pattern.pattern.captureNames
    guard let names, !captures.isEmpty else { return [[:]] }
    let exact = Set(mappings.compactMap(\.pattern.pattern.literalText))
    return names.subtracting(exact).compactMap { name in
      pattern.match(name).map { Dictionary(zip(captures, $0)) { first, _ in first } }
    }
  }

  /// The texts of the fields that a target's labels name, as far as they are known: each combination.
  func fieldTexts(in target: Target, atMost limit: Int) -> [[String: String]] {
    var combinations: [[String: String]] = [[:]]
    var named: Set<String> = []
    for case .field(let name) in target.labels.compactMap({ $0 }).flatMap(\.parts) where named.insert(name).inserted {
      guard let known = texts[name], combinations.count * known.count <= limit else { continue }
      combinations = combinations.flatMap { combination in
        known.map { text in combination.merging([name: text]) { first, _ in first } }
      }
    }
    return combinations
  }
}
