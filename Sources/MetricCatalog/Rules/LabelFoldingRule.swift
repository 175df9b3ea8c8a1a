internal import Diagnostics

/// What `otherwise` and `named` fold into is one of `values`.
enum LabelFoldingRule: Rule {
  private static let otherwise = RuleID("label/otherwise", "`otherwise` is none of the label's values")
  private static let named = RuleID("label/named", "`named` renames to none of the label's values")
  static let ids = [otherwise, named]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels where !label.isBroken {
      if let text = label.otherwise.value { check(text, otherwise, of: label, report) }
      for (_, value) in label.named.value ?? [] { check(value, named, of: label, report) }
    }
  }

  private static func check(_ text: Text, _ id: RuleID, of label: LabelDeclaration, _ report: Report) {
    let key = id == otherwise ? "otherwise" : "named"
    guard label.values.isGiven else {
      let message = "`\(key)` needs `values`: label `\(label.name.value)` has none"
      return report.add(id, message, at: id == otherwise ? label.otherwise.name : label.named.name)
    }
    guard let values = label.values.value, !LabelDeclaration.contains(values, text.value) else { return }
    var help: String?
    if case .list(let list) = values { help = report.suggestion(for: text.value, among: list.map(\.value)) }
    report.add(
      id,
      "`\(text.value)` is none of the values of label `\(label.name.value)`",
      at: text.range,
      help: help ?? "add it to `values`"
    )
  }
}
