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
    let station = try Station(Self.yaml)
    let logs = (0..<3_000).map { FedLog(of: station, [:], number: $0) }
    for _ in 0..<3 {
      for (number, log) in logs.enumerated() {
        log.append("{\"score\": 1, \"name\": \(number)}")
        log.caughtUp()
      }
    }
    #expect(station.samples == ["scores_total 3000", "results_total 3000"])
    #expect(station.ingest.limits[0].count(.documents) == 0)
    #expect(station.warnings.isEmpty)
  }

  @Test func thoseBeyondTheLimitAreRefusedAndCounted() throws {
    let station = try Station(Self.yaml, documentsMax: 10)
    var logs = (0..<12).map { FedLog(of: station, [:], number: $0) }
    for _ in 0..<3 {
      for (number, log) in logs.enumerated() { log.append("{\"score\": 1, \"name\": \(number)}") }
    }
    #expect(station.samples == ["scores_total 10", "results_total 10"])
    #expect(station.ingest.limits[0].count(.documents) == 6)
    #expect(station.warnings.count == 1)
    #expect(station.warnings.first?.hasPrefix("watcher evals: it has more different documents") == true)
    // The same content needs no place of its own, and a place that was given up is free.
    let same = FedLog(of: station, [:], number: 12)
    same.append("{\"score\": 1, \"name\": 3}")
    #expect(station.ingest.limits[0].count(.documents) == 6)
    logs.removeFirst()
    logs[10].append("{\"score\": 1, \"name\": 11}")
    #expect(station.samples == ["scores_total 11", "results_total 11"])
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
