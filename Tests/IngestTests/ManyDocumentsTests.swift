import Ingest
import LogStations
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
