internal import MetricModel

/// A metric, or what of it one source feeds, as a panel shows it.
struct ShownMetric {
  var metric: MetricDescriptor
  /// Which of its series are shown.
  var matchers: [LabelMatcher]
  /// The labels that tell its series apart, in the order of the legend.
  var labels: [String]
  /// What stands before them in the legend.
  var legend = ""
  /// Whether it changes with each step or epoch of a training, and not by the second.
  var isSlow = false
  /// Whether its values are above 0 and spread over powers of ten.
  var isSpread = false

  var words: MetricWords { MetricWords(metric) }

  private func series(_ suffix: String = "") -> OpenText {
    "\(series: metric.name + suffix, matching: matchers)"
  }

  private func rate(_ suffix: String = "") -> OpenText { "rate(\(series(suffix))[$__rate_interval])" }

  private func legend(_ more: String = "") -> String {
    let parts = [legend] + labels.map { "{{\($0)}}" } + [more]
    let text = parts.filter { !$0.isEmpty }.joined(separator: " ")
    return text.isEmpty ? metric.name : text
  }

  /// The queries for all that there is to see of the metric, and the unit of what they give.
  var view: (queries: [Panel.Query], unit: GrafanaUnit?) {
    let unit = metric.unitOfValues
    switch metric.type {
    case .gauge where words.isTimestamp:
      return ([.init(expression: "time() - \(series())", legend: legend())], .seconds)
    case .counter where !words.isProgress:
      return ([.init(expression: rate(), legend: legend())], unit?.perSecond)
    case .stateset:
      let code = StateQuery.code(of: metric.name, metric.states, matching: matchers, by: labels)
      return ([.init(expression: code, legend: legend())], nil)
    case .gauge, .counter, .info:
      return ([.init(expression: series(), legend: legend())], unit)
    case .summary:
      if !metric.quantiles.isEmpty {
        return ([.init(expression: series(), legend: legend("{{quantile}}"))], unit)
      }
      return ([.init(expression: "\(rate("_sum")) / \(rate("_count"))", legend: legend("mean"))], unit)
    case .histogram:
      let isNative = metric.buckets.isEmpty && metric.nativeHistogram != nil
      let buckets: OpenText =
        isNative
        ? "\(Aggregation.text("sum", by: labels))(\(rate()))"
        : "\(Aggregation.text("sum", by: ["le"] + labels))(\(rate("_bucket")))"
      return (
        [("0.5", "median"), ("0.9", "90 %"), ("0.99", "99 %")].map { quantile, name in
          .init(expression: "histogram_quantile(\(quantile), \(buckets))", legend: legend(name))
        },
        unit
      )
    }
  }
}

extension MetricDescriptor {
  /// What Grafana calls the metric's unit; nil where it has none that Grafana knows.
  var unitOfValues: GrafanaUnit? {
    ["seconds", "bytes", "ratio", "percent", "celsius", "watts", "joules", "hertz"].first(where: isIn)
      .flatMap { GrafanaUnit($0) }
  }

  /// The help as a title, if it is short and can be one.
  var title: String {
    let text = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let sentence = text.hasSuffix(".") ? String(text.dropLast()) : text
    return sentence.count <= 70 && !sentence.isEmpty && GrafanaText.canBeTitle(sentence) ? sentence : name
  }
}

extension Panel {
  /// A panel for metrics that belong together: of one kind, in one unit.
  ///
  /// - Parameter title: nil: what the only metric measures.
  init(_ shown: [ShownMetric], key: String, title: String? = nil) {
    let views = shown.map(\.view)
    let first = shown[0]
    let about = shown.map { "`\($0.metric.name)`: \(GrafanaText.description($0.metric.help))" }
    self.init(
      key: key,
      title: title ?? Self.title(of: first),
      about: about.joined(separator: "\n\n"),
      unit: views[0].unit,
      queries: views.flatMap(\.queries)
    )
    if first.metric.type == .info { kind = .table([]) }
    if first.metric.type == .stateset { kind = .states(first.metric.states.enumerated().map(State.init)) }
    if first.words.isLoss || first.words.isError { calculations = ["lastNotNull", "min"] }
    if first.words.isScore { calculations = ["lastNotNull", "max"] }
    if shown.allSatisfy(\.isSpread) { scale = .logarithmic }
    // Between two epochs there may be nothing to take a rate of. What has no rate is shown as finely as it is scraped.
    let hasRates = queries.contains { $0.expression.plain.contains("$__rate_interval") }
    if first.isSlow, hasRates { shortestStep = "2m" }
  }

  private static func title(of shown: ShownMetric) -> String {
    let title = shown.metric.title
    switch shown.metric.type {
    case .gauge where shown.words.isTimestamp: return title + " (how long ago)"
    case .counter where !shown.words.isProgress: return title + ", per second"
    default: return title
    }
  }
}
