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

  @Test func jsonLines() throws {
    let bench = try bench("jsonl")
    let logs = ["a", "b", "c"].map { bench.log(["run": $0]) }
    for (number, log) in logs.enumerated() {
      log.append("{\"x\": \(number), \"y\": 1, \"in\": {\"z\": 2}}\n")
      log.caughtUp()
    }
    logs[0].append("{\"new\": 3, \"x\": 10, \"in\": {\"w\": 4, \"z\": 5}}\n")
    logs[1].append("{\"in\": {\"z\": 6}, \"late\": 7, \"x\": 11, \"new\": 8}\n")
    for log in logs { log.caughtUp() }
    logs[2].append("{\"x\": 12, \"y\": 9, \"in\": {\"z\": 10}}\n{\"new\": 11}\n")
    for log in logs { log.caughtUp() }
    #expect(
      bench.samples.sorted() == [
        "other{run=\"a\",key=\"in.w\"} 4", "other{run=\"a\",key=\"in.z\"} 5", "other{run=\"a\",key=\"new\"} 3",
        "other{run=\"a\",key=\"y\"} 1", "other{run=\"b\",key=\"in.z\"} 6", "other{run=\"b\",key=\"late\"} 7",
        "other{run=\"b\",key=\"new\"} 8", "other{run=\"b\",key=\"y\"} 1", "other{run=\"c\",key=\"in.z\"} 10",
        "other{run=\"c\",key=\"new\"} 11", "other{run=\"c\",key=\"y\"} 9", "x{run=\"a\"} 10", "x{run=\"b\"} 11",
        "x{run=\"c\"} 12",
      ]
    )
  }

  @Test func separatedValues() throws {
    let bench = try bench("csv")
    let logs = ["a", "b", "c"].map { bench.log(["run": $0]) }
    for (number, log) in logs.enumerated() {
      log.append("x,y\n\(number),1\n")
      log.caughtUp()
    }
    logs[0].append("x,new,y\n10,3,2\n")
    logs[1].append("y,x,late\n4,11,5\n")
    for log in logs { log.caughtUp() }
    logs[2].append("12,6\n")
    logs[0].append("13,7,8\n")
    for log in logs { log.caughtUp() }
    #expect(
      bench.samples.sorted() == [
        "other{run=\"a\",key=\"new\"} 7", "other{run=\"a\",key=\"y\"} 8", "other{run=\"b\",key=\"late\"} 5",
        "other{run=\"b\",key=\"y\"} 4", "other{run=\"c\",key=\"y\"} 6", "x{run=\"a\"} 13", "x{run=\"b\"} 11",
        "x{run=\"c\"} 12",
      ]
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
