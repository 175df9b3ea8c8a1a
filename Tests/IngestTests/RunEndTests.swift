import LogStations
import Runs
import Testing

/// How runs end whose formats say that by themselves.
@Suite struct RunEndTests {
  private static func catalog(_ format: String, _ files: String...) -> String {
    """
    version: 1
    labels: { run: { max_values: 9 }, note: { max_values: 9 } }
    metrics:
      loss: { type: gauge, help: Loss, labels: [run] }
      note_info: { type: info, help: Note, labels: [run, note] }
    watchers:
      w:
        files: \(files)
        format: \(format)
        run: {}
        each_record: { metric: note_info, labels: { note: "{.tag.value}" } }
        fields: { loss: loss }
    """
  }

  private func state(_ station: Station) -> RunState? {
    station.ingest.runs.all().first?.health.state(at: station.clock.now.wall)
  }

  private static func row(_ step: Int, _ station: Station) -> [UInt8] {
    let time = Double(station.clock.now.wall) / 1e9
    return WandbFile.history([(["_step"], "\(step)"), (["loss"], "0.5"), (["_timestamp"], "\(time)")])
  }

  /// Version 0.16 writes a summary and readings behind the end, in the same piece or in another one.
  @Test(arguments: [0, 1, 137], [[], [0], [1], [1, 2], [2]]) func whatFollowsAnExitTakesItNotBack(
    code: UInt64,
    lumps: [Int]
  ) throws {
    let station = try Station(Self.catalog("wandb", "{run}.wandb"))
    var file = WandbFile.file([Self.row(1, station), Self.row(2, station)])
    try station.folder.append(bytes: file, to: "a.wandb")
    station.look()
    #expect(state(station) == .running)
    let rest = [
      WandbFile.exit(code: code, runtime: 3), WandbFile.summary([(["loss"], "0.5")]),
      WandbFile.readings([("cpu", "1")], seconds: UInt64(station.clock.now.wall / 1_000_000_000)),
    ]
    for (place, record) in rest.enumerated() {
      let before = file.count
      WandbFile.append(record, to: &file)
      try station.folder.append(bytes: Array(file[before...]), to: "a.wandb")
      if lumps.contains(place) { station.look() }
    }
    station.settle()
    #expect(state(station) == (code == 0 ? .finished : .failed))
    try station.restart(Self.catalog("wandb", "{run}.wandb"), from: station.save())
    station.rest(100)
    #expect(state(station) == (code == 0 ? .finished : .failed))
  }

  /// Readings of the machine go on while the training hangs.
  @Test func readingsOfTheMachineAreNoNews() throws {
    let station = try Station(Self.catalog("wandb", "{run}.wandb"))
    var file = WandbFile.file([Self.row(1, station), Self.row(2, station)])
    try station.folder.append(bytes: file, to: "a.wandb")
    station.look()
    for _ in 0..<8 {
      station.rest(15)
      let before = file.count
      let seconds = UInt64(station.clock.now.wall / 1_000_000_000)
      WandbFile.append(WandbFile.readings([("cpu", "1")], seconds: seconds), to: &file)
      try station.folder.append(bytes: Array(file[before...]), to: "a.wandb")
      station.look()
    }
    #expect(state(station) == .stalled)
  }

  /// The mark of an end stands in another file than the metrics, which may be read in any order.
  @Test(arguments: [true, false]) func aRunOfMLflowEndsByItsOwnFile(isMarkFirst: Bool) throws {
    let run = String(repeating: "0a", count: 16)
    let catalog = Self.catalog("mlflow", "{run}/metrics/**", "{run}/tags/**", "{run}/meta.yaml")
    let station = try Station(catalog)
    let milliseconds = station.clock.now.wall / 1_000_000
    try station.append("\(milliseconds) 0.5 1\n\(milliseconds + 1) 0.25 2\n", to: "\(run)/metrics/loss")
    if isMarkFirst { station.settle() }
    try station.write("end_time: null\nrun_name: x\nstatus: 1\n", to: "\(run)/meta.yaml")
    station.settle()
    #expect(state(station) == .running)
    try station.write("end_time: 5\nrun_name: x\nstatus: 4\n", to: "\(run)/meta.yaml")
    if !isMarkFirst { try station.append("\(milliseconds + 2) 0.125 3\n", to: "\(run)/metrics/loss") }
    station.settle()
    #expect(state(station) == .failed)
  }

  /// A text that is written anew may begin with the old one.
  @Test func aTagIsItsWholeFile() throws {
    let run = String(repeating: "0a", count: 16)
    let catalog = Self.catalog("mlflow", "{run}/tags/**")
    let station = try Station(catalog)
    for (text, isRestarted) in [("1", false), ("10", true), ("100", false), ("7", true), ("70", false)] {
      try station.write(text, to: "\(run)/tags/progress")
      station.settle()
      let shown = station.samples.filter { $0.contains("note_info") }
      #expect(shown.count == 1 && shown[0].contains("note=\"\(text)\""), "\(shown)")
      if isRestarted { try station.restart(catalog, from: station.save()) }
    }
  }
}
