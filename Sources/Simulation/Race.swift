internal import MetricCatalog
internal import StateStore
internal import Tailing

/// An exporter and writers that act between any two of its calls, as `tools/kill-test.py` has them on a real machine:
/// the exporter is killed again and again, and what is shown is held against what was written. From the same seed
/// follows the same race; it knows only counts and last values, and no files.
package final class Race {
  /// Exporters that follow each other.
  package static let livesDefault = 4
  private static let millisecond: Int64 = 1_000_000
  /// Time enough for all that waits.
  private static let settlingNanoseconds: Int64 = 395_000_000_000
  private static let settlingTurnsMax = 2000
  private static let settlingShortTurnsMax = 20_000
  private static let turnsMax = 60

  private static let watchers = """
      csv:
        files: "runs/{run}/*.csv"
        format: csv
        each_record: rows_total
        fields: &fields { loss: [loss, losses], time: { metric: seconds_total, from: running_total } }
      jsonl: { files: "runs/{run}/*.jsonl", format: jsonl, each_record: rows_total, fields: *fields }
      documents:
        files: "runs/{run}/checkpoint-*/state.json"
        format: json
        records: log_history
        each_record: [rows_total, 'phase_info{phase="{.phase}"}']
        fields: *fields
      again:
        files: runs/r0/results.csv
        format: csv
        labels: { run: r9 }
        each_record: rows_total
        fields: *fields
    """

  private let clock = SimulatedClock()
  private let files: SimulatedFileSystem
  /// In turns.
  private let catalogs: [Catalog]
  private var catalog = 0
  private let options: SimulationOptions
  private var random: SeededRandom
  private var writers: [RacingWriter] = []
  /// Who writes what a run shows: two watchers follow the first one's log.
  private var runs: [(run: Int, writer: RacingWriter)] { writers.enumerated().map { ($0, $1) } + [(9, writers[0])] }
  private var exporter: SimulatedExporter?
  private var saved: [State] = []
  /// What was shown last.
  private var before: [Int: SimulatedExporter.Shown] = [:]
  /// Who acts between the calls of the exporter.
  private var racing: [RacingWriter] = []

  private struct State {
    var file: SavedState
    /// What was shown when it was saved: nothing after it was.
    var shown: [Int: SimulatedExporter.Shown]
    var catalog: Int
  }

  package init(seed: UInt64) throws(Simulation.Failure) {
    random = SeededRandom(seed: seed)
    files = SimulatedFileSystem(clock: clock)
    var options = SimulationOptions()
    options.usesEvents = seed % 5 != 0
    options.hasShortTurns = seed % 7 == 0
    self.options = options
    catalogs = [
      try SimulatedExporter.catalog(watchers: Self.watchers),
      try SimulatedExporter.catalog(watchers: Self.watchers, bounds: "[1, 2]"),
    ]
    do throws(SystemError) {
      try files.makeDirectory("/w")
      try files.makeDirectory("/w/runs")
      for kind in RacingWriter.Kind.allCases {
        let writer = RacingWriter(kind: kind, files: files, random: random.fork())
        try writer.start()
        writers.append(writer)
      }
    } catch {
      throw Simulation.Failure(description: "no directories: \(error.code)")
    }
    files.beforeCall = { [unowned self] in meddle() }
  }

  /// - Parameter trace: told of each call of the exporter and of the writers, for people.
  package static func run(
    seed: UInt64,
    lives: Int = livesDefault,
    trace: ((String) -> Void)? = nil
  ) throws(Simulation.Failure) {
    let race = try Race(seed: seed)
    race.files.trace = trace
    for _ in 0..<lives { try race.live() }
    try race.settle()
  }

  /// nil: all is as it must be.
  package static func failure(
    seed: UInt64,
    lives: Int = livesDefault,
    trace: ((String) -> Void)? = nil
  ) -> Simulation.Failure? {
    do throws(Simulation.Failure) {
      try run(seed: seed, lives: lives, trace: trace)
      return nil
    } catch {
      return error
    }
  }

  /// One exporter, from its start until it is killed, or another catalog takes its place.
  private func live() throws(Simulation.Failure) {
    let former = random.below(3) == 0 ? exporter : nil
    if former != nil || random.below(5) == 0 { catalog = 1 - catalog }
    if let former {
      let state = State(file: former.saveAll(), shown: before, catalog: 1 - catalog)
      for _ in 0..<random.below(5) { writers[random.below(writers.count)].step() }
      try begin(from: state, after: former)
    } else {
      try begin()
    }
    for _ in 0..<random.below([2, 6, Self.turnsMax][random.below(3)]) {
      let shown = before
      saved = Array(saved.suffix(1))
      racing = writers
      files.trace?("  turn at \(clock.monotonic / Self.millisecond) ms")
      let due = exporter?.turn() ?? .max
      racing = []
      try check()
      // What was saved in the turn is not older than what was shown before it.
      for index in saved.indices.dropFirst() { saved[index].shown = shown }
      for (run, writer) in writers.enumerated() where Int(before[run]?.rows ?? 0) == writer.rows {
        writer.wasShown = true
      }
      // What stays beside its copy for long is another log.
      for writer in writers where writer.kind == .copied { writer.finish() }
      let wait = Int64(random.below([2, 20, 300, 2500][random.below(4)])) * Self.millisecond
      clock.advance(nanoseconds: max(0, min(wait, due - clock.monotonic)))
      for _ in 0..<random.below(4) { writers[random.below(writers.count)].step() }
      if random.below(40) == 0 { try settle() }
    }
  }

  /// An exporter begins after one that was killed.
  private func begin() throws(Simulation.Failure) {
    // One of the states that were saved since something was shown: whoever is killed may not get to the last.
    let place = random.below(saved.count + 1)
    let state = saved.isEmpty ? nil : saved[min(place, saved.count - 1)]
    if random.below(3) == 0 { for _ in 0..<random.below(20) { writers[random.below(writers.count)].step() } }
    if let state, place < saved.count - 1 { before = state.shown }
    // What was shown and not saved stands in the files again.
    for writer in writers {
      writer.finish()
      writer.wasShown = false
    }
    exporter = nil
    try begin(from: state, after: nil)
  }

  private func begin(from state: State?, after former: SimulatedExporter?) throws(Simulation.Failure) {
    files.trace?("> an exporter begins \(state == nil ? "anew" : "from what was shown as \(before)")")
    do throws(StateDecoder.Failure) {
      exporter = try SimulatedExporter(
        catalog: catalogs[catalog],
        files: files,
        options: options,
        saved: state?.file,
        after: former
      )
    } catch {
      throw Simulation.Failure(description: "the state cannot be read back")
    }
    if state?.catalog != catalog { before = before.mapValues(\.underOtherCatalog) }
    saved = state.map { [$0] } ?? []
    exporter?.onCheckpoint { [unowned self] in
      files.trace?("saved")
      saved.append(State(file: $0, shown: before, catalog: catalog))
    }
    // What is there at a start is read before anything is shown, whatever it is a copy of; and what was shown and not
    // saved may not vanish, or change its name.
    racing = former == nil ? writers.filter { [.appended, .shared].contains($0.kind) } : writers
    exporter?.catchUp()
    racing = []
    try check()
  }

  private func meddle() {
    clock.advance(nanoseconds: Int64(random.below(300_000)))
    guard !racing.isEmpty, random.below(6) == 0 else { return }
    for _ in 0...random.below(3) { racing[random.below(racing.count)].step() }
  }

  private func check() throws(Simulation.Failure) {
    guard let exporter else { return }
    let shown = exporter.shown
    files.trace?("  shows \(shown.sorted { $0.key < $1.key })")
    for (run, writer) in runs {
      let now = shown[run] ?? SimulatedExporter.Shown()
      let last = before[run] ?? SimulatedExporter.Shown()
      if Int(now.rows) > writer.rows || now.losses > writer.sum {
        throw Simulation.Failure(description: "\(writer.kind) shows \(now), and only \(writer.rows) rows were written")
      }
      let hasFallen = writer.kind != .shared && (now.loss ?? 0) < (last.loss ?? 0)
      if now.rows < last.rows || now.losses < last.losses || hasFallen || now.phases.count > 1 {
        throw Simulation.Failure(description: "\(writer.kind) fell from \(last) to \(now)")
      }
    }
    before = shown
  }

  private func settle() throws(Simulation.Failure) {
    for writer in writers { writer.finish() }
    let end = clock.monotonic + Self.settlingNanoseconds
    var turns = 0
    let turnsMax = options.hasShortTurns ? Self.settlingShortTurnsMax : Self.settlingTurnsMax
    while clock.monotonic < end, let exporter {
      let next = exporter.turn()
      try check()
      clock.advance(nanoseconds: min(max(next - clock.monotonic, Self.millisecond), max(end - clock.monotonic, 1)))
      turns += 1
      if turns > turnsMax { throw Simulation.Failure(description: "the exporter never rests") }
    }
    for (run, writer) in runs {
      let now = before[run] ?? SimulatedExporter.Shown()
      let phases: Set = writer.kind == .document && writer.rows > 0 ? [RacingWriter.phase(of: writer.rows)] : []
      guard Int(now.rows) == writer.rows, now.losses == writer.sum, now.observations == writer.rows,
        writer.mayEnd(with: Int(now.loss ?? 0)), now.phases == phases
      else {
        throw Simulation.Failure(description: "\(writer.kind) shows \(now), and \(writer.rows) rows were written")
      }
    }
  }
}
