internal import MetricCatalog
internal import PromQL

/// Matchers of labels with few values can match one of them.
enum LabelValueCheck: QueryCheck {
  static let ids = [impossible]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    for (selector, series, _) in query.selected {
      for matcher in selector.matchers {
        guard case .label(let label, let operation, .quoted(let template)) = matcher.kind, let name = label.name.text,
          let text = template.text, !text.isEmpty, case .list(let values)? = series.labels?[name],
          let place = matcher.valuePlace
        else { continue }
        func tell(_ what: String, _ wrong: String) {
          let help = report.suggestion(for: wrong, among: values) ?? report.list(values)
          report.add(impossible, what, at: place.range, of: query.found, help: help)
        }
        if operation.isRegularExpression {
          let alternatives = bare(text).split(separator: "|", omittingEmptySubsequences: false).map(String.init)
          if alternatives.allSatisfy({ $0.utf8.allSatisfy(isLiteral) }) {
            for wrong in alternatives where !wrong.isEmpty && !values.contains(wrong) {
              tell("label `\(name)` never has the value `\(wrong)`", wrong)
            }
          } else if let expression = ValueExpression(text), !expression.matches(""),
            !values.contains(where: expression.matches)
          {
            tell("no value of label `\(name)` matches `\(text)`", text)
          }
        } else if !values.contains(text) {
          tell("label `\(name)` never has the value `\(text)`", text)
        }
      }
    }
  }

  /// An expression without the parentheses around all of it.
  private static func bare(_ text: String) -> Substring {
    guard text.hasSuffix(")") else { return text[...] }
    let inner = text.dropLast()
    if inner.hasPrefix("(?:") { return inner.dropFirst(3) }
    return inner.hasPrefix("(") ? inner.dropFirst() : text[...]
  }

  private static func isLiteral(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
      || byte == 0x2D || byte == 0x20 || byte >= 0x80
  }
}

extension LabelValueCheck {
  private static let impossible = RuleID(
    "query/impossible-value",
    .error,
    "a matcher of a value that its label never has",
    why: """
      The catalog says which values the label can have. A matcher of another one selects nothing, or leaves out nothing, so \
      that the panel or the alert is not about what it says. This is what a renamed value leaves behind.
      """,
    remedy: "Write one of the label's values, or add the value to `values` of the label in the catalog.",
    catalog: """
      labels:
        split: { values: [train, val] }
      metrics:
        loss: { type: gauge, help: Loss of the last step, labels: [split] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: 'loss{split="validation"} > 100' }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: 'loss{split=~"val.*"} > 100' }]
      """
  )
}
