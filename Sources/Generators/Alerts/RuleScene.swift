internal import MetricCatalog
internal import MetricModel

/// What there is to write rules about: a catalog, what feeds its metrics, and how its labels are called in Prometheus.
struct RuleScene {
  let catalog: Catalog
  let feeds: Feeds

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor]) {
    self.catalog = catalog
    feeds = Feeds(catalog, collectors)
  }

  /// A value that a label can have.
  static func example(of label: LabelDescriptor) -> String {
    switch label.allowed {
    case .any: "a"
    case .list(let values): values.first ?? "a"
    case .range(let range): "\(range.lowerBound)"
    }
  }

  // MARK: Runs

  /// The labels of runs, with an example of each.
  var runLabels: [String: String] {
    let runs = feeds.runs.max { $0.labels.count < $1.labels.count }
    let labels = (runs?.labels ?? []).map { (Feeds.targetLabel($0.name), Self.example(of: $0.descriptor)) }
    return Dictionary(labels) { first, _ in first }
  }

  /// Names a run, at the beginning of a sentence.
  var run: AlertText {
    let sets = Set(feeds.runs.map { Set($0.labels.map(\.name)) })
    let names = feeds.runLabels
    guard !names.isEmpty else { return "The run on \(label: "instance")" }
    // Not every run has every label where watchers name theirs differently.
    let label: (String) -> AlertText = { sets.count == 1 ? " \(label: $0)" : "\(labelIfThere: $0)" }
    let list = names.map(label).reduce("" as AlertText) { "\($0)\($1)" }
    return "Run\(list) on \(label: "instance")"
  }

  // MARK: Readings

  /// Names what a reading is of: `GPU 0 GPU-7f3a on host:8000`.
  static func subject(_ kind: String, _ labels: [String]) -> AlertText {
    let list = labels.map { " \(label: $0)" as AlertText }.reduce("" as AlertText) { "\($0)\($1)" }
    return "\(kind)\(list) on \(label: "instance")"
  }

  /// The first of some readings of a collector that the catalog has.
  func reading(_ collector: String, _ names: String...) -> MeasuredSeries? {
    names.lazy.compactMap { feeds.readings(collector, $0).first }.first.map { MeasuredSeries($0) }
  }
}

/// The series of a reading, as rules ask for them.
struct MeasuredSeries {
  let reading: Feeds.Reading
  /// What they are selected by: the labels that the catalog settles, and those that are asked for.
  private(set) var matched: [(label: String, value: [String])]
  /// The labels that tell them apart.
  private(set) var labels: [String]

  init(_ reading: Feeds.Reading) {
    self.reading = reading
    matched = reading.fixed.map { (Feeds.targetLabel($0.label), [$0.value]) }
    labels = reading.labels.map(Feeds.targetLabel)
  }

  var name: String { reading.metric.name }
  var scale: Double { reading.scale }

  /// Those whose label of the collector has one of some values; nil where that cannot be told from others.
  ///
  /// - Parameter others: the other values that the collector gives this label.
  func having(_ carried: String, _ wanted: [String], others: [String]) -> MeasuredSeries? {
    var result = self
    if let label = reading.carriers[carried] {
      let mixed = Set(others.compactMap(label.value))
      var values: [String] = []
      for value in wanted.compactMap(label.value) where !mixed.contains(value) && !values.contains(value) {
        values.append(value)
      }
      guard !values.isEmpty else { return nil }
      result.matched.append((Feeds.targetLabel(label.name), values))
      return result
    }
    return nil
  }

  /// The label that has what the collector calls so.
  func label(of carried: String) -> String? { reading.carriers[carried].map { Feeds.targetLabel($0.name) } }

  private var matchers: [LabelMatcher] {
    matched.map { label, values in
      values.count == 1
        ? .equal(label, values[0]) : .matches(label, values.map(RegularText.quoted).joined(separator: "|"))
    }
  }

  /// The selector.
  var selector: OpenText { "\(series: name, matching: matchers)" }

  /// The values in the unit of the reading, or in one of which it has `factor`.
  func inUnit(_ expression: OpenText, factor: Double = 1) -> OpenText {
    scale * factor == 1 ? expression : "\(expression) / \(NumberText.text(scale * factor))"
  }

  /// The values without some labels: joined as the collector would.
  func without(_ less: [String], _ expression: OpenText? = nil) -> OpenText {
    let expression = expression ?? selector
    guard !less.isEmpty else { return expression }
    let aggregator =
      switch reading.descriptor.joining {
      case .sum: "sum"
      case .mean: "avg"
      case .minimum: "min"
      case .maximum: "max"
      }
    return "\(aggregator) without (\(less.joined(separator: ", "))) (\(expression))"
  }

  /// The labels that a side of an expression has to lose, so that only those are left that both have.
  private func surplus(beside other: MeasuredSeries) -> [String] {
    let matched = matched.map(\.label)
    let shared = labels.filter { other.labels.contains($0) && !matched.contains($0) }
      .filter { label in !other.matched.contains { $0.label == label } }
    return (matched + labels.filter { !matched.contains($0) }).filter { !shared.contains($0) }
  }

  /// A reading as a share of another one, with the labels that both have.
  func share(of whole: MeasuredSeries) -> (expression: OpenText, labels: [String]) {
    let less = surplus(beside: whole)
    let quotient: OpenText = "\(without(less)) / \(whole.without(whole.surplus(beside: self)))"
    let factor = whole.scale / scale
    return (
      factor == 1 ? quotient : "\(quotient) * \(NumberText.text(factor))", labels.filter { !less.contains($0) }
    )
  }

  /// A reading as a share of it and another one together.
  func share(with rest: MeasuredSeries) -> (expression: OpenText, labels: [String])? {
    guard scale == rest.scale else { return nil }
    let less = surplus(beside: rest)
    let part = without(less)
    return (
      "\(part) / (\(part) + \(rest.without(rest.surplus(beside: self))))", labels.filter { !less.contains($0) }
    )
  }

  // MARK: Examples

  /// Labels of one of the series.
  var exampleLabels: [String: String] {
    var example: [String: String] = [:]
    for label in reading.metric.labels { example[Feeds.targetLabel(label.name)] = RuleScene.example(of: label) }
    for (label, values) in matched { example[label] = values[0] }
    return example
  }

  /// One of the series, with what it has when the alert fires and when all is well, in the unit of the reading.
  func example(firing: AlertScenario.Values, healthy: AlertScenario.Values) -> AlertScenario.Series {
    .init(name, exampleLabels, firing: firing.times(scale), healthy: healthy.times(scale))
  }

  /// The example's labels as far as they are among some.
  func exampleLabels(_ kept: [String]) -> [String: String] { exampleLabels.filter { kept.contains($0.key) } }
}

extension AlertScenario.Values {
  fileprivate func times(_ factor: Double) -> Self {
    switch self {
    case .always(let value): .always(value * factor)
    case .growing(let step): .growing(step * factor)
    case .changing(let first, let minutes, let second): .changing(first * factor, minutes: minutes, second * factor)
    case .ending(let value, let minutes): .ending(value * factor, minutes: minutes)
    case .notANumber, .absent: self
    }
  }
}

/// Texts in regular expressions.
enum RegularText {
  static func quoted(_ text: String) -> String {
    text.map { #"\.+*?()|[]{}^$"#.contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }
}

/// Numbers as PromQL and YAML read them.
enum NumberText {
  static func text(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
