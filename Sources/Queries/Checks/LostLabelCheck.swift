internal import MetricCatalog
internal import PromQL

/// Labels that a template shows, or that an expression groups by, are still there.
enum LostLabelCheck: QueryCheck {
  static let ids = [lost, missing]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    let known = query.known
    query.expression.walk { part in
      switch part.kind {
      case .aggregation(let aggregation):
        guard let grouping = aggregation.grouping else { return }
        tell(grouping.labels, aggregation.expression, "`\(grouping.kind.rawValue)`", query, report)
      case .binary(let binary) where binary.left.type != .scalar && binary.right.type != .scalar:
        if let matching = binary.matching, matching.kind == .on {
          tell(matching.labels, binary.left, "the left side", query, report)
          tell(matching.labels, binary.right, "the right side", query, report)
        }
        if let group = binary.group {
          let isLeft = group.side == .left
          let side = isLeft ? "the right side" : "the left side"
          tell(group.labels, isLeft ? binary.right : binary.left, side, query, report)
        }
      default: break
      }
    }
    let carried = known.labels(of: query.expression)
    let below = known.labelsBelow(query.expression)
    for template in query.found.templates {
      let uses = query.found.isOfDashboard ? LabelUse.inLegend(template.text) : LabelUse.inTemplate(template.text)
      for use in uses where !carried.has(use.name) && use.name != Matcher.nameLabel {
        let message = "\(query.found.owner): `\(report.quoted(query.found))` gives no label `\(use.name)`"
        let help =
          below.has(use.name)
          ? "keep the label: `by (\(use.name), …)`"
          : report.suggestion(for: use.name, among: carried.names.sorted())
            ?? (carried.names.isEmpty ? "its result has no labels" : report.list(carried.names.sorted()))
        report.add(missing, message, at: template.place(of: use.range), help: help)
      }
    }
  }

  /// Tells labels that are there in what is selected, and not in what is given.
  private static func tell(
    _ labels: [Label],
    _ expression: Expression,
    _ where: String,
    _ query: CheckedQuery,
    _ report: QueryReport
  ) {
    let carried = query.known.labels(of: expression)
    let below = query.known.labelsBelow(expression)
    for label in labels {
      guard let name = label.name.text, !carried.has(name), below.has(name) else { continue }
      let message = "`\(name)` was aggregated away before \(`where`) needs it"
      report.add(lost, message, at: label.place.range, of: query.found, help: "keep the label inside")
    }
  }
}

extension LostLabelCheck {
  private static let lost = RuleID(
    "query/lost-label",
    .error,
    "a query needs a label that its inner part has aggregated away",
    why: """
      After an aggregation only the labels of its `by` are left. To group or match by another one later puts all series \
      into one group, or matches nothing.
      """,
    remedy: "Keep the label in the inner aggregation, or leave it out of the outer one.",
    catalog: """
      labels:
        run: { max_values: 50 }
        split: { values: [train, val] }
      metrics:
        loss: { type: gauge, help: Loss of the last step, labels: [run, split] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: max by (split) (avg by (run) (loss)) > 100 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: "max by (split) (avg by (run, split) (loss)) > 100" }]
      """
  )

  private static let missing = RuleID(
    "query/missing-label",
    .error,
    "a text shows a label that the query does not give",
    why: """
      The text of an alert is empty where the label would stand, and the legends of a panel are all the same: nobody can \
      tell which run is meant.
      """,
    remedy: "Keep the label through the aggregations of the query, or show one that is there.",
    catalog: """
      labels:
        run: { max_values: 50 }
      metrics:
        loss: { type: gauge, help: Loss of the last step, labels: [run] }
      """,
    triggers: """
      groups:
        - name: training
          rules:
            - alert: LossHigh
              expr: max(loss) > 100
              annotations: { summary: "The loss of {{ $labels.run }} is high" }
      """,
    passes: """
      groups:
        - name: training
          rules:
            - alert: LossHigh
              expr: max by (run) (loss) > 100
              annotations: { summary: "The loss of {{ $labels.run }} is high" }
      """
  )
}
