internal import MetricModel
internal import PatternSyntax

/// Which fields of a watcher's records have to be numbers: those that feed a metric's value. A field that is only a
/// label, a state or counted may be any text.
struct NumericFields {
  private let exact: [String: Bool]
  private let patterns: [(pattern: FieldPattern, isNumeric: Bool)]

  init(_ watcher: WatcherDeclaration, _ catalog: CatalogDeclaration) {
    var exact: [String: Bool] = [:]
    var patterns: [(pattern: FieldPattern, isNumeric: Bool)] = []
    for field in watcher.fields.value ?? [] {
      guard let pattern = field.pattern.pattern else { continue }
      let isNumeric = field.targets.contains { target in
        guard target.from.value != .count else { return false }
        switch catalog.metric(target.metric.value)?.type.value {
        case .counter, .gauge, .histogram, .summary: return true
        case .info, .stateset, nil: return false
        }
      }
      if let name = pattern.literalText {
        exact[name] = isNumeric
      } else {
        patterns.append((FieldPattern(pattern), isNumeric))
      }
    }
    self.exact = exact
    self.patterns = patterns
  }

  /// A field goes to its exact name, else to the first pattern that matches.
  func contains(_ field: String) -> Bool {
    exact[field] ?? patterns.first { $0.pattern.match(field) != nil }?.isNumeric ?? false
  }
}
