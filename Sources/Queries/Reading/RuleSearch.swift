internal import YAMLSyntax

/// Finds the rules of Prometheus in a document: in `groups` of a rule file, or of the `spec` of a `PrometheusRule`. The
/// texts of alerts may have queries, too.
///
/// <https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/>
struct RuleSearch {
  private let document: QueryDocument
  private(set) var queries: [FoundQuery] = []

  init(_ document: QueryDocument) { self.document = document }

  /// - Returns: whether there are rules of Prometheus. Those of Grafana's own alerts have their queries further inside.
  mutating func search(_ root: YAMLNode) -> Bool {
    let groups = root["groups"] ?? root["spec"]?["groups"]
    var areThere = false
    for rule in (groups?.elements ?? []).flatMap({ $0["rules"]?.elements ?? [] }) {
      guard let query = rule["expr"]?.scalar else { continue }
      areThere = true
      let labels = rule["labels"]?.entries ?? []
      if let name = rule.text("record") {
        add(query, .recording(name: name, labels: labels.map(\.key.text)), "rule `\(name)`", [])
      } else if let name = rule.text("alert") {
        let texts = (labels + (rule["annotations"]?.entries ?? [])).compactMap(\.value.scalar).map {
          PlacedText($0, in: document)
        }
        let waits = rule["for"] != nil || rule["keep_firing_for"] != nil
        add(query, .alert(waits: waits), "alert `\(name)`", texts)
        for text in texts { addQueries(of: text, "alert `\(name)`") }
      }
    }
    return areThere
  }

  /// Adds what the templates in a text ask for.
  private mutating func addQueries(of text: PlacedText, _ owner: String) {
    guard text.text.contains("query") else { return }
    for action in TemplateAction.all(in: Array(text.text.utf8)) {
      queries += action.queries.compactMap { FoundQuery(text: text, $0.content, isRaw: $0.isRaw, owner: owner) }
    }
  }

  private mutating func add(
    _ query: YAMLScalar,
    _ purpose: FoundQuery.Purpose,
    _ owner: String,
    _ templates: [PlacedText]
  ) {
    let text = PlacedText(query, in: document)
    let range = 0..<text.text.utf8.count
    queries.append(FoundQuery(text: text, range: range, purpose: purpose, owner: owner, templates: templates))
  }
}
