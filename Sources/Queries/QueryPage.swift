internal import Diagnostics
package import MetricCatalog

/// The page of an id about queries, with what its example gives.
extension QueryChecks {
  /// - Parameter load: loads a catalog from its text and a name for it.
  package static func page(of id: RuleID, load: (_ text: String, _ name: String) -> CatalogLoading) -> RulePage {
    let texts = RuleID.catalogAndQueries(of: id.triggers)
    guard texts.count == 2 else { return RulePage(id, messages: nil) }
    let findings = example(texts, load(texts[0], "metrics.yaml"))
    let shown = findings.files.map { ConsoleRenderer(source: $0.source).render($0.diagnostics) }.joined()
    return RulePage(id, messages: shown.isEmpty ? nil : shown)
  }

  /// Checks an example: a catalog and one file.
  package static func example(_ texts: [String], _ loading: CatalogLoading) -> Findings {
    let name = texts[1].hasPrefix("{") ? "dashboard.json" : "alerts.yml"
    let file = QueryFile(SourceFile(path: name, bytes: Array(texts[1].utf8)))
    return check([file], against: loading.catalog.map { [$0] } ?? [], Setting())
  }
}

extension RuleID {
  /// An id about queries, whose examples are files that are held against the same catalog.
  init(
    _ name: String,
    _ severity: Diagnostic.Severity,
    _ summary: String,
    why: String,
    remedy: String,
    catalog: String,
    triggers: String,
    passes: String
  ) {
    func example(_ queries: String) -> String { catalog + "\n---\n" + queries }
    self.init(
      name,
      severity,
      summary,
      why: why,
      remedy: remedy,
      triggers: example(triggers),
      passes: example(passes)
    )
  }
}
