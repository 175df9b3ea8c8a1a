import Ingest
import LogStations
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
