import Clocks
import LogStations
import MetricRegistry
import Runs
import Testing

/// What logs say of runs: their states, how far they are, and what is kept of that across restarts.
@Suite struct RunTests {
  private static let catalog = """
    version: 1
    labels: { run: { max_values: 9 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
    watchers:
      rows:
        files: "{run}/rows.csv"
        format: csv
        run: { epoch: epoch, loss: loss, score: accuracy }
        fields: { loss: loss }
      arguments:
        files: "{run}/args.yaml"
        format: yaml
        run: { epochs: epochs }
      console:
        files: "{run}/console.log"
        format: pydict
        run: { finished: { train_runtime: present }, failed: { error: present } }
    """

  private func health(_ station: Station, _ run: String = "a") -> RunHealth? {
    station.ingest.runs.all().first { $0.key.values == [run] }?.health
  }

  private func state(_ station: Station, _ run: String = "a") -> RunState? {
    health(station, run)?.state(at: station.clock.now.wall)
  }

  /// Of a log that is found long, losses of all its records are kept, and after a restart they go on.
  @Test(arguments: [1, 20, 100, 3000, 20_000], [",accuracy", ""])
  func lossesAreSpreadOverALongLog(rows: Int, score: String) throws {
    let station = try Station(Self.catalog)
    // Without a score most records bring no values.
    let lines = (1...rows).map { "\($0),\($0)\(score.isEmpty ? "" : ",0.5")\n" }.joined()
    try station.write("epoch,loss\(score)\n" + lines, to: "a/rows.csv")
    station.settle()
    let losses = try #require(health(station)?.recentLosses)
    #expect(losses.count <= 32 && losses.count >= min(rows, 8) - 2, "\(losses)")
    #expect(losses.first == 1 && losses.last == Double(rows))
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 < $1 }, "\(losses)")
    if rows >= 100 {
      let widest = zip(losses, losses.dropFirst()).map { $1 - $0 }.max() ?? 0
      #expect(widest <= Double(rows) / 5, "\(losses)")
    }
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    #expect(health(station)?.recentLosses == losses)
    try station.append("\(rows + 1),nan\(score.isEmpty ? "" : ",0.5")\n", to: "a/rows.csv")
    station.settle()
    #expect(health(station)?.recentLosses?.last?.isNaN == true)
  }

  @Test func aRunFromItsFirstFileToItsEnd() throws {
    let station = try Station(Self.catalog)
    try station.write("epochs: 4\n", to: "a/args.yaml")
    station.settle()
    #expect(state(station) == .starting)
    try station.write("epoch,loss,accuracy\n", to: "a/rows.csv")
    station.settle()
    #expect(state(station) == .starting)
    try station.append("1,0.5,0.7\n", to: "a/rows.csv")
    station.look()
    #expect(state(station) == .running)
    station.pass(50)
    try station.append("2,nan,0.9\n", to: "a/rows.csv")
    station.look()
    #expect(state(station) == .running && health(station)?.isDiverged == true)
    #expect(health(station)?.nonFinite == ["loss": 1])
    #expect(health(station)?.bestScore == 0.9 && health(station)?.bestAt == 2)
    station.pass(100)
    station.look()
    #expect(state(station) == .running, "three times its interval")
    station.pass(60)
    #expect(state(station) == .stalled)
    try station.append("3,0.3,0.8\n", to: "a/rows.csv")
    station.look()
    #expect(state(station) == .running && health(station)?.isDiverged == false)
    #expect(health(station)?.progress(at: station.clock.now.wall) == 0.75)
    try station.append("4,0.2,0.8\n", to: "a/rows.csv")
    station.look()
    station.pass(100_000)
    #expect(state(station) == .finished && health(station)?.bestScore == 0.9)
    #expect(health(station)?.nonFinite == ["loss": 1])
  }

  @Test func marksOfOtherLogs() throws {
    let station = try Station(Self.catalog)
    try station.write("{'loss': 1}\n", to: "a/console.log")
    station.settle()
    #expect(state(station) == .running)
    try station.append("{'error': 'out of memory'}\n", to: "a/console.log")
    station.settle()
    #expect(state(station) == .failed)
    // It was started again.
    try station.append("{'loss': 1}\n", to: "a/console.log")
    station.settle()
    #expect(state(station) == .running)
    try station.append("{'train_runtime': 12.5}\n", to: "a/console.log")
    station.settle()
    #expect(state(station) == .finished)
  }

  @Test func aTracebackBehindTheLastRecord() throws {
    let station = try Station(Self.catalog)
    let traceback = "Traceback (most recent call last):\n  File \"t.py\", line 1, in <module>\nValueError: {'loss': 3\n"
    try station.write("{'loss': 1}\n" + traceback, to: "a/console.log")
    try station.write("{'loss': 1}\n" + traceback + "{'loss': 2}\n", to: "b/console.log")
    try station.write(traceback, to: "c/console.log")
    station.look()
    #expect(state(station) == .running && state(station, "b") == .running && state(station, "c") == .starting)
    station.pass(11)
    #expect(state(station) == .failed && state(station, "b") == .running && state(station, "c") == .failed)
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    #expect(state(station) == .failed && state(station, "b") == .running)
    // Half a line, and what follows it later.
    try station.append("Traceback (most recent call", to: "b/console.log")
    station.look()
    try station.append(" last):\n", to: "b/console.log")
    station.look()
    try station.append("{'loss': 1}\n", to: "a/console.log")
    station.look()
    station.pass(11)
    #expect(state(station) == .running && state(station, "b") == .failed)
  }

  @Test func whatIsKnownIsKept() throws {
    let station = try Station(Self.catalog)
    try station.write("epochs: 4\n", to: "a/args.yaml")
    try station.write("epoch,loss,accuracy\n1,0.5,0.7\n2,inf,0.9\n", to: "a/rows.csv")
    try station.write("epoch,loss,accuracy\n1,0.5,0.7\n", to: "b/rows.csv")
    station.settle()
    let saved = station.save()
    station.pass(30)
    try station.remove("b/rows.csv")
    try station.restart(Self.catalog, from: saved)
    #expect(state(station) == .running)
    station.settle()
    #expect(state(station) == .running && state(station, "b") == .vanished)
    #expect(health(station)?.bestScore == 0.9 && health(station)?.nonFinite == ["loss": 1])
    #expect(health(station)?.plannedEpochs == 4 && health(station)?.epoch == 2)
    // Nothing counts twice where a log is written again.
    try station.folder.replace("a/rows.csv", with: "epoch,loss,accuracy\n1,0.5,0.7\n2,inf,0.9\n")
    station.settle()
    #expect(health(station)?.nonFinite == ["loss": 1])
    station.pass(300)
    #expect(state(station) == .stalled)
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    #expect(state(station) == .stalled)
  }

  @Test func aFolderThatGoesAndComesBack() throws {
    let station = try Station(Self.catalog)
    try station.write("epoch,loss\n1,0.5\n", to: "a/rows.csv")
    station.settle()
    try station.remove("a/rows.csv")
    station.settle()
    #expect(state(station) == .vanished)
    try station.write("epoch,loss\n1,0.5\n2,0.4\n", to: "a/rows.csv")
    station.settle()
    #expect(state(station) == .running)
    try station.rename("a", "c")
    station.settle()
    #expect(state(station) == .vanished && state(station, "c") != .vanished)
  }

  @Test func aLabelBoundsRunsToo() throws {
    let station = try Station(Self.catalog.replacing("max_values: 9", with: "values: [a, b]"))
    for run in ["a", "b", "c"] { try station.write("epoch,loss\n1,0.5\n", to: "\(run)/rows.csv") }
    station.settle()
    #expect(station.ingest.runs.all().map(\.key.values) == [["a"], ["b"]])
  }

  /// Records are told a batch at a time, where conditions do not have each looked at.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func batchesSayWhatTheirRecordsSay(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var text = "epoch,step,loss,accuracy,max_steps,other\n"
    for row in 1...1500 {
      let loss = Int.random(in: 0..<200, using: &random) == 0 ? "nan" : "\(Double.random(in: 0..<1, using: &random))"
      let cells = [
        "\(row / 10)", "\(row)", loss, "\(Int.random(in: 0..<5000, using: &random))", "5000",
        Int.random(in: 0..<300, using: &random) == 0 ? "-inf" : "1",
      ]
      // In logs of odd seeds much is missing.
      let kept = cells.map { seed % 2 == 1 && Int.random(in: 0..<4, using: &random) == 0 ? "" : $0 }
      text += kept.joined(separator: ",") + "\n"
    }
    var seen: [String] = []
    for condition in ["", "where: { nothing: absent }\n    "] {
      let station = try Station(
        """
        version: 1
        labels: { run: { max_values: 9 } }
        metrics: { loss: { type: gauge, help: h, labels: [run] }, other: { type: gauge, help: h, labels: [run] } }
        watchers:
          w:
            files: "{run}.csv"
            format: csv
            \(condition)run: { score: accuracy }
            fields: { loss: loss, other: other }
        """
      )
      try station.write(text, to: "a.csv")
      station.settle()
      let health = try #require(self.health(station))
      let numbers = [health.step, health.epoch, health.plannedSteps, health.bestScore, health.bestAt, health.loss]
      seen.append("\(numbers) \(health.nonFinite.sorted { $0.key < $1.key })")
    }
    #expect(seen[0] == seen[1])
  }

  @Test func aRecordsOwnTime() throws {
    let station = try Station(
      """
      version: 1
      labels: { run: { max_values: 9 } }
      metrics: { loss: { type: gauge, help: h, labels: [run] } }
      watchers:
        w:
          files: "{run}.jsonl"
          format: jsonl
          run: { step: step, time: at }
          fields: { loss: loss }
      """
    )
    try station.write(
      """
      {"at": "2026-01-05T10:00:00Z", "step": 1, "loss": 1}
      {"at": "2026-01-05T10:00:10Z", "step": 2, "loss": 1}

      """,
      to: "a.jsonl"
    )
    station.settle()
    #expect(health(station)?.lastRecord == 1_767_607_210_000_000_000)
    #expect(health(station)?.start == 1_767_607_200_000_000_000)
  }
}
