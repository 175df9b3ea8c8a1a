import Ingest
import StateStore
import Testing

/// A reading that goes on from what another saved gives what one that never stopped would give.
@Suite struct RestartTests {
  static let catalog = """
    version: 1
    labels: { run: { max_values: 10 }, phase: { values: [train, eval] }, seed: { max_values: 5 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      epochs_total: { type: counter, help: h, labels: [run] }
      train_seconds_total: { type: counter, help: h, labels: [run] }
      phase_seconds_total: { type: counter, help: h, labels: [run, phase] }
      step: { type: histogram, help: h, labels: [run], buckets: [2, 4] }
      lr: { type: summary, help: h, labels: [run], quantiles: [0.5], window: 3 }
      state: { type: stateset, help: h, labels: [run], states: [running, done] }
      run_info: { type: info, help: h, labels: [run, seed] }
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        each_record: [epochs_total, 'run_info{seed="{.seed}"}']
        fields:
          loss: loss
          time:
            - { metric: train_seconds_total, from: running_total }
            - { metric: phase_seconds_total, labels: { phase: "{.phase}" }, from: running_total }
          step: step
          lr: lr
          status: state
    """

  static let header = "step,time,phase,loss,lr,status,seed\n"

  static func row(_ step: Int, time: Double? = nil) -> String {
    let phase = step % 2 == 0 ? "eval" : "train"
    return
      "\(step),\(time ?? Double(step) / 2),\(phase),0.\(step),\(step).5,\(step % 3 == 0 ? "done" : "running"),\(step / 4)\n"
  }

  /// How half a line went on, while nobody looked, is known only where it can still be read.
  @Test func halfALineThatWasSavedIsNoRecordOfAFileThatIsGone() throws {
    let station = try Station(Self.catalog)
    try station.write(Self.header + Self.row(1) + "2,1.0,eval,0.2,2.5,running,", to: "a.csv")
    station.look()
    let saved = station.save()
    try station.append("0\n", to: "a.csv")
    try station.write("loss," + Self.header + ",\(Self.row(1)),\(Self.row(2))", to: "new")
    try station.rename("new", "a.csv")
    try station.restart(Self.catalog, from: saved)
    station.settle()
    #expect(station.samples.contains("epochs_total{run=\"a\"} 2"))
  }

  /// Every way a log may be when the process ends, at every row, for every type.
  @Test func aRestartAtAnyRowChangesNothing() throws {
    let rows = (1...7).map { Self.row($0) }
    let whole = try Station(Self.catalog)
    try whole.write(Self.header + rows.joined(), to: "a.csv")
    whole.settle()
    for stop in 0...rows.count {
      for piece in [0, 5] {
        let station = try Station(Self.catalog)
        let cut = rows[stop...].joined().prefix(piece)
        try station.write(Self.header + rows[..<stop].joined() + cut, to: "a.csv")
        station.settle()
        let before = station.samples
        try station.restart(Self.catalog, from: station.save())
        #expect(station.samples == before, "the same at once, after \(stop) rows and \(piece) bytes")
        station.settle()
        #expect(station.samples == before)
        try station.append(String(rows[stop...].joined().dropFirst(piece)), to: "a.csv")
        station.settle()
        #expect(Set(station.samples) == Set(whole.samples), "stopped after \(stop) rows and \(piece) bytes")
      }
    }
  }

  @Test func whatHappenedMeanwhileIsSeen() throws {
    let station = try Station(Self.catalog)
    try station.write(Self.header + Self.row(1) + Self.row(2) + Self.row(3), to: "a.csv")
    station.settle()
    let saved = station.save()
    func count() -> String? { station.samples.first { $0.hasPrefix("epochs_total{run=\"a\"}") } }

    // Written again wider, and longer.
    try station.write("x," + Self.header + (1...4).map { "," + Self.row($0) }.joined(), to: "a.csv")
    try station.restart(Self.catalog, from: saved)
    station.settle()
    #expect(count() == "epochs_total{run=\"a\"} 4")

    // Trimmed and resumed with other rows.
    try station.restart(Self.catalog, from: saved)
    try station.write(Self.header + Self.row(1) + Self.row(8), to: "a.csv")
    station.settle()
    #expect(count() == "epochs_total{run=\"a\"} 4")
    #expect(station.samples.contains("loss{run=\"a\"} 0.8"))

    // Replaced by another file, while the old one is still there under a name of no interest.
    try station.write(Self.header + Self.row(1) + Self.row(2) + Self.row(3), to: "b.csv")
    try station.restart(Self.catalog, from: nil)
    station.settle()
    let both = station.save()
    try station.append(Self.row(5), to: "b.csv")
    try station.rename("b.csv", "b.csv.1")
    try station.write(Self.header + Self.row(9), to: "b.csv")
    try station.restart(Self.catalog, from: both)
    station.settle()
    #expect(station.samples.contains("epochs_total{run=\"b\"} 5"), "the unread row of the old file, and the new one's")

    // Deleted: it takes nothing away, and counts from there when it comes back.
    try station.remove("b.csv")
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    #expect(station.samples.contains("epochs_total{run=\"b\"} 5"))
    try station.restart(Self.catalog, from: station.save())
    try station.write(Self.header + Self.row(9) + Self.row(10), to: "b.csv")
    station.settle()
    #expect(station.samples.contains("epochs_total{run=\"b\"} 6"))
  }

  @Test func aRestartInTheMidstOfReadingAgainGoesOn() throws {
    // More than one turn reads of a file, nor what one read takes.
    let rows = (1...30_000).map { "\($0),\($0),train,0.5,1,running,0\n" }
    let station = try Station(Self.catalog, turnBytesMax: 50_000)
    try station.write(Self.header + rows.joined(), to: "a.csv")
    station.settle()
    let others = Self.header + rows[..<1_000].joined() + rows[2_000...].joined()
    try station.write(others + "7,99999,eval,0.25,1,done,0\n", to: "a.csv")
    for _ in 0..<2 {
      station.look()
      #expect(!station.samples.contains("loss{run=\"a\"} 0.25"), "still reading")
      try station.restart(Self.catalog, from: station.save())
    }
    station.settle()
    #expect(station.samples.contains("epochs_total{run=\"a\"} \(30_000 + 28_000 + 1)"))
    #expect(station.samples.contains("loss{run=\"a\"} 0.25"))
    #expect(station.samples.contains("state{run=\"a\",state=\"done\"} 1"))
  }

  @Test func aTreeThatWasMovedOrCopiedIsTheSameLogs() throws {
    let catalog = CatalogChangeTests.catalog(files: "\"runs/{run}.csv\"")
    let station = try Station(catalog)
    // One is a beginning of the other.
    try station.write("step,loss\n", to: "runs/a.csv")
    try station.write("step,loss\n1,0.5\n2,0.4\n", to: "runs/b.csv")
    station.settle()
    let expected = ["loss{run=\"b\"} 0.4", "rows_total{run=\"b\"} 2"]
    #expect(station.samples == expected)
    // Other inodes throughout, while it runs and while it does not.
    for isRestarted in [false, true] {
      let saved = station.save()
      try station.write("step,loss\n", to: "copy/a.csv")
      try station.write("step,loss\n1,0.5\n2,0.4\n", to: "copy/b.csv")
      try station.remove("runs")
      try station.rename("copy", "runs")
      if isRestarted { try station.restart(catalog, from: saved) }
      station.settle()
      #expect(station.samples == expected)
    }
    // The whole folder, with its state.
    try station.move(catalog)
    station.settle()
    #expect(station.samples == expected)
    try station.append("3,0.3\n", to: "runs/b.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"b\"} 0.3", "rows_total{run=\"b\"} 3"])
  }

  @Test func checkpointsThatComeAndGoStayOneLog() throws {
    let catalog = """
      version: 1
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: gauge, help: h, labels: [run] }
        records_total: { type: counter, help: h, labels: [run] }
      watchers:
        w:
          files: "{run}/checkpoint-*/state.json"
          format: json
          records: log
          each_record: records_total
          fields: { loss: loss }
      """
    func document(_ losses: ClosedRange<Int>) -> String {
      "{\"log\": [" + losses.map { "{\"loss\": \($0)}" }.joined(separator: ", ") + "]}"
    }
    let station = try Station(catalog)
    for step in 1...6 {
      try station.write(document(1...step * 2), to: "a/checkpoint-\(step)/state.json")
      if step > 2 { try station.remove("a/checkpoint-\(step - 2)") }
      station.settle()
      try station.restart(catalog, from: station.save())
      #expect(station.samples == ["loss{run=\"a\"} \(step * 2)", "records_total{run=\"a\"} \(step * 2)"])
    }
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 12", "records_total{run=\"a\"} 12"])
  }

  @Test func whatWasSavedCutAnywhereIsRefused() throws {
    let station = try Station(Self.catalog)
    try station.write(Self.header + Self.row(1), to: "a.csv")
    station.settle()
    let saved = station.save()
    for length in stride(from: 0, to: saved.count, by: 7) {
      #expect(throws: StateDecoder.Failure.self, "cut to \(length)") {
        try station.restart(Self.catalog, from: Array(saved.prefix(length)))
      }
    }
  }
}
