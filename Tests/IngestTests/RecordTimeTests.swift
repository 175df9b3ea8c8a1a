import Clocks
import LogStations
import MetricRegistry
import Testing

/// `from: time`: when the newest record was written.
@Suite struct RecordTimeTests {
  private static let catalog = """
    version: 1
    labels: { run: { max_values: 9 } }
    metrics:
      row_timestamp_seconds: { type: gauge, help: h, labels: [run] }
      eval_timestamp_seconds: { type: gauge, help: h, labels: [run] }
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        each_record: { metric: row_timestamp_seconds, from: time }
        fields: { accuracy: { metric: eval_timestamp_seconds, from: time } }
    """

  /// Seconds since 1970.
  private func now(_ station: Station) -> Double { Double(station.clock.now.wall) / 1e9 }

  private func shown(_ station: Station, _ name: String, _ run: String = "a") -> Double {
    let sample = station.samples.first { $0.hasPrefix("\(name){run=\"\(run)\"} ") }
    return sample.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
  }

  @Test func eachNewRecordMovesItAndNothingElseDoes() throws {
    let station = try Station(Self.catalog)
    try station.write("loss,accuracy\n0.5,\n", to: "a.csv")
    let first = now(station)
    station.settle()
    #expect(abs(shown(station, "row_timestamp_seconds") - first) < 1)
    #expect(shown(station, "eval_timestamp_seconds") == 0)
    station.pass(100)
    // What the field says is of no matter.
    try station.append("0.4,high\n", to: "a.csv")
    let second = now(station)
    station.settle()
    #expect(abs(shown(station, "row_timestamp_seconds") - second) < 1)
    #expect(abs(shown(station, "eval_timestamp_seconds") - second) < 1)
    station.pass(100)
    try station.append("0.3,\n", to: "a.csv")
    let third = now(station)
    // It was written while nobody looked.
    station.pass(1000)
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    #expect(abs(shown(station, "row_timestamp_seconds") - third) < 1)
    #expect(abs(shown(station, "eval_timestamp_seconds") - second) < 1)
    // The same rows in a new file, which is younger, and the same file after a restart with nothing saved.
    try station.folder.replace("a.csv", with: "loss,accuracy\n0.5,\n0.4,high\n0.3,\n")
    station.settle()
    #expect(abs(shown(station, "row_timestamp_seconds") - third) < 1)
  }

  @Test func aTimeToComeIsThePresent() throws {
    let station = try Station(Self.catalog)
    station.lag = -7200
    try station.write("loss\n1\n", to: "a.csv")
    station.lag = 7200
    try station.write("loss\n1\n", to: "b.csv")
    station.settle()
    #expect(abs(shown(station, "row_timestamp_seconds") - now(station)) < 20)
    #expect(abs(shown(station, "row_timestamp_seconds", "b") - (now(station) - 7200)) < 20)
  }
}
