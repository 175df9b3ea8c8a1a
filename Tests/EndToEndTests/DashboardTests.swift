import Foundation
import Testing

/// The dashboards that `generate dashboard` makes, as Grafana would ask a real Prometheus.
@Suite struct DashboardTests {
  /// A query of a dashboard, with who asks it.
  private struct Asked {
    var panel: String
    var query: String
    /// The labels that its legend shows, or the one whose values a variable has.
    var labels: [String] = []
  }

  /// With values for all variables: everything is chosen.
  private static func asked(_ dashboard: String) throws -> [Asked] {
    let root = try #require(try JSONSerialization.jsonObject(with: Data(dashboard.utf8)) as? [String: Any])
    let templating = root["templating"] as? [String: Any]
    let variables = try #require(templating?["list"] as? [[String: Any]])
    let panels = try #require(root["panels"] as? [[String: Any]])
    var asked: [Asked] = []
    for variable in variables where variable["type"] as? String == "query" {
      let query = try #require((variable["query"] as? [String: Any])?["query"] as? String)
      let parts = try #require(query.firstMatch(of: /label_values\((.*), (\w+)\)/))
      asked.append(Asked(panel: "variable", query: String(parts.1), labels: [String(parts.2)]))
    }
    for panel in panels {
      for target in panel["targets"] as? [[String: Any]] ?? [] {
        let legend = target["legendFormat"] as? String ?? ""
        asked.append(
          Asked(
            panel: try #require(panel["title"] as? String),
            query: try #require(target["expr"] as? String),
            labels: legend.matches(of: /{{(\w+)}}/).map { String($0.1) }
          )
        )
      }
    }
    let names = variables.compactMap { $0["name"] as? String }
    return asked.map { each in
      var each = each
      for name in names { each.query = each.query.replacing("\"$\(name)\"", with: "\".*\"") }
      each.query = each.query.replacing("$__rate_interval", with: "5s")
      #expect(!each.query.contains("$"), "\(each)")
      return each
    }
  }

  private static func dashboard(of catalog: String) async throws -> String {
    let made = try await Exporter.run("generate", "dashboard", "--config.file", catalog)
    #expect(made.exit.status == 0 && made.errors.isEmpty, "\(made.errors)")
    return made.output
  }

  private static let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"]

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with Grafana's types"))
  func grafanaKnowsAllThatIsInThem() async throws {
    let examples = Exporter.package.appending(path: "examples").path
    let folders = try FileManager.default.contentsOfDirectory(atPath: examples).map { "examples/\($0)" }
    let files = (["deploy/grafana"] + folders)
      .map { Exporter.package.appending(path: "\($0)/dashboard.json").path }
      .filter(FileManager.default.fileExists)
    #expect(files.count > 14)
    let judge = Exporter.fixtures.appending(path: "judges/grafana.py").path
    let process = try ChildProcess([try #require(Self.python), judge] + files)
    #expect(try await process.waitForExit().status == 0, "\(process.standardError)")
    #expect(process.standardOutput == "")
  }

  /// What `make demo` follows: two trainings of its own, and one that was recorded.
  @Test func eachPanelOfTheDemoHasSeries() async throws {
    let folder = try TemporaryFolder()
    let demo = Exporter.package.appending(path: "tools/demo")
    let catalog = folder.path("metrics.yaml")
    try FileManager.default.copyItem(atPath: demo.appending(path: "metrics.yaml").path, toPath: catalog)
    let server = try await Exporter.Server(catalog: catalog)
    let prometheus = try await Prometheus(target: server.port, in: folder)
    let trainer = demo.appending(path: "train.py").path
    let trainings = try ["steady", "eager"].map { run in
      let command = "exec python3 \(trainer) --run \(run) --epochs 10000 --pause 0.1 --lr 0.0\(run.count)"
      return try ChildProcess(["sh", "-c", "cd '\(folder.path())' && \(command)"])
    }
    let recorded = try ChildProcess([
      "python3", Exporter.package.appending(path: "tools/replay-log.py").path,
      Exporter.fixtures.appending(path: "recordings/ultralytics.jsonl").path, folder.path(), "--speed", "5",
    ])
    defer { for child in trainings + [recorded] { child.signal(SIGKILL) } }
    let asked = try Self.asked(await Self.dashboard(of: catalog))
    #expect(asked.count > 25)
    for each in asked {
      let found = try await eventually("the panel `\(each.panel)` has series for \(each.query)") {
        let found = try prometheus.query(each.query)
        return found.isEmpty ? nil : found
      }
      // Each label of a legend is on some of its series, but for those of rejections, of which there are none.
      if each.panel.hasPrefix("Rejected") { continue }
      for label in each.labels {
        #expect(found.contains { $0.labels[label] != nil }, "the panel `\(each.panel)` has no label \(label)")
      }
    }

    // The dashboards of all other catalogs have queries that Prometheus takes.
    var queries: Set<String> = []
    for name in ["metrics.yaml"] + ExampleTests.names.map({ "examples/\($0)/metrics.yaml" }) {
      let asked = try Self.asked(await Self.dashboard(of: Exporter.package.appending(path: name).path))
      queries.formUnion(asked.map(\.query))
    }
    #expect(queries.count > 120)
    for query in queries { _ = try prometheus.query(query) }
  }
}
