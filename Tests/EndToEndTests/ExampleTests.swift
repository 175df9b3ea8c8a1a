import Foundation
import Testing

/// Every example, as a user would run it.
struct ExampleTests {
  static let names: [String] = {
    let folder = Exporter.package.appending(path: "examples")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/metrics.yaml").path) }
      .sorted()
  }()

  @Test func thereAreExamplesForEightTools() {
    #expect(Self.names.count >= 8)
  }

  @Test(arguments: names)
  func onceGivesTheExpectedExposition(name: String) async throws {
    let folder = Exporter.package.appending(path: "examples/\(name)")
    let expected = try String(contentsOf: folder.appending(path: "expected.metrics"), encoding: .utf8)
    let result = try await Exporter.once(folder.appending(path: "metrics.yaml").path)
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(result.output == expected)
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path))
  }

  @Test(arguments: names)
  func promtoolFindsNothing(name: String) async throws {
    try await expectCleanLint(ofFile: Exporter.package.appending(path: "examples/\(name)/expected.metrics").path)
  }

  @Test func everyCatalogOfTheProjectIsValidWithoutAWarning() async throws {
    for catalog in ["metrics.yaml"] + Self.names.map({ "examples/\($0)/metrics.yaml" }) {
      let result = try await Exporter.run("validate", Exporter.package.appending(path: catalog).path)
      #expect(result.exit.status == 0, "\(catalog): \(result.errors)")
      #expect(!(result.output + result.errors).contains("warning"), "\(result.output)\(result.errors)")
    }
  }

  @Test func theSampleExpositionComesOutToTheByte() async throws {
    let folder = Exporter.fixtures.appending(path: "seed-sample")
    let expected = try String(contentsOf: folder.appending(path: "expected.metrics"), encoding: .utf8)
    let result = try await Exporter.once(folder.appending(path: "metrics.yaml").path)
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(Exposition.ofCatalog(result.output) == expected)
  }

  @Test func theTourOfTheReadmeIsTrue() async throws {
    let readme = try String(contentsOf: Exporter.package.appending(path: "README.md"), encoding: .utf8)
    let catalog = try #require(readme.firstMatch(of: /```yaml\n(version: 1\n(?:.|\n)*?)```/)?.1)
    let exposition = try #require(readme.firstMatch(of: /```\n(# HELP (?:.|\n)*?)```/)?.1)
    let folder = try TemporaryFolder()
    try folder.write(String(catalog), to: "metrics.yaml")
    let log = "runs/detect/train/results.csv"
    try folder.write(Data(contentsOf: Exporter.package.appending(path: "examples/ultralytics/\(log)")), to: log)
    let result = try await Exporter.once(folder.path("metrics.yaml"))
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(Exposition.ofCatalog(result.output) == exposition)
  }
}

/// `promtool check metrics` says nothing at all.
func expectCleanLint(ofFile path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  let promtool = try ChildProcess(["promtool", "check", "metrics"], input: path)
  let exit = try await promtool.waitForExit()
  #expect(exit.status == 0, "\(promtool.standardError)", sourceLocation: sourceLocation)
  #expect(promtool.standardOutput + promtool.standardError == "", sourceLocation: sourceLocation)
}
