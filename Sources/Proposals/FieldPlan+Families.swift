internal import PatternSyntax

/// Fields that become one metric, with a label that tells them apart.
extension FieldPlan {
  mutating func takeFamilies(_ entries: inout [Entry]) {
    let values = entries.filter { $0.meaning.role == .value || $0.meaning.role == .loss }
    let families = FieldFamily.find(among: values, isCrowded: values.count > Self.crowdMin)
    for family in families {
      let members = Set(family.members.map(\.field))
      guard let first = values.first(where: { members.contains($0.profile.name) }) else { continue }
      take(family, like: first, entries)
      entries.removeAll { members.contains($0.profile.name) }
    }
  }

  private mutating func take(_ family: FieldFamily, like first: Entry, _ entries: [Entry]) {
    let members = family.members.map(\.field)
    let prefix =
      first.meaning.words.starts(with: ["learning"]) ? "training" : first.meaning.phase?.rawValue ?? "training"
    var words = family.words
    let isTotalThere =
      family.label == "component"
      && entries.contains { other in
        other.meaning.role == .loss && !members.contains(other.profile.name)
          && (other.meaning.phase ?? .training) == (first.meaning.phase ?? .training)
      }
    if isTotalThere { words.append("component") }
    var unit = first.meaning.unit
    if family.label == "score" || family.label == "component" { unit = nil }
    var name = MetricNames.name([prefix] + words, unit: unit)
    if let other = metrics.first(where: { $0.name == name }), other.labels != [family.label] {
      name = MetricNames.name([prefix] + words + ["by", family.label], unit: unit)
    }
    add(label: family.label, Self.label(family), seen: family.members.map(\.part))
    var meaning = first.meaning
    meaning.words = family.words
    meaning.isKnown = true
    if !metrics.contains(where: { $0.name == name }) {
      add(ProposedCatalog.Metric(name: name, help: Self.help(family, meaning), labels: [family.label], unit: unit))
    }
    let pattern = try? Pattern(parsing: family.pattern)
    let others = survey.fields.filter { field in
      !members.contains(field.name) && pattern.map { FieldPattern($0).match(field.name) != nil } ?? false
    }
    let hasOwnLines = others.allSatisfy { other in
      other.containers == other.count || entries.contains { $0.profile.name == other.name }
    }
    claimed.formUnion(members)
    if hasOwnLines, pattern != nil {
      fields.append(
        ProposedCatalog.Field(
          pattern: family.pattern,
          names: members,
          metric: name,
          scale: first.meaning.scale,
          role: .value,
          phase: meaning.phase
        )
      )
    } else {
      for (field, part) in family.members {
        fields.append(
          ProposedCatalog.Field(
            pattern: Pattern.escaped(field),
            names: [field],
            metric: name,
            labels: [family.label: part],
            scale: first.meaning.scale,
            phase: meaning.phase
          )
        )
      }
    }
  }

  private static func label(_ family: FieldFamily) -> ProposedCatalog.Label {
    let parts = family.members.map(\.part)
    switch family.label {
    case "component":
      return .init(help: "Part of the loss", bound: .values(parts + ["other"]))
    case "interval":
      return .init(help: "What the value is the mean of", bound: .values(["step", "epoch"]))
    case "score":
      return .init(
        help: "What is measured, as the log calls it",
        bound: .count(50, evictsOldest: false)
      )
    case "group":
      return .init(help: "Parameter group of the optimizer", bound: range(parts, atLeast: 9))
    case "dataset":
      return .init(help: "Number of the data set", bound: range(parts, atLeast: 9))
    default:
      return .init(
        help: "Number of the \(family.label == "index" ? "element" : family.label)",
        bound: range(parts, atLeast: 15)
      )
    }
  }

  private static func range(_ parts: [String], atLeast least: Int) -> ProposedCatalog.Label.Bound {
    let largest = parts.compactMap { Int($0) }.max() ?? 0
    return .range(max(least, largest < 64 ? largest : 2 * largest))
  }

  private static func help(_ family: FieldFamily, _ meaning: FieldMeaning) -> String {
    let text = MetricNames.help(meaning, field: family.pattern)
    switch family.label {
    case "component": return text + ", by part"
    case "interval": return text + ", of the latest step or the mean of the epoch"
    case "score": return text
    default: return text + ", by \(family.label)"
    }
  }
}
