import Foundation
import Testing

/// The dashboards and rules that the project ships, held against its catalogs: whoever renames a label in a catalog sees
/// here which panel and which alert break.
@Suite struct ShippedQueriesTests {
  private static let catalogs =
    [("metrics.yaml", "deploy/prometheus/rules.yml", "deploy/grafana/dashboard.json")]
    + examples.map { ("\($0)/metrics.yaml", "\($0)/rules.yml", "\($0)/dashboard.json") }

  private static let examples: [String] = {
    let folder = Exporter.package.appending(path: "examples").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "examples/\($0)" }
      .filter { FileManager.default.fileExists(atPath: Exporter.package.appending(path: "\($0)/metrics.yaml").path) }
  }()

  private func validate(_ catalog: String, _ rules: String, _ dashboard: String) async throws -> Exporter.Result {
    func path(_ file: String) -> String { file.hasPrefix("/") ? file : Exporter.package.appending(path: file).path }
    return try await Exporter.run(
      "validate",
      path(catalog),
      "--rules",
      path(rules),
      "--dashboards",
      path(dashboard),
      "--strict"
    )
  }

  @Test func theyFitTheirCatalogs() async throws {
    #expect(Self.catalogs.count > 14)
    for (catalog, rules, dashboard) in Self.catalogs {
      let result = try await validate(catalog, rules, dashboard)
      #expect(result.exit.status == 0 && result.errors.isEmpty, "\(result.errors)")
      // Not even a note.
      #expect(result.output.contains("2 files with ") && !result.output.contains("["), "\(result.output)")
    }
  }

  @Test func aRenamedLabelNamesThePanelsAndAlertsThatBreak() async throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: Exporter.package.appending(path: "metrics.yaml"), encoding: .utf8)
    let renamed = text.replacing("  run: { help", with: "  attempt: { help").replacing(
      "task, run",
      with: "task, attempt"
    )
    .replacing("{run}", with: "{attempt}")
    let catalog = try folder.write(renamed, to: "metrics.yaml")
    let (_, rules, dashboard) = Self.catalogs[0]
    let result = try await validate(catalog, rules, dashboard)
    #expect(result.exit.status == 1)
    for part in [
      "rules.yml:", "alert `TrainingStalled`: ", "`run`", "[query/missing-label]",
      "dashboard.json:", "panel `Loss`: ", "panel `Learning rate of the latest epoch`: ", "variable `run`: ",
      "[query/unknown-label]",
    ] {
      #expect(result.errors.contains(part), "\(part)")
    }
  }
}
