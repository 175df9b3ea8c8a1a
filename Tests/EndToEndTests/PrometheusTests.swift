import Foundation
import Testing

/// The real Prometheus scrapes the exporter while a recorded training goes on.
struct PrometheusTests {
  @Test func prometheusHasTheLogsLastRow() async throws {
    let folder = try TemporaryFolder()
    let catalog = folder.path("metrics.yaml")
    try FileManager.default.copyItem(atPath: Exporter.package.appending(path: "metrics.yaml").path, toPath: catalog)
    let exporter = try await Exporter.Server(catalog: catalog)
    let prometheus = try await Prometheus(target: exporter.port, in: folder)

    // 31 seconds of training in about six, so that some scrapes fall into the middle of it.
    let replay = try ChildProcess([
      "python3", Exporter.package.appending(path: "tools/replay-log.py").path,
      Exporter.fixtures.appending(path: "recordings/ultralytics.jsonl").path, folder.path(), "--speed", "5",
    ])
    #expect(try await replay.waitForExit().status == 0, "\(replay.standardError)")
    try await eventually("Prometheus has the last epoch") {
      try prometheus.query("training_epoch").first?.value == 80 ? true : nil
    }

    // It saw the training go on, too, and not only its end.
    #expect(try #require(prometheus.query("min_over_time(training_epoch[1h])").first?.value) < 80)
    #expect(try prometheus.query("up").map(\.value) == [1])
    let target = try prometheus.targets()
    #expect(target.map(\.health) == ["up"])
    #expect(target.map(\.lastError) == [""])

    let log = try String(contentsOfFile: folder.path("runs/detect/train/results.csv"), encoding: .utf8)
    let rows = log.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    let last = Dictionary(uniqueKeysWithValues: zip(try #require(rows.first), try #require(rows.last)))
    for (query, column) in Self.columns {
      let samples = try prometheus.query(query)
      #expect(samples.map(\.value) == [last[column].flatMap(Double.init)], "\(query) is not \(column)")
      #expect(samples.first?.labels["run"] == "train")
    }
    #expect(try prometheus.query("training_epochs_total").map(\.value) == [Double(rows.count - 1)])
    #expect(try prometheus.query("training_duration_seconds_count").map(\.value) == [Double(rows.count - 1)])
    let seconds = try #require(prometheus.query("training_duration_seconds_sum").first?.value)
    #expect(abs(seconds - (last["time"].flatMap(Double.init) ?? 0)) < 1e-9)

    let exposition = try folder.write(exporter.scrape(), to: "exposition")
    try await expectCleanLint(ofFile: exposition)
  }

  /// What PromQL is asked, and the column that has the answer.
  static let columns: [(String, String)] = [
    (#"training_loss{component="box"}"#, "train/box_loss"),
    (#"training_loss{component="cls"}"#, "train/cls_loss"),
    (#"training_loss{component="dfl"}"#, "train/dfl_loss"),
    (#"validation_loss{component="box"}"#, "val/box_loss"),
    (#"validation_loss{component="cls"}"#, "val/cls_loss"),
    (#"validation_loss{component="dfl"}"#, "val/dfl_loss"),
    (#"validation_map{iou_threshold="0.5"}"#, "metrics/mAP50(B)"),
    (#"validation_map{iou_threshold="0.5:0.95"}"#, "metrics/mAP50-95(B)"),
    ("validation_precision_ratio", "metrics/precision(B)"),
    ("validation_recall_ratio", "metrics/recall(B)"),
    (#"learning_rate{param_group="0"}"#, "lr/pg0"),
    (#"learning_rate{param_group="2"}"#, "lr/pg2"),
  ]
}

/// Debian's `prometheus`, with one target and its data in a temporary folder.
final class Prometheus {
  struct Sample {
    var labels: [String: String]
    var value: Double
  }

  struct Target {
    var health: String
    var lastError: String
  }

  private let process: ChildProcess
  private let port: UInt16

  /// What it has logged.
  var log: String { process.standardError }

  /// `debug` is what Go is asked to log; `more` are further lines of the scrape configuration.
  /// `rules` are files of alert rules.
  init(
    target: UInt16,
    in folder: TemporaryFolder,
    more: String = "",
    rules: [String] = [],
    features: [String] = [],
    interval: String = "250ms",
    debug: String = ""
  ) async throws {
    port = try HTTP.freePort()
    let ruleFiles = try rules.enumerated().map { try folder.write($1, to: "rules-\($0).yml") }
    let configuration = try folder.write(
      """
      global: { scrape_interval: \(interval), scrape_timeout: \(interval), evaluation_interval: 500ms }
      rule_files: [\(ruleFiles.joined(separator: ", "))]
      scrape_configs:
        - job_name: training
          static_configs: [{ targets: ["127.0.0.1:\(target)"] }]
      \(more)
      """,
      to: "prometheus.yml"
    )
    process = try ChildProcess(
      [
        "env", "GODEBUG=\(debug)", "prometheus", "--config.file=\(configuration)",
        "--storage.tsdb.path=\(folder.path("tsdb"))",
        "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
      ] + (features.isEmpty ? [] : ["--enable-feature=" + features.joined(separator: ",")])
    )
    try await eventually("Prometheus is ready") {
      if let exit = self.process.hasEnded() {
        throw HTTP.Failure(description: "Prometheus ended with \(exit.status): \(self.process.standardError)")
      }
      return try HTTP.get("/-/ready", port: self.port).status == 200 ? true : nil
    }
  }

  /// - Throws: what Prometheus says of a query that it refuses.
  func query(_ text: String) throws -> [Sample] {
    let allowed = CharacterSet.alphanumerics
    let query = text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    let answer = try HTTP.get("/api/v1/query?query=\(query)", port: port).json as? [String: Any]
    if let error = answer?["error"] as? String { throw HTTP.Failure(description: "\(error): \(text)") }
    let data = answer?["data"] as? [String: Any]
    let results = data?["result"] as? [[String: Any]] ?? []
    return results.compactMap { result in
      guard let value = (result["value"] as? [Any])?.last as? String, let number = Double(value) else { return nil }
      return Sample(labels: result["metric"] as? [String: String] ?? [:], value: number)
    }
  }

  /// The labels and values of all exemplars of what a query selects.
  func exemplars(_ query: String) throws -> [Sample] {
    let now = Date.now.timeIntervalSince1970
    let path = "/api/v1/query_exemplars?query=\(query)&start=\(now - 1e6)&end=\(now + 1e3)"
    let answer = try HTTP.get(path, port: port).json as? [String: Any]
    return (answer?["data"] as? [[String: Any]] ?? []).flatMap { series in
      (series["exemplars"] as? [[String: Any]] ?? []).compactMap { exemplar in
        guard let value = (exemplar["value"] as? String).flatMap(Double.init) else { return nil }
        return Sample(labels: exemplar["labels"] as? [String: String] ?? [:], value: value)
      }
    }
  }

  func targets() throws -> [Target] {
    let answer = try HTTP.get("/api/v1/targets", port: port).json as? [String: Any]
    let data = answer?["data"] as? [String: Any]
    return (data?["activeTargets"] as? [[String: Any]] ?? []).map {
      Target(health: $0["health"] as? String ?? "", lastError: $0["lastError"] as? String ?? "?")
    }
  }
}
