internal import Diagnostics
public import MetricModel

extension CatalogLoading {
  /// Counts how many time series the catalog allows, and adds a diagnostic for each limit that they can exceed.
  ///
  /// - Parameter collectors: those that there are, with their readings and labels.
  /// - Returns: the budget; nil if there is no catalog.
  public mutating func checkBudget(collectors: [CollectorDescriptor]) -> SeriesBudget? {
    guard let catalog, let declaration else { return nil }
    let budget = SeriesBudget(catalog, collectors: collectors)
    let report = Report(source)
    BudgetCheck(catalog, budget, declaration).check(report)
    // The warning about the labels that are written down says less of the same.
    let places = Set(report.diagnostics.map(\.range))
    diagnostics.removeAll { $0.id == SeriesCountRule.tooMany.name && places.contains($0.range) }
    diagnostics = (diagnostics + report.diagnostics).sorted(by: Diagnostic.isOrderedBefore)
    return budget
  }
}

/// Holds a budget against the limits.
private struct BudgetCheck {
  private let catalog: Catalog
  private let budget: SeriesBudget
  private let declaration: CatalogDeclaration

  init(_ catalog: Catalog, _ budget: SeriesBudget, _ declaration: CatalogDeclaration) {
    (self.catalog, self.budget, self.declaration) = (catalog, budget, declaration)
  }

  func check(_ report: Report) {
    var explained: Set<String> = []
    for (label, metrics) in labelsThatExceed() {
      explained.formUnion(metrics.map(\.name))
      checkMaxValues(of: label, metrics, report)
    }
    for metric in budget.metrics where metric.isOver && !explained.contains(metric.name) {
      let factors = metric.labels.filter { $0.values > 1 }.map { "\($0.values) of `\($0.name)`" }
      let each = metric.timeSeriesEach > 1 ? ["\(metric.timeSeriesEach) for each combination"] : []
      report.add(
        BudgetID.metric,
        "the labels of `\(metric.name)` allow \(Self.text(metric.worstCase)) time series, and its limit is \(metric.limit)",
        at: declaration.metric(metric.name)?.name.range,
        help: (factors + each).joined(separator: " × ")
          + ": lower `max_values`, shorten `values`, or raise `max_series`"
      )
    }
    guard budget.isOver else { return }
    let largest = budget.metrics.sorted { $0.worstCase > $1.worstCase }.prefix(3)
      .map { "`\($0.name)` \(Self.text(min($0.worstCase, $0.limit)))" }
    report.add(
      BudgetID.total,
      "all metrics together allow \(Self.text(budget.worstCase)) time series, and the limit is \(budget.limit)",
      at: declaration.limits.series.range ?? declaration.start,
      help: "the largest are \(largest.joined(separator: ", ")); lower them, or raise `series` of `limits`"
    )
  }

  /// Labels of which so many values are allowed that they alone are too many for a metric, with these metrics.
  private func labelsThatExceed() -> [(label: LabelDescriptor, metrics: [SeriesBudget.Metric])] {
    var labels: [(label: LabelDescriptor, metrics: [SeriesBudget.Metric])] = []
    for (descriptor, metric) in zip(catalog.metrics, budget.metrics) {
      for (label, counted) in zip(descriptor.labels, metric.labels) where label.maxValues == counted.values {
        guard SeriesBudget.product([counted.values, metric.timeSeriesEach]) > limit(of: metric) else { continue }
        if let place = labels.firstIndex(where: { $0.label.name == label.name }) {
          labels[place].metrics.append(metric)
        } else {
          labels.append((label, [metric]))
        }
      }
    }
    return labels
  }

  private func checkMaxValues(of label: LabelDescriptor, _ metrics: [SeriesBudget.Metric], _ report: Report) {
    guard let worst = metrics.max(by: { limit(of: $0) / $0.timeSeriesEach > limit(of: $1) / $1.timeSeriesEach }) else {
      return
    }
    let allowed = SeriesBudget.product([label.maxValues ?? 0, worst.timeSeriesEach])
    let most = limit(of: worst) / worst.timeSeriesEach
    report.add(
      BudgetID.maxValues,
      "`max_values` of `\(label.name)` alone allows \(Self.text(allowed)) time series of `\(worst.name)`, and the limit is "
        + "\(limit(of: worst))",
      at: declaration.label(label.name)?.maxValues.range,
      related: declaration.metric(worst.name).map {
        [Diagnostic.Related(range: $0.name.range, note: "each value is \(worst.timeSeriesEach) time series here")]
      } ?? [],
      help: most > 0 ? "lower it to \(most), or raise the limit" : "raise the limit"
    )
  }

  private func limit(of metric: SeriesBudget.Metric) -> Int { min(metric.limit, budget.limit) }

  private static func text(_ count: Int) -> String { count == Int.max ? "far more" : "\(count)" }
}
