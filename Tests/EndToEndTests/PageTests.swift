import Foundation
import Glibc
import Testing

/// The page in a real browser, before a real exporter.
@Suite struct PageTests {
  private static let catalog = """
    version: 1
    labels: { run: { max_values: 20 } }
    metrics:
      training_loss: { type: gauge, help: Loss, labels: [run] }
      learning_rate: { type: gauge, help: Learning rate, labels: [run] }
      training_epochs_total: { type: counter, help: Epochs, labels: [run] }
    watchers:
      rows:
        files: "runs/{run}/rows.csv"
        format: csv
        run: { epochs: 50 }
        each_record: training_epochs_total
        fields: { loss: training_loss, lr: learning_rate }
      console:
        files: "runs/{run}/console.log"
        format: pydict
        run: { failed: { error: present } }
    """

  /// Healthy ones, one that failed, one with NaN, one with a single row, and one whose name would be HTML.
  private func folder() throws -> (folder: TemporaryFolder, catalog: String) {
    let folder = try TemporaryFolder()
    func rows(_ run: String, _ count: Int, _ loss: (Int) -> String) throws {
      let rows = (1...count).map { "\($0),\(loss($0)),\(0.1 / Double($0))\n" }.joined()
      try folder.write("epoch,loss,lr\n" + rows, to: "runs/\(run)/rows.csv")
    }
    try rows("ahead", 40) { "\(2.0 / Double($0))" }
    try rows("behind", 30) { "\(2.5 / Double($0))" }
    try rows("broken", 20) { $0 == 11 ? "nan" : "\(2.2 / Double($0))" }
    try rows("one", 1) { _ in "3.5" }
    try rows("<script>alert(1)<", 5) { "\(1.9 / Double($0))" }
    try rows("quote\"'&\u{202E}", 5) { "\(1.8 / Double($0))" }
    try rows("failed", 3) { "\(1.7 / Double($0))" }
    try folder.append("4,half of a row", to: "runs/failed/rows.csv")
    try folder.append(",and,another,behind,it\n", to: "runs/failed/rows.csv")
    try folder.write("{'error': 'CUDA out of memory'}\n", to: "runs/failed/console.log")
    return (folder, try folder.write(Self.catalog, to: "metrics.yaml"))
  }

  private static func browse(_ url: String) async throws -> ChildProcess.Exit {
    let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"] ?? "python3"
    let script = Exporter.package.appending(path: "tools/page-test.py").path
    let browser = try ChildProcess([python, script, url, "--user", ""])
    let exit = try await browser.waitForExit(within: .seconds(300))
    if exit.status != 0 { Issue.record("\(browser.standardError)\(browser.standardOutput)") }
    return exit
  }

  @Test func itShowsWhatTheAPISays() async throws {
    let (folder, catalog) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.disable"])
    _ = try await eventually("what failed is known") {
      try HTTP.get("/api/v1/runs", port: server.port).body.contains("\"evidence\"") ? true : nil
    }
    _ = try await Self.browse("http://127.0.0.1:\(server.port)/")
  }

  @Test func withoutItThereAreLinks() async throws {
    let (folder, catalog) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.disable", "--web.disable-page"])
    let page = try HTTP.get("/", port: server.port)
    #expect(page.status == 200 && page.body.contains("<a href=\"./metrics\">") && !page.body.contains("<script"))
    #expect(try HTTP.get("/page/page.js", port: server.port).status == 404)
    #expect(try HTTP.get("/api/v1/runs", port: server.port).status == 200)
  }

  /// Those without JavaScript get a table, and no text out of a log is HTML.
  @Test func itIsReadableWithoutAScript() async throws {
    let (folder, catalog) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.disable"])
    let page = try HTTP.get("/", port: server.port).body
    // Where the machine is busy it is stalled by now.
    let cells = ["ahead", "[a-z]+", "80 %", "40", "0.05", ""].map { "<td>\($0)</td>" }.joined()
    #expect(page.contains(try Regex("<tr>\(cells)</tr>")))
    #expect(page.contains("<td>&lt;script&gt;alert(1)&lt;</td>") && !page.contains("<script>alert"))
    #expect(page.contains("href=\"./metrics\""))
    // What turns the direction of writing is in neither, and both have the same run.
    let metrics = try server.scrape()
    for name in ["training_loss", "training_exporter_run_loss"] {
      #expect(metrics.contains(name + #"{run="quote\"'&\#u{FFFD}"} 0.36"#), "\(name)")
    }
  }

  @Test func aReportIsOneFileWithAllOfIt() async throws {
    let (folder, catalog) = try folder()
    let report = folder.path("report.html")
    let all = try await Exporter.run("report", catalog, "--output", report)
    #expect(all.exit.status == 0 && all.errors.contains("7 runs"), "\(all.errors)")
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(!text.contains("src=\"page/") && !text.contains("href=\"page/") && !text.contains("<script>alert"))
    let data = try #require(text.firstMatch(of: /id="snapshot">(.*?)<\/script>/)?.1)
    let snapshot = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
    let curves = (snapshot?["curves"] as? [String: Any])?["curves"] as? [[String: Any]]
    let losses = curves?.first { $0["field"] as? String == "loss" && $0["total"] as? Int == 40 }
    #expect((losses?["value"] as? [Double])?.last == 0.05)
    #expect(Set(snapshot?.keys.map { $0 } ?? []) == ["time", "page", "runs", "curves", "sources", "metrics"])

    // From an exporter, and some runs alone.
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.disable"])
    let url = "http://127.0.0.1:\(server.port)"
    let some = try await Exporter.run("report", url, "ahead", "behind", "--output", "-")
    #expect(some.exit.status == 0 && some.output.contains("\"ahead\"") && !some.output.contains("\"broken\""))
    let none = try await Exporter.run("report", url, "ahed", "--output", "-")
    #expect(none.exit.status == 2 && none.errors.contains("there is no run `ahed`"))
    #expect(none.errors.contains("did you mean `ahead`?"))
    let strange = try await Exporter.run("report", "\(url)/metrics", "zzzzzz", "--output", "-")
    let command = "`training-exporter runs \(url)/metrics` shows which there are"
    #expect(strange.exit.status == 2 && strange.errors.contains(command), "\(strange.errors)")
  }

  /// The address in the exporter's log is that of its metrics.
  @Test func anAddressIsTakenAsItIsMeant() async throws {
    let (folder, catalog) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.disable"])
    let host = "127.0.0.1:\(server.port)"
    let runs = try await Exporter.run("runs", "http://\(host)/metrics")
    #expect(runs.exit.status == 0 && runs.output.contains("ahead"), "\(runs.errors)")
    let elsewhere = try await Exporter.run("report", "http://\(host)/x", "--output", "-")
    #expect(elsewhere.exit.status == 2, "\(elsewhere.errors)")
    let help = "older than /api/v1/runs, or not behind /x: `http://\(host)` asks for /api/v1/runs"
    #expect(elsewhere.errors.contains(help), "\(elsewhere.errors)")
    let secure = try await Exporter.run("runs", "https://\(host)")
    #expect(secure.exit.status == 2 && !secure.errors.contains("NIOSSL"), "\(secure.errors)")
    #expect(secure.errors.contains("does not answer: it speaks no TLS\nhelp: write http://"), "\(secure.errors)")
    let nobody = try await Exporter.run("report", "http://127.0.0.1:1/", "--output", "-")
    let command = "try `curl 'http://127.0.0.1:1/api/v1/runs?limit=10000'`"
    #expect(nobody.exit.status == 2 && nobody.errors.contains(command), "\(nobody.errors)")
  }
}
