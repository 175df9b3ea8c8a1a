internal import PatternSyntax

/// Which fields of a kind of logs feed which metrics, and which are left out.
struct FieldPlan {
  var fields: [ProposedCatalog.Field] = []
  var metrics: [ProposedCatalog.Metric] = []
  var labels: [String: ProposedCatalog.Label] = [:]
  var infos: [ProposedCatalog.Info] = []
  private(set) var leftOut: [ProposedCatalog.LeftOut] = []
  /// The field that says when a record was made.
  private(set) var timeField: String?

  let survey: RecordSurvey
  var claimed: Set<String> = []
  typealias Entry = (profile: FieldProfile, meaning: FieldMeaning)

  /// - Parameters:
  ///   - timeField: the field that says when a record was made, where the format knows it.
  ///   - unusable: fields that were tried and cannot be read, with the reasons.
  init(_ survey: RecordSurvey, _ recognizer: Recognizer?, timeField known: String?, unusable: [String: String]) {
    self.survey = survey
    for field in survey.fields {
      if let reason = unusable[field.name] {
        leave(field.name, reason)
      } else if !field.isNumeric, field.numbers > 0 {
        leave(field.name, Self.reason(against: field))
      }
    }
    let infoMetrics = takeInfos(recognizer?.infos ?? [], unusable)
    for rule in recognizer?.rules ?? [] { take(rule) }
    var entries: [Entry] = survey.fields.filter { !claimed.contains($0.name) }.map { ($0, FieldMeaning($0)) }
    // When a run began says nothing of a record.
    let times = entries.filter { entry in
      entry.meaning.role == .time
        && !["start", "end", "started", "complete", "finished"].contains {
          FieldWords.words(entry.profile.name).contains($0)
        }
    }
    timeField = known ?? times.max { $0.profile.count < $1.profile.count }?.profile.name
    entries = entries.filter { $0.profile.isNumeric }
    entries = entries.filter { !isLeftOut($0) }
    takeNamedValues(&entries)
    leaveDuplicates(&entries)
    takeFamilies(&entries)
    // What says of no phase goes by the plain name, and of several steps that of the environments or of all processes.
    func rank(_ entry: Entry) -> Int {
      let words = FieldWords.words(entry.profile.name)
      if entry.meaning.role == .step { return words.contains("global") || words.contains("timesteps") ? 0 : 1 }
      return entry.meaning.phase == nil ? 2 : 3
    }
    for entry in entries.enumerated().sorted(by: { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }) {
      take(entry.element)
    }
    order()
    metrics += infoMetrics
  }

  private static func reason(against field: FieldProfile) -> String {
    if field.words >= field.numbers { return "it is true or false, and no quantity" }
    if field.numbers == 0 { return "its values are texts" }
    return "it has texts such as \"\(field.texts.first ?? "")\" beside its numbers"
  }

  mutating func leave(_ name: String, _ reason: String) {
    claimed.insert(name)
    leftOut.append(ProposedCatalog.LeftOut(name, reason))
  }

  // MARK: - What a tool is known for

  private mutating func take(_ rule: Recognizer.Rule) {
    guard let parsed = try? Pattern(parsing: rule.pattern) else { return }
    let pattern = FieldPattern(parsed)
    let matched = survey.fields.filter { !claimed.contains($0.name) && $0.isNumeric && pattern.match($0.name) != nil }
    guard !matched.isEmpty else { return }
    guard let metric = rule.metric else {
      for field in matched { leave(field.name, rule.help) }
      return
    }
    claimed.formUnion(matched.map(\.name))
    var names = parsed.captureNames
    for name in rule.fixed.keys.sorted() where !names.contains(name) { names.append(name) }
    for (place, name) in parsed.captureNames.enumerated() {
      guard let label = rule.labels[name] else { continue }
      let seen = matched.compactMap { pattern.match($0.name)?[place] }
      add(label: name, label, seen: seen)
    }
    for (name, text) in rule.fixed.sorted(by: { $0.key < $1.key }) {
      if let label = rule.labels[name] { add(label: name, label, seen: [text]) }
    }
    add(
      ProposedCatalog.Metric(
        name: metric,
        kind: rule.from == "running_total" ? .counter : .gauge,
        help: rule.help,
        labels: names,
        unit: rule.unit
      )
    )
    var field = ProposedCatalog.Field(
      pattern: rule.pattern,
      names: matched.map(\.name),
      metric: metric,
      labels: rule.fixed
    )
    (field.scale, field.from, field.role, field.phase) = (rule.scale, rule.from, rule.role, rule.phase)
    field.textPattern = matched.contains { $0.form == .fraction } ? "{value}/{_}" : nil
    // Texts that the pattern matches, too, are no numbers of the metric.
    let isAlone = survey.fields.allSatisfy {
      $0.isNumeric || $0.containers == $0.count || pattern.match($0.name) == nil
    }
    if isAlone || parsed.captureNames.isEmpty {
      fields.append(field)
    } else {
      for own in matched {
        var single = field
        (single.pattern, single.names) = (Pattern.escaped(own.name), [own.name])
        single.labels.merge(zip(parsed.captureNames, pattern.match(own.name) ?? [])) { first, _ in first }
        fields.append(single)
      }
    }
  }

  mutating func add(label name: String, _ label: ProposedCatalog.Label, seen: [String]) {
    var made = labels[name] ?? label
    if case .values(var values) = made.bound {
      let others = values.filter { $0 == "other" }
      values.removeAll { $0 == "other" }
      for text in seen where !values.contains(text) { values.append(text) }
      made.bound = .values(values + others)
    }
    if case .range(let last) = made.bound { made.bound = .range(max(last, seen.compactMap { Int($0) }.max() ?? 0)) }
    made.seen.formUnion(seen)
    labels[name] = made
  }

  mutating func add(_ metric: ProposedCatalog.Metric) {
    if !metrics.contains(where: { $0.name == metric.name }) { metrics.append(metric) }
  }

  /// Records that each have one value, and its name in another field.
  private mutating func takeNamedValues(_ entries: inout [Entry]) {
    guard let value = entries.first(where: { $0.profile.name.lowercased() == "value" })?.profile,
      let name = survey.fields.first(where: { field in
        ["key", "name", "metric", "tag", "metric_name"].contains(field.name.lowercased()) && field.numbers == 0
          && field.textCount >= value.count && field.texts.allSatisfy { $0.utf8.count <= 64 }
      })
    else { return }
    add(
      label: "score",
      .init(help: "What is measured, as the log's `\(name.name)` says it", bound: .count(50, evictsOldest: false)),
      seen: []
    )
    add(
      ProposedCatalog.Metric(
        name: "training_score",
        help: "What the log says of the training, by name",
        labels: ["score"]
      )
    )
    claimed.insert(value.name)
    var field = ProposedCatalog.Field(
      pattern: Pattern.escaped(value.name),
      names: [value.name],
      metric: "training_score"
    )
    field.labels = ["score": "{.\(name.name)}"]
    fields.append(field)
    entries.removeAll { $0.profile.name == value.name }
  }

  // MARK: - What is left out

  private mutating func isLeftOut(_ entry: Entry) -> Bool {
    let name = entry.profile.name
    switch entry.meaning.role {
    case .time:
      leave(name, name == timeField ? "it is when the record was made: `run` has it as `time`" : "it is a time of day")
    case .identifier: leave(name, "it names or numbers things, and measures nothing")
    case .setting: leave(name, "it is a setting, which does not change")
    case .value where FieldFamily.isElementOfRecords(name):
      claimed.insert(name)
      let shown = FieldFamily.withoutNumber(name)
      if !leftOut.contains(where: { $0.field == shown }) {
        leftOut.append(.init(shown, "it is part of a list in the record, which may have another length each time"))
      }
    default:
      guard FieldWords.isStrange(name) else { return false }
      leave(name, "its name is none that a metric could have")
    }
    return true
  }

  private mutating func leaveDuplicates(_ entries: inout [Entry]) {
    var first: [UInt64: String] = [:]
    for field in survey.fields
    where field.rises + field.falls > 1 && fields.contains(where: { $0.names.contains(field.name) }) {
      first[field.digest] = first[field.digest] ?? field.name
    }
    entries = entries.filter { profile, meaning in
      guard profile.numbers > 2, profile.rises + profile.falls > 1 else { return true }
      guard let same = first[profile.digest] else {
        first[profile.digest] = profile.name
        return true
      }
      // The learning rates of two groups are two, though they may be equal.
      if FieldFamily.isNumbered(profile.name) { return true }
      leave(profile.name, "it says the same as \"\(same)\"")
      return false
    }
  }

  // MARK: - Fields for themselves

  private mutating func take(_ entry: Entry) {
    let profile = entry.profile
    var meaning = entry.meaning
    var name = MetricNames.name(meaning)
    if metrics.contains(where: { $0.name == name }) {
      // Two fields of one meaning: the second goes by its own name.
      meaning.isKnown = false
      name = MetricNames.name(
        ["training"] + FieldWords.words(profile.name),
        unit: meaning.unit,
        isTotal: meaning.isTotal
      )
    }
    var number = 2
    let base = name
    while metrics.contains(where: { $0.name == name }) {
      name = MetricNames.name(
        base.split(separator: "_").map(String.init) + ["\(number)"],
        unit: meaning.unit,
        isTotal: meaning.isTotal
      )
      number += 1
    }
    guard metrics.count < Self.metricsMax else {
      return leave(
        profile.name,
        "there are \(Self.metricsMax) metrics of such logs already: name it under `fields` to have it"
      )
    }
    claimed.insert(profile.name)
    add(
      ProposedCatalog.Metric(
        name: name,
        kind: meaning.isTotal ? .counter : .gauge,
        help: MetricNames.help(meaning, field: profile.name),
        labels: [],
        unit: meaning.unit
      )
    )
    fields.append(
      ProposedCatalog.Field(
        pattern: Pattern.escaped(profile.name),
        names: [profile.name],
        metric: name,
        scale: meaning.scale,
        from: meaning.isTotal ? "running_total" : nil,
        textPattern: profile.form == .fraction ? "{value}/{_}" : nil,
        role: meaning.role,
        phase: meaning.phase
      )
    )
  }

  /// As the log has them; those first that say how far it is.
  private mutating func order() {
    let places = Dictionary(survey.fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    func rank(_ field: ProposedCatalog.Field) -> (Int, Int) {
      let first = field.role == .epoch ? 0 : field.role == .step ? 1 : 2
      return (first, field.names.compactMap { places[$0] }.min() ?? 0)
    }
    fields.sort { rank($0) < rank($1) }
    let metricPlaces = Dictionary(fields.enumerated().map { ($1.metric, $0) }, uniquingKeysWith: { first, _ in first })
    metrics.sort { metricPlaces[$0.name] ?? 0 < metricPlaces[$1.name] ?? 0 }
  }

  /// From so many fields on, groups of them become one metric each.
  static let crowdMin = 40
  /// What a person still reads.
  static let metricsMax = 120
}
