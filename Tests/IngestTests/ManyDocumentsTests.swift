import Ingest
import Testing

/// Documents with equal captures are told apart by their content, however many they are.
@Suite struct ManyDocumentsTests {
  private static let yaml = """
    version: 1
    metrics:
      scores_total: { type: counter, help: Scores }
      results_total: { type: counter, help: Results }
    watchers:
      evals: { files: "evals/*.json", format: json, each_record: results_total, fields: { score: scores_total } }
    """

  @Test func eachCountsOnce() throws {
    let bench = try Bench(Self.yaml)
    let logs = (0..<3_000).map { _ in bench.log([:]) }
    for _ in 0..<3 {
      for (number, log) in logs.enumerated() {
        log.append("{\"score\": 1, \"name\": \(number)}")
        log.caughtUp()
      }
    }
    #expect(bench.samples == ["scores_total 3000", "results_total 3000"])
    #expect(bench.ingest.limits[0].count(.documents) == 0)
    #expect(bench.warnings.isEmpty)
  }

  @Test func thoseBeyondTheLimitAreRefusedAndCounted() throws {
    let bench = try Bench(Self.yaml, documentsMax: 10)
    var logs = (0..<12).map { _ in bench.log([:]) }
    for _ in 0..<3 {
      for (number, log) in logs.enumerated() { log.append("{\"score\": 1, \"name\": \(number)}") }
    }
    #expect(bench.samples == ["scores_total 10", "results_total 10"])
    #expect(bench.ingest.limits[0].count(.documents) == 6)
    #expect(bench.warnings.count == 1)
    #expect(bench.warnings.first?.hasPrefix("watcher evals: it has more different documents") == true)
    // The same content needs no place of its own, and a place that was given up is free.
    let same = bench.log([:])
    same.append("{\"score\": 1, \"name\": 3}")
    #expect(bench.ingest.limits[0].count(.documents) == 6)
    logs.removeFirst()
    logs[10].append("{\"score\": 1, \"name\": 11}")
    #expect(bench.samples == ["scores_total 11", "results_total 11"])
  }
}

/// Documents of many runs.
@Suite struct ManyRunsTests {
  @Test func eachCountsOnceAcrossRestartsAndReloads() throws {
    let yaml = """
      version: 1
      labels: { run: { max_values: 200 } }
      metrics:
        steps_total: { type: counter, help: h, labels: [run] }
      watchers:
        w: { files: "{run}.json", format: json, records: log, each_record: steps_total, fields: {} }
      """
    let station = try Station(yaml)
    for run in 0..<150 { try station.write("{\"log\": [{\"a\": \(run)}, {\"a\": 0}]}", to: "\(run).json") }
    station.settle()
    let before = Set(station.samples)
    #expect(before.count == 150)
    try station.restart(yaml, from: station.save())
    station.settle()
    #expect(Set(station.samples) == before)
    try station.reload(yaml)
    station.settle()
    #expect(Set(station.samples) == before)
  }
}

/// Documents that are one log by their content, of which one goes another way.
@Suite struct PartingDocumentsTests {
  private static let yaml = """
    version: 1
    labels: { run: { max_values: 9 }, model: { max_values: 9 } }
    metrics:
      run_info: { type: info, help: Run, labels: [run, model] }
      steps_total: { type: counter, help: Steps, labels: [run] }
    watchers:
      w:
        files: "{run}/*.json"
        format: json
        records: log
        each_record: ['run_info{model="{.model}"}', steps_total]
    """

  private func log(_ models: String...) -> String {
    "{\"log\": [" + models.map { "{\"model\": \"\($0)\"}" }.joined(separator: ",") + "]}"
  }

  /// All of it happened while nobody looked: what is left is read before it is known that the others are gone.
  @Test func theLastOfThemTakesTheInfosAlongThoughTheOthersAreMissedLater() throws {
    let station = try Station(Self.yaml)
    try station.write(log("a", "b"), to: "r/1.json")
    station.settle()
    try station.write(log("a", "b", "c"), to: "r/2.json")
    station.settle()
    let saved = station.save()
    try station.remove("r/1.json")
    try station.write(log("a", "d"), to: "r/2.json")
    try station.restart(Self.yaml, from: saved)
    station.settle()
    #expect(station.samples.sorted() == ["run_info{run=\"r\",model=\"d\"} 1", "steps_total{run=\"r\"} 4"])
  }

  /// All others are gone, so what is left is what the log's infos say.
  @Test(arguments: [false, true]) func theLastOfThemTakesTheInfosAlong(restarts: Bool) throws {
    let station = try Station(Self.yaml)
    try station.write(log("a", "b"), to: "r/1.json")
    station.settle()
    try station.write(log("a", "b", "c"), to: "r/2.json")
    station.settle()
    #expect(station.samples.contains("run_info{run=\"r\",model=\"c\"} 1"))
    try station.remove("r/1.json")
    station.settle()
    if restarts { try station.restart(Self.yaml, from: station.save()) }
    try station.write(log("a", "d"), to: "r/2.json")
    station.settle()
    #expect(station.samples.sorted() == ["run_info{run=\"r\",model=\"d\"} 1", "steps_total{run=\"r\"} 4"])
    // The other comes back, and is what it was.
    try station.write(log("a", "b"), to: "r/1.json")
    station.settle()
    #expect(station.samples.contains("steps_total{run=\"r\"} 4"))
  }
}
