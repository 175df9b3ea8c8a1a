import Diagnostics
import Foundation
import MetricCatalog
import MetricModel
import Testing

func load(_ text: String, name: String = "metrics.yaml") -> CatalogLoading {
  CatalogLoader.load(bytes: Array(text.utf8), path: name, collectors: offered)
}

/// Collectors with a reading of each kind: what the catalog knows of the real ones is of this form.
let offered = [
  CollectorDescriptor(
    name: "system",
    help: "h",
    records: [
      RecordDescriptor(
        "cpu",
        help: "h",
        readings: [
          ReadingDescriptor("cpu.usage_percent", .gauge, unit: "percent", help: "h", source: "s"),
          ReadingDescriptor("cpu.usage_ratio", .gauge, unit: "ratio", help: "h", source: "s"),
        ]
      ),
      RecordDescriptor(
        "disk",
        help: "h",
        labels: [.init("device", "h")],
        readings: [ReadingDescriptor("disk.read_bytes", .counter, unit: "bytes", help: "h", source: "s")]
      ),
    ]
  ),
  CollectorDescriptor(name: "cgroup", help: "h", keys: [.init("path", .paths, help: "h")], records: []),
  CollectorDescriptor(
    name: "process",
    help: "h",
    keys: [.init("match", .matches, isRequired: true, help: "h"), .init("proportional_memory", .duration, help: "h")],
    records: [
      RecordDescriptor(
        "process",
        help: "h",
        labels: [.init("pid", "h")],
        readings: [ReadingDescriptor("memory.resident_bytes", .gauge, unit: "bytes", help: "h", source: "s")]
      )
    ]
  ),
  CollectorDescriptor(name: "nvml", help: "h", keys: [.init("sample", .duration, help: "h")], records: []),
]

func render(_ loading: CatalogLoading) -> String {
  ConsoleRenderer(source: loading.source).render(loading.diagnostics)
}

/// `line:column id` of each diagnostic.
func summary(_ loading: CatalogLoading) -> [String] {
  loading.diagnostics.map { diagnostic in
    guard let range = diagnostic.range else { return diagnostic.id }
    let position = loading.source.position(ofByte: range.start)
    return "\(position.line):\(position.column) \(diagnostic.id)"
  }
}

let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

func fixture(_ name: String) throws -> String {
  try String(contentsOf: fixtures.appending(path: name), encoding: .utf8)
}

/// Holds `text` against a file of the repository. `UPDATE_GOLDEN=1` writes the file instead, and fails the run.
func expectGolden(_ text: String, at file: URL, sourceLocation: SourceLocation = #_sourceLocation) throws {
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    try Data(text.utf8).write(to: file)
    Issue.record("\(file.lastPathComponent) is written anew: read its diff", sourceLocation: sourceLocation)
    return
  }
  let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  #expect(
    text == expected,
    "\(file.lastPathComponent) differs: UPDATE_GOLDEN=1 writes it",
    sourceLocation: sourceLocation
  )
}
