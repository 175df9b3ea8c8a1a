internal import MetricCatalog
internal import PromQL

/// Functions that look at how values change get a range in which at least two of them lie.
enum ShortRangeCheck: QueryCheck {
  static let ids = [short]

  private static let functions: Set = [
    "changes", "delta", "deriv", "double_exponential_smoothing", "idelta", "increase", "irate", "predict_linear",
    "rate", "resets",
  ]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard case .call(let call) = part.kind, let function = call.function, functions.contains(function.name),
        let argument = call.arguments.first?.unwrapped
      else { return }
      switch argument.kind {
      case .rangeSelector(let range):
        // What a rule records has the times of its evaluation, and a boundary adds values from outside of the range.
        guard let series = query.known.series(of: range.selector), series.kind != .recorded,
          range.selector.boundary == nil, let (what, help) = fault(of: range.range, query)
        else { return }
        report.add(short, "`\(function.name)` needs two values, and \(what)", at: range.range, query, help)
      case .subquery(let subquery):
        guard let seconds = subquery.range.seconds, let step = subquery.step?.seconds, step > 0, seconds < 2 * step,
          areKnown(subquery.expression, query.known)
        else { return }
        let what = "there may be less in a range that is shorter than two steps"
        let help = "make the step \(text(seconds / 4)) or shorter"
        report.add(short, "`\(function.name)` needs two values, and \(what)", at: subquery.range, query, help)
      default: return
      }
    }
  }

  /// What is wrong with a range of scraped values, and what to do; nil: nothing that is known.
  private static func fault(of range: DurationExpression, _ query: CheckedQuery) -> (what: String, help: String)? {
    let interval = query.scrapeInterval
    if let seconds = range.seconds {
      guard let interval, seconds < 2 * interval else { return nil }
      return (
        "with a scrape every \(text(interval)) there may be less in \(text(seconds))",
        "use at least \(text(2 * interval)); with \(text(4 * interval)) it stands two failed scrapes"
      )
    }
    guard case .placeholder(let template) = range.kind, template.variables.count == 1,
      ["__interval", "__interval_ms"].contains(template.variables[0].name)
    else { return nil }
    switch query.found.shortestStep {
    case .any: break
    case .seconds(let least): guard let interval, least < 2 * interval else { return nil }
    case .unknown: return nil
    }
    return (
      "`$\(template.variables[0].name)` may be shorter than the time between two scrapes",
      "write `$__rate_interval`"
    )
  }

  private static func areKnown(_ expression: Expression, _ known: KnownMetrics) -> Bool {
    var areKnown = false
    expression.walk { part in areKnown = areKnown || part.selector.flatMap(known.series) != nil }
    return areKnown
  }

  private static func text(_ seconds: Double) -> String {
    DurationText.text(.milliseconds(Int((seconds * 1_000).rounded())))
  }
}

extension QueryReport {
  fileprivate func add(
    _ id: RuleID,
    _ message: String,
    at range: DurationExpression,
    _ query: CheckedQuery,
    _ help: String
  ) {
    add(id, message, at: range.place.range, of: query.found, help: help)
  }
}

extension ShortRangeCheck {
  private static let short = RuleID(
    "query/short-range",
    .warning,
    "`rate` and the like over a range in which fewer than two values may lie",
    why: """
      These functions compare values, and give nothing at all where there is only one in the range. The panel has gaps or \
      is empty, and the alert does not fire.
      """,
    remedy: """
      Make the range at least twice as long as the time between two scrapes, better four times, so that a failed scrape \
      does no harm. `--scrape-interval 30s` says how often Prometheus scrapes the exporter; without it, fixed ranges are \
      not judged. In dashboards use `$__rate_interval`: `$__interval` shrinks with the time that is shown, unless the \
      panel has a smallest interval. Of a subquery the step counts in place of the time between scrapes.
      """,
    catalog: """
      metrics:
        steps_total: { type: counter, help: Steps }
      """,
    triggers: """
      { "panels": [ { "title": "Speed", "targets": [ { "expr": "rate(steps_total[$__interval])" } ] } ] }
      """,
    passes: """
      { "panels": [ { "title": "Speed", "targets": [ { "expr": "rate(steps_total[$__rate_interval])" } ] } ] }
      """
  )
}
