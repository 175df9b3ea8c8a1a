import Diagnostics
import MetricCatalog
import Testing

@testable import Queries

typealias Diagnostic = Diagnostics.Diagnostic

/// A catalog with a metric of each type.
let catalogText = """
  version: 1
  labels:
    run: { max_values: 50 }
    split: { values: [train, val] }
    gpu: { values: 0..7 }
  metrics:
    loss: { type: gauge, help: Loss, labels: [run, split] }
    gpu_utilization_ratio: { type: gauge, unit: ratio, help: Utilization, labels: [gpu] }
    steps_total: { type: counter, help: Steps, labels: [run], created: true }
    step_seconds: { type: histogram, help: Time of a step, labels: [run], buckets: [0.1, 1, 10] }
    load_seconds: { type: histogram, help: Time of loading, labels: [run], native: { factor: 1.1 } }
    save_seconds: { type: summary, help: Time of saving, quantiles: [0.5] }
    model_info: { type: info, help: The model, labels: [run], constant: { framework: torch } }
    phase: { type: stateset, help: What happens, states: [train, eval] }
    old_loss: { type: gauge, help: Loss, deprecated: Use loss. }

  """

func catalog() throws -> Catalog {
  let loading = CatalogLoader.load(bytes: Array(catalogText.utf8), path: "metrics.yaml")
  return try #require(loading.catalog, "\(loading.diagnostics)")
}

/// What is told of a file, each as `LINE:COLUMN id` and the text at that place.
func told(_ text: String, path: String = "alerts.yml", _ setting: QueryChecks.Setting = .init()) throws -> [String] {
  let source = SourceFile(path: path, bytes: Array(text.utf8))
  let findings = QueryChecks.check([QueryFile(source)], against: [try catalog()], setting)
  return findings.files[0].diagnostics.map { diagnostic in
    guard let range = diagnostic.range else { return diagnostic.id }
    let position = source.position(ofByte: range.start)
    let part = String(decoding: source.bytes[range.start..<range.end], as: UTF8.self)
    return "\(position.line):\(position.column) \(diagnostic.id) \(part)"
  }
}

/// The ids of what is told of one query, in an alert or in a panel.
func ids(
  alert query: String,
  annotation: String? = nil,
  _ setting: QueryChecks.Setting = .init()
) throws -> [String] {
  let text = """
    groups:
      - rules:
          - alert: A
            expr: |
              \(query)
    \(annotation.map { "        annotations: { summary: '\($0)' }" } ?? "")
    """
  return try told(text, setting).map { String($0.split(separator: " ")[1].dropFirst("query/".count)) }
}

func ids(panel query: String, legend: String = "") throws -> [String] {
  let query = query.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  let text = #"{"panels": [{"title": "P", "targets": [{"expr": "\#(query)", "legendFormat": "\#(legend)"}]}]}"#
  return try told(text, path: "d.json").map { String($0.split(separator: " ")[1].dropFirst("query/".count)) }
}
