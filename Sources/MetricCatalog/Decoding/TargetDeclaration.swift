internal import Diagnostics
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
  var restartsWith: Key<Text> = .absent
  var scale: Key<Scale> = .absent
  var offset: Key<Number> = .absent
  var pattern: Key<PatternText> = .absent
  var exemplar: Key<[Label]> = .absent
  var allow: Key<[Text]> = .absent
  /// Its labels could not be read: nothing may be concluded from one that is missing.
  var isBroken = false

  /// One target, or a list of them.
  static let targets: ValueForm<[TargetDeclaration]> = {
    let shape = ValueShape.either([.matching(TargetParser.expression), .mapping(MappingShape(Long.keys))])
    let targets = ValueForm.oneOrMore("targets", ValueForm(.named("target", shape)) { target($0) })
    return ValueForm(.named("targets", targets.shape), targets.decode)
  }()

  private static func target(_ value: Value) -> TargetDeclaration? {
    if value.isMapping { return TargetDeclaration(long: value) }
    guard value.node.scalar != nil else { return value.wrong("a target") }
    return short.decode(value)
  }

  private static let short = ValueForm<TargetDeclaration>(.matching(TargetParser.expression)) { value in
    value.text().flatMap { TargetParser.parse($0, value.report) }
  }

  /// A target in its long form.
  struct Long {
    var metric: Key<TargetDeclaration> = .absent
    var labels: Key<[Label]> = .absent
    var from: Key<Target.From> = .absent
    var restartsWith: Key<Text> = .absent
    var scale: Key<Scale> = .absent
    var offset: Key<Number> = .absent
    var pattern: Key<PatternText> = .absent
    var exemplar: Key<[Label]> = .absent
    var allow: Key<[Text]> = .absent

    static let keys: [KeyDeclaration<Self, Target>] = [
      .init("metric", \.metric, short, isRequired: true, help: "`NAME`"),
      .init("labels", \.labels, TargetDeclaration.labels, help: "label ► text"),
      .init(
        "from",
        \.from,
        .choice(Target.From.allCases.map { (name: $0.rawValue, value: $0) }),
        byDefault: .string(byDefault.from.rawValue),
        help: "what the field's value means, see below; default `value`"
      ),
      .init(
        "restarts_with",
        \.restartsWith,
        .text,
        help: """
          with `from: running_total`, `highest` or `difference`: a field that rises from record to record, such as `epoch`. \
          Where it does not, another run begins
          """
      ),
      .init(
        "scale",
        \.scale,
        .scale,
        byDefault: .number(byDefault.scale),
        help: """
          the metric gets value × scale + offset; default 1. With `reciprocal` it gets 1 / value, with `1000/value` \
          1000 / value: of seconds or milliseconds for each step it makes steps in each second
          """
      ),
      .init(
        "offset",
        \.offset,
        .number,
        byDefault: .number(byDefault.offset),
        help: "what is added to value × scale; default 0"
      ),
      .init(
        "pattern",
        \.pattern,
        .pattern,
        help: """
          what the field's whole text has to match, such as `"{value}/{_}"`: `{value}` takes the part that is the number \
          ([below](#numbers))
          """
      ),
      .init(
        "exemplar",
        \.exemplar,
        TargetDeclaration.labels,
        help: "label ► text; for counters and histograms only, [below](#exemplars)"
      ),
      .init(
        "allow",
        \.allow,
        .waivers,
        help: "[warnings and notes that are not to be reported](#waivers) about this target"
      ).notDeciding { _ in },
    ]

    /// What the keys are by default.
    private static let byDefault = Target(metric: 0, labels: [])
  }

  private init?(long value: Value) {
    guard var reader = MappingReader(value, what: "a target") else { return nil }
    var long = Long()
    for key in Long.keys { key.read(into: &long, &reader) }
    let isMeant = reader.finish()
    long.labels.doubt(isMeant("labels"))
    guard let short = long.metric.value else { return nil }
    metric = short.metric
    labels = short.labels + (long.labels.value ?? [])
    (from, restartsWith) = (long.from, long.restartsWith)
    (scale, offset, exemplar) = (long.scale, long.offset, long.exemplar)
    pattern = long.pattern
    allow = long.allow
    isBroken = long.labels.isBroken
  }

  init(metric: Text, labels: [Label]) {
    self.metric = metric
    self.labels = labels
  }

  /// Label ► text, which may hold `{capture}` and `{.field}`.
  static let labels = ValueForm<[Label]>(.map(.text)) { value in
    value.map("texts") { name, value in
      let text = value.text().map { PatternText($0, allowsAdjacentCaptures: true) }
      return Label(name: name, text: text ?? PatternText(brokenAt: value.range))
    }
  }
}
