internal import Diagnostics
internal import MetricModel
internal import PatternSyntax
internal import YAMLSyntax

/// A collector as written in `collectors:`.
struct CollectorDeclaration {
  /// An entry of `match:`.
  struct Match {
    var name: PatternText?
    var commandLine: PatternText?
    var environment: [(name: Text, pattern: PatternText)] = []
    var labels: [(name: Text, value: Text)] = []
    /// Something in it could not be read, which has been reported.
    var isBroken = false

    var patterns: [PatternText] { [name, commandLine].compactMap { $0 } + environment.map(\.pattern) }

    /// The labels that it settles.
    var labelNames: [String] {
      patterns.flatMap { $0.pattern?.captureNames ?? [] } + labels.map(\.name.value)
    }
  }

  enum OwnValue {
    case duration(Duration)
    case texts([Text])
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

  /// The keys that all collectors have.
  static let keyNames = ["interval", "timeout", "readings", "allow"]

  /// Below that the exporter would measure little else than itself.
  private static let intervalMin: Duration = .milliseconds(10)

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
    let names = Self.keyNames + (descriptor?.keys ?? []).map(\.name)
    let value = value.indented(below: ["readings"], otherThan: names)
    guard !isEmpty, var reader = MappingReader(value, what: "collector `\(name.value)`", owner: name.range) else {
      return
    }
    interval = reader.key("interval") { Self.interval($0) }
    timeout = reader.key("timeout") { Self.interval($0) }
    readings = reader.key("readings") { WatcherDeclaration.fields($0) }
    allow = reader.key("allow") { $0.waivers() }
    for key in descriptor?.keys ?? [] {
      ownKeys.append((key.name, reader.key(key.name, isRequired: key.isRequired) { Self.ownValue($0, key.form) }))
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

  /// The records whose readings the pattern of a line of `readings:` may mean; nil: not known.
  func records(of text: PatternText) -> [RecordDescriptor]? {
    guard let descriptor, let pattern = text.pattern.map(FieldPattern.init) else { return nil }
    return descriptor.records.filter { $0.readings.contains { pattern.match($0.name) != nil } }
  }

  /// Whether every record that the pattern may mean brings the label itself; nil: not known.
  func settles(_ label: String, for text: PatternText) -> Bool? {
    guard let records = records(of: text), !records.isEmpty else { return nil }
    if records.allSatisfy({ $0.labels.contains { $0.name == label } }) { return true }
    guard descriptor?.keys.contains(where: { $0.form == .matches }) ?? false else { return false }
    return matches.map { matches in !matches.isEmpty && matches.allSatisfy { $0.labelNames.contains(label) } }
  }

  // MARK: Own keys

  private static func interval(_ value: Value) -> Duration? {
    guard let duration = value.duration() else { return nil }
    if duration >= intervalMin { return duration }
    value.report.add(DecodingID.bounds, "\(value.name) has to be at least 10ms", at: value.range)
    return nil
  }

  private static func ownValue(_ value: Value, _ form: CollectorDescriptor.OwnKey.Form) -> OwnValue? {
    switch form {
    case .duration: interval(value).map { .duration($0) }
    case .texts: value.textOrTexts().map { .texts($0) }
    case .matches:
      (value.isSequence ? value.list("entries") { match($0) } : match(value).map { [$0] })
        .map { .matches($0) }
    }
  }

  /// A text alone is a command line.
  private static func match(_ value: Value) -> Match? {
    if !value.isMapping, value.node.scalar != nil {
      return value.text().map { Match(commandLine: PatternText($0)) }
    }
    guard var reader = MappingReader(value, what: "an entry of `match`") else { return nil }
    var match = Match()
    let before = value.report.reportedCount
    match.name = reader.key("name") { $0.text().map { PatternText($0) } }.value
    match.commandLine = reader.key("command_line") { $0.text().map { PatternText($0) } }.value
    match.environment =
      reader.key("environment") { value in
        value.map("variables") { name, value in value.text().map { (name: name, pattern: PatternText($0)) } }
      }.value ?? []
    match.labels =
      reader.key("labels") { value in
        value.map("texts") { name, value in value.text().map { (name: name, value: $0) } }
      }.value ?? []
    reader.finish()
    match.isBroken = value.report.reportedCount > before
    if match.patterns.isEmpty, !match.isBroken {
      value.report.add(
        DecodingID.missingKey,
        "an entry of `match` has none of `name`, `command_line` and `environment`",
        at: value.range,
        help: "every process would match"
      )
      match.isBroken = true
    }
    return match
  }
}
