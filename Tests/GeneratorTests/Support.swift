import ExporterKit
import Foundation
import Generators
import MetricCatalog
import Testing

let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

func text(at path: String) throws -> String {
  try String(contentsOf: repository.appending(path: path), encoding: .utf8)
}

/// The catalogs that the project ships.
let shippedCatalogs: [String] = {
  let files = FileManager.default
  let examples = (try? files.contentsOfDirectory(atPath: repository.appending(path: "examples").path)) ?? []
  let catalogs = examples.sorted().map { "examples/\($0)/metrics.yaml" }
  return ["metrics.yaml"] + catalogs.filter { files.fileExists(atPath: repository.appending(path: $0).path) }
}()

/// Where what is made of a shipped catalog is: beside that of an example, and in `deploy` for the project's own.
///
/// - Parameter name: the file below `deploy`, such as `grafana/dashboard.json`.
func made(of catalog: String, _ name: String) -> String {
  let folder = catalog.split(separator: "/").dropLast().joined(separator: "/")
  return folder.isEmpty ? "deploy/\(name)" : "\(folder)/\(name.split(separator: "/").last ?? "")"
}

func load(_ path: String) throws -> Catalog {
  let loading = loadCatalog(path: repository.appending(path: path).path)
  return try #require(loading.catalog, "\(path): \(loading.diagnostics.map(\.message))")
}

/// The catalog that a text says, with `version` before it.
func loadText(_ yaml: String) throws -> Catalog {
  let loading = CatalogLoader.load(
    bytes: Array("version: 1\n\(yaml)\n".utf8),
    path: "metrics.yaml",
    collectors: offeredCollectors
  )
  return try #require(loading.catalog, "\(loading.diagnostics.map(\.message))")
}

func generate(
  _ name: String,
  _ catalog: Catalog? = nil,
  _ options: Generator.Options = .init()
) throws -> String {
  let generator = try #require(Generators.all.first { $0.name == name })
  switch generator.source {
  case .catalog(let text): return text(try #require(catalog), offeredCollectors, options)
  case .program(let text): return text(offeredCollectors)
  }
}

/// Holds a generated text against a file of the repository. `UPDATE_GOLDEN=1` writes a file that differs instead, and
/// fails the run.
func expectGolden(_ text: String, at path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let file = repository.appending(path: path)
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    guard (try? String(contentsOf: file, encoding: .utf8)) != text else { return }
    try Data(text.utf8).write(to: file)
    Issue.record("\(path) is written anew: read its diff", sourceLocation: sourceLocation)
    return
  }
  let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  #expect(text == expected, "\(path) is stale: UPDATE_GOLDEN=1 writes it", sourceLocation: sourceLocation)
}

/// Programs that judge what is generated.
enum Program {
  static let promtool = find("promtool")
  static let vmalert = find("vmalert")
  static let jsonnet = find("jsonnet")

  private static func find(_ name: String) -> URL? {
    ["/usr/bin", "/usr/local/bin"].map { URL(filePath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}

/// Runs a program to its end.
func run(_ program: URL?, _ arguments: String...) throws -> (status: Int32, output: String) {
  try run(program, arguments)
}

func run(_ program: URL?, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = program
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
