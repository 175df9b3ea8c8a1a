import Foundation
import Testing

/// `init` with the logs of every example: its catalog is right, and so is what is served of it.
struct InitTests {
  @Test(arguments: ExampleTests.names)
  func theProposedCatalogServes(name: String) async throws {
    let folder = try TemporaryFolder()
    let copy = folder.url.appending(path: name)
    try FileManager.default.copyItem(at: Exporter.package.appending(path: "examples/\(name)"), to: copy)
    let catalog = copy.appending(path: "proposed.yaml").path
    let made = try await Exporter.run("init", copy.path, "--write", catalog)
    #expect(made.exit.status == 0 && made.output.isEmpty, "\(made.errors)")
    #expect(made.errors.hasPrefix("found in \(copy.path):\n"))

    let checked = try await Exporter.run("validate", "--strict", "--budget", catalog)
    #expect(checked.exit.status == 0, "\(checked.errors)")
    let explained = try await Exporter.run("explain", "--config.file", catalog, "--fail-on", "rejected")
    #expect(explained.exit.status == 0, "\(explained.output)")

    let once = try await Exporter.once(catalog)
    #expect(once.exit.status == 0 && !once.output.isEmpty, "\(once.errors)")
    try Data(once.output.utf8).write(to: folder.url.appending(path: "exposition"))
    try await expectCleanLint(ofFile: folder.path("exposition"))
  }

  /// The tour of the README, as it is typed there.
  @Test func theTourOfTheReadmeBeginsWithIt() async throws {
    let readme = try String(contentsOf: Exporter.package.appending(path: "README.md"), encoding: .utf8)
    let shown = try #require(
      readme.firstMatch(of: /```\n\$ training-exporter init runs\/ --write metrics.yaml\n((?:.|\n)*?)```/)?.1
    )
    let folder = try TemporaryFolder()
    let example = Exporter.package.appending(path: "examples/tensorboard/runs")
    try FileManager.default.copyItem(at: example, to: folder.url.appending(path: "runs"))
    let shell = "cd '\(folder.path())' && '\(Exporter.binary)' init runs/ --write metrics.yaml"
    let made = try ChildProcess(["sh", "-c", shell])
    #expect(try await made.waitForExit().status == 0)
    #expect(made.standardError == String(shown))
  }
}
