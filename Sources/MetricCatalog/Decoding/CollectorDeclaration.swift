internal import Diagnostics
internal import MetricModel
internal import PatternSyntax
internal import YAMLSyntax

/// A collector as written in `collectors:`.
struct CollectorDeclaration {
  /// An entry of `match:`, or of `process:` in a watcher's `run:`.
  struct Match {
    var range = SourceRange(0, 0)
    var name: Key<PatternText> = .absent
    var commandLine: Key<PatternText> = .absent
    var users: Key<[Text]> = .absent
    var environment: Key<[(name: Text, pattern: PatternText)]> = .absent
    var labels: Key<[(name: Text, value: Text)]> = .absent
    /// Something in it could not be read, which has been reported.
    var isBroken = false

    var patterns: [PatternText] {
      [name.value, commandLine.value].compactMap { $0 } + (environment.value ?? []).map(\.pattern)
    }

    /// The labels that it settles.
    var labelNames: [String] {
      patterns.flatMap { $0.pattern?.captureNames ?? [] } + (labels.value ?? []).map(\.name.value)
    }

    static let keys: [KeyDeclaration<Self, Void>] = [
      .init("name", \.name, .pattern, help: "pattern of the process's whole name"),
      .init("command_line", \.commandLine, .pattern, help: "pattern that is found in the arguments"),
      .init("user", \.users, .textOrTexts, help: "user, by name or number, or a list of them"),
      .init(
        "environment",
        \.environment,
        .map("variables", .pattern) { (name: $0, pattern: $1) },
        help: "variable ► pattern of its whole value"
      ),
      .init("labels", \.labels, .map("texts", .text) { (name: $0, value: $1) }, help: "label ► text"),
    ]
    /// The keys of which an entry has at least one: else every process would match.
    static let telling = ["name", "command_line", "user", "environment"]
  }

  enum OwnValue {
    case duration(Duration)
    case paths([PatternText])
    case matches([Match])
  }

  var name: Text
  /// What it offers; nil: there is no such collector, or nobody said which there are.
  var descriptor: CollectorDescriptor?
  var interval: Key<Duration> = .absent
  var timeout: Key<Duration> = .absent
  var readings: Key<[WatcherDeclaration.Field]> = .absent
  var allow: Key<[Text]> = .absent
  private(set) var ownKeys: [(name: String, key: Key<OwnValue>)] = []

  /// Below that the exporter would measure little else than itself.
  private static let intervalMin: Duration = .milliseconds(10)
  /// What the keys are by default.
  private static let byDefault = Catalog.Collector(name: "", readings: [])

  /// The keys that all collectors have.
  static let keys: [KeyDeclaration<Self, Catalog.Collector>] = [
    .init(
      "interval",
      \.interval,
      period,
      byDefault: .string(DurationText.text(byDefault.interval)),
      help: "how often it reads; default 15s, at least 10ms"
    ),
    .init(
      "timeout",
      \.timeout,
      period,
      byDefault: .string(DurationText.text(byDefault.timeout)),
      help: "default 5s. When a collection takes longer, the collector's series end until one is in time again"
    ),
    .init("readings", \.readings, WatcherDeclaration.fields, help: "reading pattern ► target, or a list of them"),
    .init(
      "allow",
      \.allow,
      .waivers,
      help: "[warnings and notes that are not to be reported](#waivers) about this collector and its targets"
    ).notDeciding { _ in },
  ]

  /// What a schema says of a collector. It knows the readings by their names; a pattern is a name that it does not know.
  static func shape(_ descriptor: CollectorDescriptor) -> ValueShape {
    let own = descriptor.keys.map { key in
      let shape = form(key.form).shape
      return MappingShape.Key(name: key.name, shape: shape, isRequired: key.isRequired, help: key.help)
    }
    let target = TargetDeclaration.targets.shape
    let readings = descriptor.records.flatMap(\.readings).map { reading in
      let unit = reading.unit.map { ", in \($0)" } ?? ""
      let help = "\(reading.kind.rawValue)\(unit): \(reading.help)"
      return MappingShape.Key(name: reading.name, shape: target, help: help)
    }
    var keys = keys.map(\.shaped) + own
    for index in keys.indices where keys[index].name == "readings" {
      keys[index].shape = .mapping(MappingShape(keys: readings, others: target))
    }
    let mapping = ValueShape.mapping(MappingShape(keys: keys))
    return own.contains(where: \.isRequired) ? mapping : .either([mapping, .nothing])
  }

  /// - Parameter offered: all collectors that there are; nil: not known, and then any name and key will do.
  init(name: Text, _ value: Value, offered: [CollectorDescriptor]?) {
    self.name = name
    let report = value.report
    descriptor = offered?.first { $0.name == name.value }
    if let offered, descriptor == nil {
      let names = offered.map(\.name)
      report.add(
        DecodingID.collector,
        "there is no collector `\(name.value)`",
        at: name.range,
        help: report.suggestion(for: name.value, among: names) ?? "the collectors are " + names.joined(separator: " ")
      )
      return
    }
    let isEmpty = value.isNull && !(descriptor?.keys.contains(where: \.isRequired) ?? false)
    let names = Self.keys.map(\.name) + (descriptor?.keys ?? []).map(\.name)
    let value = value.indented(below: ["readings"], otherThan: names)
    guard !isEmpty, var reader = MappingReader(value, what: "collector `\(name.value)`", owner: name.range) else {
      return
    }
    for key in Self.keys { key.read(into: &self, &reader) }
    for key in descriptor?.keys ?? [] {
      let form = Self.form(key.form)
      ownKeys.append((key.name, reader.key(key.name, isRequired: key.isRequired, form.decode)))
    }
    if offered != nil { reader.finish() }
  }

  /// The entries of its key of that form; nil: not known, since they are not given or could not be read.
  var matches: [Match]? {
    for case (_, let key) in ownKeys {
      if case .matches(let matches) = key.value { return matches.contains { $0.isBroken } ? nil : matches }
    }
    return nil
  }

  /// The path patterns of its own keys.
  var paths: [PatternText] {
    for case (_, let key) in ownKeys {
      if case .paths(let paths) = key.value { return paths }
    }
    return []
  }

  /// The labels that each entry of `match` and each path settles; nil: not known.
  private var settledLabels: [[String]]? {
    let forms = descriptor?.keys.map(\.form) ?? []
    guard forms.contains(.matches) else { return paths.map { $0.pattern?.captureNames ?? [] } }
    return matches?.map(\.labelNames)
  }

  /// All labels that some of them settles.
  var ownLabelNames: [String] { settledLabels?.flatMap(\.self) ?? [] }

  /// The records whose readings the pattern of a line of `readings:` may mean; nil: not known.
  func records(of text: PatternText) -> [RecordDescriptor]? {
    guard let descriptor, let pattern = text.pattern.map(FieldPattern.init) else { return nil }
    return descriptor.records.filter { $0.readings.contains { pattern.match($0.name) != nil } }
  }

  /// Whether every record that the pattern may mean brings the label itself; nil: not known.
  func settles(_ label: String, for text: PatternText) -> Bool? {
    guard let records = records(of: text), !records.isEmpty else { return nil }
    if records.allSatisfy({ $0.labels.contains { $0.name == label } }) { return true }
    return settledLabels.map { settled in !settled.isEmpty && settled.allSatisfy { $0.contains(label) } }
  }

  // MARK: Own keys

  private static let period = ValueForm<Duration>(
    .matching("^(0*[1-9][0-9]+ms|0*[1-9][0-9]*(\(DurationText.units.replacing("ms|", with: ""))))$")
  ) { value in
    guard let duration = value.duration() else { return nil }
    if duration >= intervalMin { return duration }
    value.report.add(DecodingID.bounds, "\(value.name) has to be at least 10ms", at: value.range)
    return nil
  }

  private static func form(_ form: CollectorDescriptor.OwnKey.Form) -> ValueForm<OwnValue> {
    switch form {
    case .duration: period.map { .duration($0) }
    case .paths: ValueForm<[PatternText]>.patterns.map { .paths($0) }
    case .matches: matches(of: "match").map { .matches($0) }
    }
  }

  /// What processes are looked for: one entry, or a list of them.
  ///
  /// - Parameter key: the key that it stands behind, for messages.
  static func matches(of key: String) -> ValueForm<[Match]> { .oneOrMore("entries", match(of: key)) }

  /// A text alone is a command line.
  private static func match(of key: String) -> ValueForm<Match> {
    let what = "an entry of `\(key)`"
    let long = ValueForm.mapping(what, Match.keys, into: Match(), anyOf: Match.telling)
    return ValueForm(.named("match", .either([.text, long.shape]))) { value in
      if !value.isMapping, value.node.scalar != nil {
        return value.text().map { Match(range: value.range, commandLine: Key(value: PatternText($0))) }
      }
      let before = value.report.reportedCount
      guard var match = long.decode(value) else { return nil }
      match.range = value.range
      match.isBroken = value.report.reportedCount > before
      if match.patterns.isEmpty, match.users.value?.isEmpty ?? true, !match.isBroken {
        let names = Match.telling.map { "`\($0)`" }
        value.report.add(
          DecodingID.missingKey,
          "\(what) has none of \(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])",
          at: value.range,
          help: "every process would match"
        )
        match.isBroken = true
      }
      return match
    }
  }
}
