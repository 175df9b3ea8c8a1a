internal import MetricModel
internal import PatternSyntax

/// Which fields of a watcher's records have to be numbers: those that feed a metric's value. A field that is only a
/// label, a state or counted may be any text.
struct NumericFields {
  /// A line of `fields:` that is a pattern.
  private struct Entry {
    var pattern: FieldPattern
    /// The labels of its metrics that its captures settle, by capture.
    var labels: [LabelDeclaration?]
    var isNumeric: Bool
  }

  private var exact: [String: Bool] = [:]
  private var entries: [Entry] = []

  init(_ watcher: WatcherDeclaration, _ catalog: CatalogDeclaration) {
    for field in watcher.fields.value ?? [] {
      guard let pattern = field.pattern.pattern else { continue }
      let isNumeric = field.targets.contains { Self.isNumeric($0, catalog) }
      if let name = pattern.literalText {
        exact[name] = isNumeric
        continue
      }
      let used = Set(field.targets.flatMap { catalog.metric($0.metric.value)?.labels.value ?? [] }.map(\.value))
      let labels = pattern.captureNames.map { used.contains($0) ? catalog.label($0) : nil }
      entries.append(Entry(pattern: FieldPattern(pattern), labels: labels, isNumeric: isNumeric))
    }
  }

  /// A field goes to its exact name, else to the first pattern that matches and whose captures are allowed.
  func contains(_ field: String) -> Bool {
    if let isNumeric = exact[field] { return isNumeric }
    let entry = entries.first { entry in
      guard let captures = entry.pattern.match(field) else { return false }
      return zip(captures, entry.labels).allSatisfy { $1?.allows($0) ?? true }
    }
    return entry?.isNumeric ?? false
  }

  private static func isNumeric(_ target: TargetDeclaration, _ catalog: CatalogDeclaration) -> Bool {
    guard target.from.value != .count else { return false }
    return switch catalog.metric(target.metric.value)?.type.value {
    case .counter, .gauge, .histogram, .summary: true
    case .info, .stateset, nil: false
    }
  }
}
