import Ingest
import LogStations
import StateStore
import Testing

/// What is saved is what has changed, and with all that was saved before it is the whole.
@Suite struct SavedChangesTests {
  private static let documents = """

      json:
        files: "{run}/checkpoint-*/state.json"
        format: json
        records: log
        each_record: epochs_total
        fields: { loss: loss, step: step }
    """

  private static let catalog = RestartTests.catalog + documents

  private func document(_ losses: ClosedRange<Int>) -> String {
    "{\"log\": [" + losses.map { "{\"loss\": \($0), \"step\": \($0)}" }.joined(separator: ", ") + "]}"
  }

  /// Every way a log may change, one after the other; killed after each, and gone on from what was saved until then.
  @Test func killedAfterAnyChange() throws {
    let station = try Station(Self.catalog)
    var saved = SavedState(station.saveChanges())
    func check(_ what: String, isSettled: Bool = true) throws {
      if isSettled { station.settle() } else { station.look() }
      let changes = station.saveChanges()
      #expect(!changes.isWhole)
      saved.save(changes)
      let shown = Set(station.samples)
      let (atOnce, later) = try station.goneOn(Self.catalog, from: saved)
      #expect(atOnce == shown, "after \(what)")
      if isSettled { #expect(later == shown, "and looked at, after \(what)") }
      let (fromWhole, _) = try station.goneOn(Self.catalog, from: SavedState(station.save()[...]))
      #expect(fromWhole == shown, "a whole, after \(what)")
      // A whole in between is one that changes can follow, too: half of the time it is the one that is kept.
      saved = isSettled ? saved : SavedState(station.save()[...])
    }
    let header = RestartTests.header
    let rows = (1...40).map { RestartTests.row($0) }
    try station.write(header + rows[..<3].joined(), to: "a.csv")
    try check("a new log")
    for row in 3..<6 {
      try station.append(rows[row], to: "a.csv")
      try check("row \(row)")
    }
    try station.append(String(rows[6].prefix(4)), to: "a.csv")
    try check("half a row")
    try station.append(String(rows[6].dropFirst(4)), to: "a.csv")
    try check("its other half", isSettled: false)
    try station.write(header + rows[..<2].joined() + rows[20...23].joined(), to: "a.csv")
    try check("another run in its place")
    try station.append(rows[24], to: "a.csv")
    try check("a row of that")
    try station.rename("a.csv", "b.csv")
    try check("a new name")
    try station.append(rows[25], to: "b.csv")
    try check("a row under that", isSettled: false)
    for step in 1...4 {
      try station.write(document(1...step * 2), to: "d/checkpoint-\(step)/state.json")
      if step > 2 { try station.remove("d/checkpoint-\(step - 2)") }
      try check("checkpoint \(step)", isSettled: step % 2 == 0)
    }
    try station.remove("b.csv")
    try check("its end")
    for run in 0..<12 {
      // More than the label may have.
      try station.write(header + rows[..<(run + 1)].joined(), to: "r\(run).csv")
      try check("run \(run)", isSettled: run % 3 > 0)
    }
    try station.write(document(3...5), to: "e/checkpoint-1/state.json")
    try check("another document")
    try station.remove("d")
    try check("no checkpoints", isSettled: false)
    try station.write(header + rows.joined(), to: "b.csv")
    try check("the log again")
  }

  /// The newest links of a history go to sparser levels at some thousand records.
  @Test func aHistoryThatIsThinnedOutIsSavedOn() throws {
    let station = try Station(Self.catalog)
    var saved = SavedState(station.saveChanges())
    let rows = (1...35_000).map { "\($0),\($0),train,0.5,1,running,0\n" }
    try station.write(RestartTests.header, to: "a.csv")
    for start in stride(from: 0, to: rows.count, by: 5_000) {
      try station.append(rows[start..<start + 5_000].joined(), to: "a.csv")
      station.settle()
      saved.save(station.saveChanges())
    }
    let (atOnce, later) = try station.goneOn(Self.catalog, from: saved)
    #expect(atOnce == Set(station.samples) && later == Set(station.samples))
    // It knows its records: written again with other ones early on, it counts those that are new.
    try station.restart(Self.catalog, from: station.save())
    try station.write(RestartTests.header + rows[..<30_000].joined() + rows[31_000...].joined(), to: "a.csv")
    let expected = try station.goneOn(Self.catalog, from: saved).later
    station.settle()
    #expect(expected == Set(station.samples))
  }

  @Test func aRowCostsItselfAndNotTheTree() throws {
    let station = try Station(Self.catalog.replacing("max_values: 10", with: "max_values: 1000"))
    for run in 0..<300 {
      try station.write(RestartTests.header + (1...100).map { RestartTests.row($0) }.joined(), to: "run\(run).csv")
    }
    station.settle()
    let whole = station.saveChanges()
    #expect(whole.isWhole && whole.bytes.count > 300_000)
    #expect(station.saveChanges().isEmpty, "nothing has changed")
    try station.append(RestartTests.row(101), to: "run7.csv")
    station.settle()
    let one = station.saveChanges()
    #expect((1...4_000).contains(one.bytes.count), "\(one.bytes.count)")
    station.settle()
    #expect(station.saveChanges().isEmpty)
  }

  /// Of the logs only those are saved that something happened to; what a log shows may end without it.
  @Test func anInfoThatEndedWhileItsLogRestedIsShownAgain() throws {
    let catalog = """
      version: 1
      labels: { run: { max_values: 10 }, model: { max_values: 10 } }
      metrics:
        run_info: { type: info, help: h, labels: [run, model] }
        rows_total: { type: counter, help: h, labels: [run] }
      watchers:
        w:
          files: "{run}.jsonl"
          format: jsonl
          expire_after: 5m
          each_record: [rows_total, 'run_info{model="{.model}"}']
      """
    let station = try Station(catalog)
    for run in ["a", "b"] { try station.write("{\"model\": \"m\"}\n", to: "\(run).jsonl") }
    station.settle()
    var saved = SavedState(station.saveChanges())
    station.rest(200)
    try station.append("{\"model\": \"n\"}\n", to: "b.jsonl")
    station.settle()
    saved.save(station.saveChanges())
    station.pass(200)
    saved.save(station.saveChanges())
    let shown: Set = ["rows_total{run=\"b\"} 2", "run_info{run=\"b\",model=\"n\"} 1"]
    #expect(Set(station.samples) == shown)
    try station.begin(catalog, from: saved)
    #expect(Set(station.samples) == shown)
    try station.append("{\"model\": \"m\"}\n", to: "a.jsonl")
    station.settle()
    #expect(Set(station.samples) == shown.union(["rows_total{run=\"a\"} 1", "run_info{run=\"a\",model=\"m\"} 1"]))
  }

  /// What a reload took over, or a start under another catalog, may not be in any file yet.
  @Test func whatWasTakenOverIsToBeSaved() throws {
    let station = try Station(Self.catalog)
    try station.write(RestartTests.header + RestartTests.row(1), to: "a.csv")
    station.settle()
    try station.restart(Self.catalog, from: station.save(.all))
    var saved: SavedState?
    station.tailer.onCheckpoint = {
      saved = SavedState(station.saveChanges())
      return true
    }
    station.rest()
    let atOnce = try saved.map { try station.goneOn(Self.catalog, from: $0).atOnce }
    #expect(atOnce == Set(station.samples))
  }
}
