internal import MetricCatalog
internal import YAMLSyntax

/// Finds the queries of Grafana's dashboards, in whichever of its schemas: each object with an `expr` is one, in the
/// panel, annotation or library panel around it, and each `query` that is a call of Grafana's own for a variable.
///
/// Queries of other data sources than Prometheus are passed over.
/// <https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>
struct DashboardSearch {
  private let document: QueryDocument
  private(set) var queries: [FoundQuery] = []

  init(_ document: QueryDocument) { self.document = document }

  mutating func search(_ root: YAMLNode) { search(root, Surroundings()) }

  /// What the objects around a query say of it.
  private struct Surroundings {
    var owner = "the dashboard"
    var isPrometheus = true
    var shortestStep = FoundQuery.ShortestStep.any
  }

  private mutating func search(_ node: YAMLNode, _ around: Surroundings) {
    var around = around
    for element in node.elements { search(element, around) }
    guard case .mapping(let mapping) = node.content else { return }
    if let title = node.text("title"), !title.isEmpty {
      around.owner = "\(node["panels"] == nil ? "panel" : "row") `\(title)`"
    } else if let name = node.text("name"), node["query"] != nil || node["expr"] != nil {
      around.owner = "\(node["query"] == nil ? "annotation" : "variable") `\(name)`"
    }
    if let source = Self.dataSource(of: node) { around.isPrometheus = Self.isPrometheus(source) }
    if let least = Self.shortestStep(of: node) { around.shortestStep = least }
    for entry in mapping.entries {
      guard let scalar = entry.value.scalar else {
        search(entry.value, around)
        continue
      }
      guard around.isPrometheus, scalar.style != .plain || !scalar.isNull, !scalar.text.isEmpty else { continue }
      switch entry.key.text {
      case "expr":
        let text = PlacedText(scalar, in: document)
        let templates = node["legendFormat"]?.scalar.map { [PlacedText($0, in: document)] } ?? []
        add(text, 0..<text.text.utf8.count, .panel, around, templates)
      case "query": addVariable(PlacedText(scalar, in: document), around)
      default: break
      }
    }
  }

  /// The type of the data source that an object names, or its name in old dashboards.
  private static func dataSource(of node: YAMLNode) -> String? {
    if let source = node["datasource"] { return source.text("type") ?? source.scalar?.text }
    guard let kind = node.text("kind") else { return nil }
    if kind == "DataQuery" { return node.text("group") }
    let spec = node["spec"]
    return spec?["expr"] != nil && kind != "PanelQuery" && kind != "Panel" ? kind : nil
  }

  /// The smallest interval that a panel or a query sets; nil: it sets none.
  private static func shortestStep(of node: YAMLNode) -> FoundQuery.ShortestStep? {
    guard let scalar = (node["interval"] ?? node["queryOptions"]?["interval"])?.scalar, !scalar.text.isEmpty,
      scalar.style != .plain || !scalar.isNull
    else { return nil }
    return DurationText.parse(scalar.text).map { .seconds($0 / .seconds(1)) } ?? .unknown
  }

  private static let others = [
    "loki", "tempo", "elasticsearch", "influxdb", "graphite", "mysql", "postgres", "cloudwatch", "__expr__", "jaeger",
    "zipkin", "opentsdb", "azure", "stackdriver", "-- mixed --", "-- dashboard --",
  ]

  private static func isPrometheus(_ source: String) -> Bool {
    let source = source.lowercased()
    // Some clouds have data sources of their own for Prometheus, such as `grafana-azureprometheus-datasource`.
    return source.contains("mixed") || source.contains("prometheus") || !others.contains { source.contains($0) }
  }

  private mutating func add(
    _ text: PlacedText,
    _ range: Range<Int>,
    _ purpose: FoundQuery.Purpose,
    _ around: Surroundings,
    _ templates: [PlacedText] = []
  ) {
    var query = FoundQuery(text: text, range: range, purpose: purpose, owner: around.owner, templates: templates)
    query.shortestStep = around.shortestStep
    queries.append(query)
  }

  /// `label_values(METRIC, LABEL)` and `query_result(QUERY)`; the other calls name no metric.
  private mutating func addVariable(_ text: PlacedText, _ around: Surroundings) {
    let bytes = Array(text.text.utf8)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
      open < close
    else { return }
    let call = String(decoding: bytes[..<open], as: UTF8.self).filter { !$0.isWhitespace }
    let inner = open + 1..<close
    if call == "query_result" {
      add(text, inner, .variable(label: nil), around)
    } else if call == "label_values", let comma = bytes[inner].lastIndex(of: UInt8(ascii: ",")) {
      var label = comma + 1..<close
      while let first = label.first, bytes[first] == 0x20 { label.removeFirst() }
      while let last = label.last, bytes[last] == 0x20 { label.removeLast() }
      let name = String(decoding: bytes[label], as: UTF8.self)
      add(text, open + 1..<comma, .variable(label: name.contains("$") ? nil : (name, label)), around)
    }
  }
}
