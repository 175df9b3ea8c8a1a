import Ingest
import LogStations
import Testing

/// Of a batch's gauges the last numbers are read alone. What is shown and counted is what reading each record gives: a log
/// that comes line by line has no other record in a batch.
@Suite struct OutdatedValuesTests {
  private static func catalog(_ format: String, counts: Bool, refuses: Bool, run: String) -> String {
    """
    version: 1
    labels:
      kind: { values: [a, b] }
      model: { max_values: \(refuses ? 1 : 2) }
    metrics:
      lines_total: { type: counter, help: h }
      \(format)_records_total: { type: counter, help: h, labels: [kind] }
      step: { type: gauge, help: h }
      loss: { type: gauge, help: h }
      per_kind: { type: gauge, help: h, labels: [kind] }
      per_model: { type: gauge, help: h, labels: [model] }
      speed: { type: gauge, help: h }
      written_timestamp_seconds: { type: gauge, help: h, unit: seconds }
      sizes: { type: histogram, help: h, buckets: [1, 10, 100] }
    watchers:
      w:
        files: "{run}.log"
        format: \(format)\(format == "text" ? "\n    pairs: '{key}={value}'" : "")
        run: \(run)
        each_record:
          - lines_total
          - '\(format)_records_total{kind="a"}'
          - { metric: written_timestamp_seconds, from: time }
        fields:
          step: step
          loss: [loss, 'per_kind{kind="a"}']
          other: [{ metric: loss, scale: 2 }, 'per_kind{kind="b"}']
          rate: { metric: speed, scale: 0.5 }
          "m{model}": per_model
          note: \(counts ? "sizes" : "step")
    """
  }

  private static func log(_ format: String, commas: Bool, _ count: Int, _ random: inout SplitMix) -> [String] {
    let names = ["step", "loss", "other", "rate", "m1", "m2", "note"]
    let odds = [
      "csv": ["", "nan", "x", "[1]", "inf"], "jsonl": ["null", "NaN", "\"x\"", "[1]", "{}"],
      "pydict": ["None", "nan", "'x'", "[1]", "{}"], "text": ["nan", "x", "inf", "-"],
    ]
    var lines: [String] = format == "csv" ? [names.joined(separator: ",") + "\n"] : []
    let oddEach = [4, 60, 1_000].randomElement(using: &random)!
    for record in 0..<count {
      let values = names.indices.map { index -> String in
        if index == 0 { return "\(record)" }
        if Int.random(in: 0..<oddEach * 7, using: &random) == 0 {
          return (odds[format]! + (commas ? ["\"1,5\""] : [])).randomElement(using: &random)!
        }
        return "\(Double(Int.random(in: -9_999...99_999, using: &random)) / 1_000)"
      }
      let pairs = zip(names, values).filter { name, _ in
        // Where a log has not all fields in each record, the newest numbers are those of several records.
        ["csv", "jsonl"].contains(format) || name == "step" || Bool.random(using: &random)
      }
      switch format {
      case "csv": lines.append(values.joined(separator: ",") + "\n")
      case "text": lines.append(pairs.map { "\($0)=\($1)" }.joined(separator: " ") + "\n")
      case "pydict": lines.append("{" + pairs.map { "'\($0)': \($1)" }.joined(separator: ", ") + "}\n")
      default: lines.append("{" + pairs.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}\n")
      }
    }
    return lines
  }

  /// All that can be seen of a reading.
  private static func seen(_ station: Station) -> [String] {
    var seen = station.samples
    for (rejection, count) in station.registry.rejections().map({ ($0.rejection, $0.count) }) {
      seen.append("\(rejection) \(count)")
    }
    for outcome in RecordOutcome.allCases { seen.append("\(outcome) \(station.ingest.counters[0].count(outcome))") }
    for (_, health) in station.ingest.runs.all() {
      seen.append("\(health.step ?? -1) \(health.loss ?? -1)")
      seen.append("\(health.bestScore ?? -1) \(health.bestAt ?? -1) \(health.nonFinite.sorted { $0.key < $1.key })")
    }
    return seen
  }

  @Test(arguments: ["csv", "jsonl", "pydict", "text"], 1...20 as ClosedRange<UInt64>)
  func linesByLineAndAtOnce(format: String, seed: UInt64) throws {
    var random = SplitMix(state: seed)
    // In some a field counts each value, in some a limit refuses each: then no record may be left out.
    // (A decimal comma ends a gauge, and how many samples are refused before another has its place depends on batches.)
    let refuses = seed % 4 == 1
    let runs = ["null", "{ loss: loss }", "{ loss: loss, steps: rate, score: other }", "{ finished: { step: 700 } }"]
    let run = runs[Int(seed) % 5 % 4]
    let catalog = Self.catalog(format, counts: seed % 4 == 0, refuses: refuses, run: run)
    let clock = StationClock()
    let (first, second) = try (Station(catalog, clock: clock), Station(catalog, clock: clock))
    let logs = (FedLog(of: first), FedLog(of: second))
    logs.0.willRead()
    logs.1.willRead()
    var lines = Self.log(format, commas: !refuses, Int.random(in: 1...1_500, using: &random), &random)
    func feed(_ lines: [String], swaps: Bool) {
      var lines = lines[...]
      while !lines.isEmpty {
        let part = lines.prefix(Int.random(in: 1...[3, 50, 900].randomElement(using: &random)!, using: &random))
        (swaps ? logs.1 : logs.0).append(part.joined())
        for line in part { (swaps ? logs.0 : logs.1).append(line) }
        #expect(Set(Self.seen(first)).symmetricDifference(Self.seen(second)).isEmpty)
        lines.removeFirst(part.count)
      }
      logs.0.caughtUp()
      logs.1.caughtUp()
      #expect(Set(Self.seen(first)).symmetricDifference(Self.seen(second)).isEmpty)
    }
    feed(lines, swaps: false)
    // The same again, then another one that begins with it. What was read in the one way is known in the other.
    for kept in [lines.count, lines.count * 2 / 3] {
      logs.0.restart()
      logs.1.restart()
      lines = Array(lines.prefix(kept)) + Self.log(format, commas: !refuses, 600, &random).dropFirst()
      feed(lines, swaps: true)
    }
  }
}
