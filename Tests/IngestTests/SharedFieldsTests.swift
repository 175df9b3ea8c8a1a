import Testing

/// Logs with the same fields keep what they learned of them in one piece: what one meets later is not the other's.
@Suite struct SharedFieldsTests {
  private func bench(_ format: String) throws -> Bench {
    try Bench(
      """
      version: 1
      labels: { run: { max_values: 10 }, key: { max_values: 10 } }
      metrics:
        x: { type: gauge, help: X, labels: [run] }
        other: { type: gauge, help: Others, labels: [run, key] }
      watchers:
        w:
          files: "{run}.log"
          format: \(format)
          fields: { x: x, "{key}": other }
      """
    )
  }

  /// More kinds of logs than are remembered, in turn.
  @Test func manyKinds() throws {
    let bench = try bench("jsonl")
    let logs = (0..<10).map { bench.log(["run": "\($0)"]) }
    for turn in 0..<3 {
      for (number, log) in logs.enumerated() {
        log.append("{\"key\(number)\": \(turn), \"x\": \(number * turn), \"extra\(turn)\": 1}\n")
        log.caughtUp()
      }
    }
    #expect(bench.samples.filter { $0.hasPrefix("x") } == (0..<10).map { "x{run=\"\($0)\"} \($0 * 2)" })
  }
}
