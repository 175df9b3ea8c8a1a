internal import MetricCatalog
internal import PromQL

/// The labels that a query names are labels of the metrics that they are about.
enum UnknownLabelCheck: QueryCheck {
  static let ids = [unknown]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    let known = query.known
    func tell(_ name: String, _ place: Place, _ labels: CarriedLabels, _ owner: String) {
      let names = labels.names.sorted()
      let own = names.filter { !known.targetLabels.contains($0) }
      let help =
        oftenAdded.contains(name)
        ? "if Prometheus adds it to all series, give `--target-label \(name)`"
        : report.suggestion(for: name, among: names)
          ?? (own.isEmpty ? "there are no labels of its own" : report.list(own))
      report.add(unknown, "\(owner) has no label `\(name)`", at: place.range, of: query.found, help: help)
    }
    func tell(_ labels: [Label], in below: CarriedLabels, _ owner: String) {
      for label in labels {
        guard let name = label.name.text, name != Matcher.nameLabel, !below.has(name) else { continue }
        tell(name, label.place, below, owner)
      }
    }
    for (selector, series, _) in query.selected {
      let matched = selector.matchers.compactMap { if case .label(let label, _, _) = $0.kind { label } else { nil } }
      tell(matched, in: known.labels(of: selector), "`\(series.name)`")
    }
    query.expression.walk { part in
      switch part.kind {
      case .aggregation(let aggregation):
        let below = known.labelsBelow(aggregation.expression)
        tell(aggregation.grouping?.labels ?? [], in: below, "what is aggregated here")
      case .binary(let binary) where binary.left.type != .scalar && binary.right.type != .scalar:
        let left = known.labelsBelow(binary.left)
        let right = known.labelsBelow(binary.right)
        let both = left.joined(right)
        if let matching = binary.matching {
          let operation = binary.operation
          tell(matching.labels, in: both, "what stands on the sides of `\(operation.rawValue)`")
          // `or` takes what has no partner, so that its sides may differ.
          if matching.kind == .on, operation != .or {
            let labels = matching.labels.filter { $0.name.text.map(both.has) ?? false }
            tell(labels, in: left, "the left side")
            tell(labels, in: right, "the right side")
          }
        }
        if let group = binary.group {
          let one = group.side == .left ? right : left
          tell(group.labels, in: one, "the \(group.side == .left ? "right" : "left") side")
        }
      default: break
      }
    }
    if case .variable(let label?) = query.found.purpose {
      let labels = known.labels(of: query.expression)
      if !labels.has(label.name), label.name != Matcher.nameLabel {
        let start = query.found.range.lowerBound
        let place = Place(label.range.lowerBound - start..<label.range.upperBound - start)
        tell(label.name, place, labels, "what is selected")
      }
    }
  }

  /// What configurations of targets commonly add.
  private static let oftenAdded: Set = [
    "cluster", "container", "datacenter", "endpoint", "env", "environment", "host", "hostname", "namespace", "node",
    "pod", "prometheus", "region", "replica", "service", "zone",
  ]
}

extension UnknownLabelCheck {
  private static let unknown = RuleID(
    "query/unknown-label",
    .error,
    "a query names a label that its metrics do not have",
    why: """
      A matcher of a label that no series has matches nothing, or everything. `by` and `on` of such a label put all series \
      into one group. Prometheus says nothing of either.
      """,
    remedy: """
      Write a label that the catalog gives the metric. `job` and `instance` are always known; further labels that \
      Prometheus adds, by its configuration of targets or for its federation, are given by `--target-label`.
      """,
    catalog: """
      labels:
        run: { max_values: 50 }
      metrics:
        loss: { type: gauge, help: Loss of the last step, labels: [run] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: max by (rnu) (loss) > 100 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: "max by (run, instance) (loss) > 100" }]
      """
  )
}
