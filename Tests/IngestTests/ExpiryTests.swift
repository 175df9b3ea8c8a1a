import LogStations
import StateStore
import Testing

@testable import Tailing

/// Series end when the log that fed them has not changed for as long as is declared, and are gone from the state too.
@Suite struct ExpiryTests {
  private static let catalog = """
    version: 1
    labels: { run: { max_values: 10 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      rows_total: { type: counter, help: h, labels: [run], expire_after: 1h }
      last: { type: gauge, help: h }
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        expire_after: 5m
        each_record: rows_total
        fields: { loss: [loss, last] }
    """

  /// Series end and others begin, many times over; what once stood at a place in memory says nothing of what does now.
  @Test func anInfoThatCameBackAfterItsEndIsReplacedByTheNext() throws {
    let catalog = """
      version: 1
      labels: { run: { max_values: 50 }, model: { max_values: 200 } }
      metrics: { run_info: { type: info, help: h, labels: [run, model] } }
      watchers:
        w:
          files: "{run}.jsonl"
          format: jsonl
          expire_after: 5m
          each_record: 'run_info{model="{.model}"}'
      """
    let station = try Station(catalog)
    let runs = 0..<30
    for round in 0..<4 {
      for run in runs { try station.append("{\"model\": \"a\(round)\"}\n", to: "\(run).jsonl") }
      station.settle()
      station.rest(400)
      #expect(station.samples == [])
      for run in runs { try station.append("{\"model\": \"b\(round)\"}\n", to: "\(run).jsonl") }
      station.settle()
      for run in runs { try station.append("{\"model\": \"c\(round)\"}\n", to: "\(run).jsonl") }
      station.settle()
      #expect(
        Set(station.samples) == Set(runs.map { "run_info{run=\"\($0)\",model=\"c\(round)\"} 1" })
      )
    }
  }

  /// A log that rested since the clock was set right, and one that did not; both were saved while it was wrong.
  @Test(arguments: [3, -3] as [Int64])
  func aClockThatWasWrongEndsNothingWhenTheMachineIsStartedAnew(days: Int64) throws {
    let station = try Station(Self.catalog)
    station.clock.set(by: days * 86_400_000_000_000)
    try station.write("loss\n1\n", to: "a.csv")
    try station.write("loss\n1\n", to: "b.csv")
    station.settle()
    var saved = SavedState(station.saveChanges())
    station.clock.set(by: -days * 86_400_000_000_000)
    station.rest(100)
    try station.append("2\n", to: "b.csv")
    station.settle()
    saved.save(station.saveChanges())
    station.clock.reboot()
    try station.begin(Self.catalog, from: saved)
    station.rest(50)
    #expect(Set(station.samples).isSuperset(of: ["loss{run=\"a\"} 1", "loss{run=\"b\"} 2"]))
    station.rest(170)
    #expect(!station.samples.contains("loss{run=\"a\"} 1") && station.samples.contains("loss{run=\"b\"} 2"))
  }

  @Test func aLogThatIsGoneIsForgottenWithItsLastSeries() throws {
    let station = try Station(Self.catalog)
    try station.write("loss\n1\n", to: "a.csv")
    try station.write("loss\n1\n", to: "b.csv")
    station.settle()
    try station.remove("a.csv")
    station.settle()
    #expect(station.tailer.tables[0].logs.count == 2)
    #expect(station.samples.contains("loss{run=\"a\"} 1"), "a log that is deleted takes nothing away")
    let before = station.save().count
    station.rest(3_700)
    station.settle()
    #expect(station.tailer.tables[0].logs.count == 1)
    #expect(station.samples == [])
    #expect(station.save().count < before)
  }
}
