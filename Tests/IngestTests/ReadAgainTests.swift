import Foundation
import LogStations
import Testing

/// Logs that have to be read again for another catalog, and change before they have been: what was consumed of a log
/// tells which one it is, however far the new reading has come.
@Suite struct ReadAgainTests {
  /// When the files change.
  enum Moment: CaseIterable {
    case beforeAReload, beforeARestart
    /// After it was saved that the log has to be read again.
    case whenThatWasSaved
    case whileItIsRead
    /// After it was saved how far it was read again.
    case whenSomeWasReadAndSaved
  }

  /// What happens to a log, and how many rows there are more then.
  struct Change: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var rowsMore = 0
    var make: @Sendable (Station) throws -> Void

    static let all = [
      Change(testDescription: "copied and truncated", rowsMore: 1) {
        try $0.write(Log.text, to: "b.csv")
        try $0.write(Log.header + Log.row(99_999), to: "a.csv")
      },
      Change(testDescription: "given a row, copied and truncated", rowsMore: 2) {
        try $0.write(Log.text + Log.row(99_998), to: "b.csv")
        try $0.write(Log.header + Log.row(99_999), to: "a.csv")
      },
      Change(testDescription: "copied and removed") {
        try $0.write(Log.text, to: "b.csv")
        try $0.remove("a.csv")
      },
      Change(testDescription: "renamed") { try $0.rename("a.csv", "b.csv") },
      Change(testDescription: "rotated", rowsMore: 1) {
        try $0.rename("a.csv", "b.csv")
        try $0.write(Log.header + Log.row(99_999), to: "a.csv")
      },
      Change(testDescription: "renamed twice, and grown", rowsMore: 1) {
        try $0.rename("a.csv", "c.csv")
        try $0.append(Log.row(99_999), to: "c.csv")
        try $0.rename("c.csv", "b.csv")
      },
      Change(testDescription: "replaced", rowsMore: 1) {
        try $0.write(Log.text + Log.row(99_999), to: ".new")
        try $0.rename(".new", "a.csv")
      },
    ]
  }

  /// More than is read in one turn, or by one call: long rows, since each is parsed again and again.
  private enum Log {
    static let count = 1_100
    static let header = "\(RestartTests.header.dropLast()),note\n"
    static let text = header + (1...count).map(row).joined()

    static func row(_ step: Int) -> String {
      "\(RestartTests.row(step).dropLast()),\(String(repeating: "-", count: 250))\n"
    }
  }

  /// The histogram is another one: it needs the log once more.
  private static let changed = RestartTests.catalog.replacingOccurrences(of: "[2, 4]", with: "[2, 4, 8]")

  @Test(arguments: Moment.allCases, Change.all) func aLogCountsOnce(moment: Moment, change: Change) throws {
    let station = try Station(RestartTests.catalog, turnBytesMax: 50_000)
    try station.write(Log.text, to: "a.csv")
    station.settle()
    let saved = station.save()
    switch moment {
    case .beforeAReload:
      try change.make(station)
      try station.reload(Self.changed)
    case .beforeARestart:
      try change.make(station)
      try station.restart(Self.changed, from: saved)
    case .whenThatWasSaved:
      try station.restart(Self.changed, from: saved)
      let again = station.save()
      try change.make(station)
      try station.restart(Self.changed, from: again)
    case .whileItIsRead:
      try station.restart(Self.changed, from: saved)
      station.look()
      try change.make(station)
    case .whenSomeWasReadAndSaved:
      try station.restart(Self.changed, from: saved)
      station.look()
      let again = station.save()
      try change.make(station)
      try station.restart(Self.changed, from: again)
    }
    station.settle()
    #expect(sum(of: "epochs_total", station) == Log.count + change.rowsMore)
    #expect(sum(of: "step_count", station) == Log.count + change.rowsMore)
  }

  private func sum(of metric: String, _ station: Station) -> Int {
    station.samples.filter { $0.hasPrefix(metric) }.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
  }

  /// The copy's log reads for the new histogram what the log under its old name then has once more.
  @Test(arguments: [true, false]) func aLogThatIsCopiedAndBeginsWithTheSameRows(isSomeRead: Bool) throws {
    let station = try Station(RestartTests.catalog, turnBytesMax: 50_000)
    try station.write(Log.text, to: "a.csv")
    station.settle()
    try station.restart(Self.changed, from: station.save())
    if isSomeRead { station.look() }
    try station.write(Log.text, to: "b.csv")
    try station.write(Log.header + (1...100).map(Log.row).joined(), to: "a.csv")
    station.settle()
    #expect(sum(of: "epochs_total", station) == Log.count)
    #expect(sum(of: "step_count", station) == Log.count)
  }

  @Test func aLogThatIsCutWhileItIsReadAgainIsReadFromItsBeginning() throws {
    let station = try Station(RestartTests.catalog, turnBytesMax: 50_000)
    try station.write(Log.text, to: "a.csv")
    station.settle()
    try station.restart(Self.changed, from: station.save())
    station.look()
    let read = sum(of: "step_count", station)
    try #require((1..<Log.count).contains(read), "in the midst of it")
    // Less than was there, and more than was read again; then other rows.
    let rows = Log.text.split(separator: "\n").prefix(read + 11).joined(separator: "\n") + "\n"
    try station.write(rows + Log.row(99_999), to: "a.csv")
    station.settle()
    #expect(sum(of: "epochs_total", station) == Log.count + 1)
    #expect(sum(of: "step_count", station) == read + 11)
  }

  @Test(arguments: [true, false]) func aDocumentCountsOnce(isRenamed: Bool) throws {
    func catalog(_ buckets: String) -> String {
      """
      version: 1
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: histogram, help: h, labels: [run], buckets: \(buckets) }
        records_total: { type: counter, help: h, labels: [run] }
      watchers:
        w: { files: "{run}.json", format: json, records: log, each_record: records_total, fields: { loss: loss } }
      """
    }
    let document = "{\"log\": [{\"loss\": 1}, {\"loss\": 2}, {\"loss\": 3}]}"
    let station = try Station(catalog("[2]"))
    try station.write(document, to: "a.json")
    station.settle()
    if isRenamed {
      try station.rename("a.json", "b.json")
    } else {
      try station.write(document, to: ".new")
      try station.rename(".new", "a.json")
    }
    try station.reload(catalog("[2, 4]"))
    station.settle()
    #expect(sum(of: "records_total", station) == 3)
    #expect(sum(of: "loss_count", station) == 3)
  }
}
