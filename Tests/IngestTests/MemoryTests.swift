import Ingest
import LogStations
import Testing

/// What logs make us remember beyond their series has one budget, and logs of ordinary size never notice.
@Suite struct MemoryTests {
  private static let yaml = """
    version: 1
    labels: { run: { max_values: 100 }, who: { max_values: 10, evict: oldest } }
    metrics:
      tokens_total: { type: counter, help: Tokens, labels: [who] }
      loss: { type: gauge, help: Loss, labels: [run, who] }
    watchers:
      w:
        files: "{run}.jsonl"
        format: jsonl
        labels: { who: "{.who}" }
        fields: { tokens: { metric: tokens_total, from: running_total }, loss: loss }
    """

  private func line(_ who: Int, _ value: String) -> String {
    "{\"who\": \"\(String(repeating: "w", count: 900))\(who)\", \(value)}\n"
  }

  @Test func totalsThatRecordsTellApart() throws {
    let station = try Station(Self.yaml)
    let hostile = (0..<3).map { FedLog(of: station, ["run": "\($0)"], number: $0) }
    for log in hostile {
      for who in 0..<8_000 { log.append(line(who, "\"tokens\": 1")) }
    }
    let refused = station.ingest.limits[0].count(.totals)
    #expect(refused > 3_000 && refused < 20_000)
    #expect(station.warnings.count == 1)
    #expect(station.warnings.first?.hasPrefix("watcher w: its logs have more running totals than") == true)
    // What is followed stays so, and a small log has room.
    hostile[0].append(line(0, "\"tokens\": 3"))
    let small = FedLog(of: station, ["run": "small"], number: 3)
    for tokens in [10, 15] { small.append("{\"who\": \"a\", \"tokens\": \(tokens)}\n") }
    #expect(station.samples.contains("tokens_total{who=\"a\"} 15"))
    #expect(station.ingest.limits[0].count(.totals) == refused)
  }

  @Test func valuesThatWait() throws {
    let station = try Station(Self.yaml)
    let logs = (0..<2).map { FedLog(of: station, ["run": "\($0)"], number: $0) }
    for log in logs {
      log.append("{\"who\": \"a\", \"loss\": 1}\n")
      log.caughtUp()
      log.restart()
      for who in 0..<12_000 { log.append(line(who, "\"loss\": 2")) }
    }
    #expect(station.ingest.limits[0].count(.waitingValues) > 1_000)
    for log in logs { log.caughtUp() }
    #expect(station.samples.contains { $0.hasPrefix("loss{run=\"1\",who=\"www") })
    // All of it was given back.
    let refused = station.ingest.limits[0].count(.waitingValues)
    logs[0].restart()
    for who in 0..<5_000 { logs[0].append(line(who, "\"loss\": 3")) }
    #expect(station.ingest.limits[0].count(.waitingValues) == refused)
  }
}
