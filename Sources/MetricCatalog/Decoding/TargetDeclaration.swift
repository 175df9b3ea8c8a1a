internal import Diagnostics
internal import PatternSyntax
internal import YAMLSyntax

/// A target as written, in either form.
struct TargetDeclaration {
  struct Label {
    var name: Text
    var text: PatternText
  }

  var metric: Text
  var labels: [Label] = []
  var from: Key<Target.From> = .absent
  var scale: Key<Number> = .absent
  var offset: Key<Number> = .absent
  var exemplar: Key<[Label]> = .absent
  var allow: Key<[Text]> = .absent
  /// Its labels could not be read: nothing may be concluded from one that is missing.
  var isBroken = false

  /// One target, or a list of them.
  static func targets(_ value: Value) -> [TargetDeclaration]? {
    value.isSequence ? value.list("targets") { target($0) } : target(value).map { [$0] }
  }

  private static func target(_ value: Value) -> TargetDeclaration? {
    if value.isMapping { return TargetDeclaration(long: value) }
    guard value.node.scalar != nil else { return value.wrong("a target") }
    return value.text().flatMap { TargetParser.parse($0, value.report) }
  }

  /// `metric`, `labels`, `from`, `scale`, `offset`, `exemplar`, `allow`.
  private init?(long value: Value) {
    guard var reader = MappingReader(value, what: "a target") else { return nil }
    let metric = reader.key("metric", isRequired: true) { value in
      value.text().flatMap { TargetParser.parse($0, value.report) }
    }
    var labels = reader.key("labels") { Self.labels($0) }
    let froms = Target.From.allCases.map { (name: $0.rawValue, value: $0) }
    from = reader.key("from") { $0.choice(froms) }
    scale = reader.key("scale") { $0.number() }
    offset = reader.key("offset") { $0.number() }
    exemplar = reader.key("exemplar") { Self.labels($0) }
    allow = reader.key("allow") { $0.waivers() }
    let isMeant = reader.finish()
    labels.doubt(isMeant("labels"))
    guard let short = metric.value else { return nil }
    self.metric = short.metric
    self.labels = short.labels + (labels.value ?? [])
    isBroken = labels.isBroken
  }

  init(metric: Text, labels: [Label]) {
    self.metric = metric
    self.labels = labels
  }

  /// Label ► text, which may hold `{capture}` and `{.field}`.
  static func labels(_ value: Value) -> [Label]? {
    value.map("texts") { name, value in
      let text = value.text().map { PatternText($0, allowsAdjacentCaptures: true) }
      return Label(name: name, text: text ?? PatternText(brokenAt: value.range))
    }
  }
}
