import LogStations
import Testing

/// A log's contribution is a function of what it held: O and what follows the common prefix, whatever was done to it.
@Suite struct HistoryTests {
  static let catalog = """
    version: 1
    labels: { run: { max_values: 10 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      score: { type: gauge, help: h, labels: [run] }
      epochs_total: { type: counter, help: h, labels: [run] }
      seconds_total: { type: counter, help: h, labels: [run] }
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        each_record: epochs_total
        fields: { loss: loss, score: score, time: { metric: seconds_total, from: running_total } }
    """

  /// Any sequence of contents, each read in any pieces, against the rule in plain arrays.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func anySequenceOfContents(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let station = try Station(Self.catalog)
    let log = FedLog(of: station)
    var old: [Int] = []
    var total = 0
    var shown: Int?
    for _ in 0..<60 {
      // Keep a prefix, then go on with rows that may be the old ones or others.
      let kept = Int.random(in: 0...old.count, using: &random)
      let added = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 1...3, using: &random) }
      let new = Array(old.prefix(kept)) + added
      let common = zip(old, new).prefix { $0 == $1 }.count
      total += new.count - common
      if common < new.count { shown = new.last }

      log.restart()
      let rows = "loss\n" + new.map { "\($0)\n" }.joined()
      let cut = rows.index(rows.startIndex, offsetBy: Int.random(in: 0...rows.count, using: &random))
      log.append(String(rows[..<cut]))
      log.append(String(rows[cut...]))
      log.caughtUp()
      // A prefix of what the log had leaves its history as it was.
      if common < new.count || new.count >= old.count { old = new }

      var expected: [String] = []
      if let shown { expected.append("loss{run=\"a\"} \(shown)") }
      if total > 0 { expected.append("epochs_total{run=\"a\"} \(total)") }
      #expect(station.samples == expected, "seed \(seed), content \(new)")
    }
  }
}
