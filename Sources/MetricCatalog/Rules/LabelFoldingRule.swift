internal import Diagnostics

/// What `otherwise` and `named` fold into is one of `values`.
enum LabelFoldingRule: Rule {
  static let ids = [otherwise, named]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels where !label.isBroken {
      if let text = label.otherwise.value { check(text, otherwise, of: label, report) }
      for (said, value) in label.named.value ?? [] {
        let isTurnedRound = label.values.value.map { LabelDeclaration.contains($0, said.value) } ?? false
        check(value, named, of: label, isTurnedRound: isTurnedRound, report)
      }
    }
  }

  private static func check(
    _ text: Text,
    _ id: RuleID,
    of label: LabelDeclaration,
    isTurnedRound: Bool = false,
    _ report: Report
  ) {
    let key = id == otherwise ? "otherwise" : "named"
    guard label.values.isGiven else {
      let message = "`\(key)` needs `values`: label `\(label.name.value)` has none"
      return report.add(id, message, at: id == otherwise ? label.otherwise.name : label.named.name)
    }
    guard let values = label.values.value, !LabelDeclaration.contains(values, text.value) else { return }
    var help = isTurnedRound ? "turn it round: the log's text stands on the left, the value on the right" : nil
    if help == nil, case .list(let list) = values {
      help = report.suggestion(for: text.value, among: list.map(\.value))
    }
    report.add(
      id,
      "`\(text.value)` is none of the values of label `\(label.name.value)`",
      at: text.range,
      help: help ?? "add it to `values`"
    )
  }
}

extension LabelFoldingRule {
  private static let otherwise = RuleID(
    "label/otherwise",
    .error,
    "`otherwise` is none of the label's values",
    why: """
      `otherwise` replaces every text that is not allowed. If it is not allowed itself, those values are rejected, \
      which is what it was to prevent.
      """,
    remedy: """
      Add the word to `values`, or choose one of them.
      """,
    triggers: """
      labels:
        task: { values: [detect, pose], otherwise: other }
      """,
    passes: """
      labels:
        task: { values: [detect, pose, other], otherwise: other }
      """
  )

  private static let named = RuleID(
    "label/named",
    .error,
    "`named` renames to none of the label's values",
    why: """
      `named` replaces a text of the log by one of the label's values. What it gives is not among them, so it would \
      be rejected.
      """,
    remedy: """
      The text of the log stands on the left, and the value that is shown on the right. Add that to `values`.
      """,
    triggers: """
      labels:
        head: { values: [box, mask], named: { B: box, P: pose } }
      """,
    passes: """
      labels:
        head: { values: [box, mask, pose], named: { B: box, P: pose } }
      """
  )
}
