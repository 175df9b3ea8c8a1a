import LogStations
import Testing

/// Logs with the same fields keep what they learned of them in one piece, of so many kinds.
@Suite struct SharedFieldsTests {
  /// More kinds of logs than are remembered, in turn.
  @Test func manyKinds() throws {
    let station = try Station(
      """
      version: 1
      labels: { run: { max_values: 10 }, key: { max_values: 10 } }
      metrics:
        x: { type: gauge, help: X, labels: [run] }
        other: { type: gauge, help: Others, labels: [run, key] }
      watchers: { w: { files: "{run}.log", format: jsonl, fields: { x: x, "{key}": other } } }
      """
    )
    for turn in 0..<3 {
      for run in 0..<10 {
        try station.append("{\"key\(run)\": \(turn), \"x\": \(run * turn), \"extra\(turn)\": 1}\n", to: "\(run).log")
        station.look()
      }
    }
    #expect(Set(station.samples.filter { $0.hasPrefix("x") }) == Set((0..<10).map { "x{run=\"\($0)\"} \($0 * 2)" }))
  }
}
