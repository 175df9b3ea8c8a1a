internal import MetricCatalog
internal import MetricModel
internal import Runs

/// What a page says of the runs that a catalog's watchers tell of; nothing where none does.
enum RunSection {
  static func text(_ catalog: Catalog) -> String {
    let told = catalog.watchers.compactMap { watcher in watcher.run.map { (watcher: watcher.name, run: $0) } }
    guard !told.isEmpty else { return "" }
    let watchers = told.map { MarkdownText.code($0.watcher) }.joined(separator: ", ")
    var labels: [LabelDescriptor] = []
    for label in told.flatMap(\.run.labels) where !labels.contains(where: { $0.name == label.name }) {
      labels.append(label.descriptor)
    }
    let families = RunBoard().families(at: 0).map { family in
      [MarkdownText.code(family.name), family.type.rawValue, family.unit ?? "", MarkdownText.plain(family.help)]
    }
    var text = """

      ## Runs

      The logs of these watchers tell of runs: \(watchers). Each run has these metrics, as far as its logs say so much.

      \(MarkdownText.table(["metric", "type", "unit", "what it measures"], families))
      """
    if !labels.isEmpty {
      let rows = labels.map { label in
        [MarkdownText.code(label.name), CatalogPage.values(of: label), MarkdownText.plain(label.help ?? "")]
      }
      text += "\n" + MarkdownText.table(["label", "values", "what it says"], rows)
    }
    return text
  }
}
