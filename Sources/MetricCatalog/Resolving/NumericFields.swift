internal import MetricModel
internal import PatternSyntax

/// Which fields of a watcher's records have to be numbers: those that feed a metric's value. A field that is only a
/// label, a state or counted may be any text.
struct NumericFields {
  enum Form {
    case anything
    case number
    /// All that the field feeds is in seconds, as it comes.
    case numberOrDuration
  }

  /// A line of `fields:` that is a pattern.
  private struct Entry {
    var pattern: FieldPattern
    /// The labels of its metrics that its captures settle, by capture.
    var labels: [LabelDeclaration?]
    var form: Form
  }

  private var exact: [String: Form] = [:]
  private var entries: [Entry] = []

  init(_ watcher: WatcherDeclaration, _ catalog: CatalogDeclaration) {
    for field in watcher.fields.value ?? [] {
      guard let pattern = field.pattern.pattern else { continue }
      let form = Self.form(of: field.targets, catalog)
      if let name = pattern.literalText {
        exact[name] = form
        continue
      }
      let used = Set(field.targets.flatMap { catalog.metric($0.metric.value)?.labels.value ?? [] }.map(\.value))
      let labels = pattern.captureNames.map { used.contains($0) ? catalog.label($0) : nil }
      entries.append(Entry(pattern: FieldPattern(pattern), labels: labels, form: form))
    }
  }

  /// A field goes to its exact name, else to the first pattern that matches and whose captures are allowed.
  subscript(field: String) -> Form {
    if let form = exact[field] { return form }
    let entry = entries.first { entry in
      guard let captures = entry.pattern.match(field) else { return false }
      return zip(captures, entry.labels).allSatisfy { $1?.allows($0) ?? true }
    }
    return entry?.form ?? .anything
  }

  private static func form(of targets: [TargetDeclaration], _ catalog: CatalogDeclaration) -> Form {
    let numeric = targets.compactMap { target -> (target: TargetDeclaration, metric: MetricDeclaration)? in
      guard target.from.value?.ignoresValue != true, let metric = catalog.metric(target.metric.value),
        metric.type.value?.isNumeric ?? false
      else { return nil }
      return (target, metric)
    }
    if numeric.isEmpty { return .anything }
    let areAllInSeconds = numeric.allSatisfy { target, metric in
      guard let type = metric.type.value, target.scale.value?.value ?? 1 == 1, !target.pattern.isGiven,
        !(target.scale.value?.isReciprocal ?? false)
      else { return false }
      return MetricDescriptor.isInSeconds(name: metric.name.value, type: type, unit: metric.unit.value?.value)
    }
    return areAllInSeconds ? .numberOrDuration : .number
  }
}
