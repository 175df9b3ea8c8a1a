internal import MetricCatalog
internal import StateStore
internal import Tailing

/// Trees of folders, links and a log that are made between any two calls of an exporter, below bases that are there or
/// not: each log has to be shown in time, by what events tell and not because a timer looked everywhere, also where an
/// exporter is just beginning. From the same seed follows the same births.
package final class Birth {
  /// Trees of one machine; with all but two watchers, each below a base of its own.
  static let treesMax = 6
  private static let millisecond: Int64 = 1_000_000
  /// How long after the last call of who made it a log has to be shown.
  private static let timelyNanoseconds = 500 * millisecond
  private static let turnsMax = 2000

  private static let watchers =
    (0..<treesMax).map { "  born\($0): { files: \"born\($0)/b/c/{run}.csv\", format: csv, each_record: rows_total }\n" }
    .joined() + """
        runs: { files: "runs/{run}/{x}/results.csv", format: csv, each_record: rows_total }
        again: { files: "runs/{run}/{x}/results.csv", format: csv, each_record: rows_total }
        tree: { files: "tree/**/{run}.csv", format: csv, each_record: rows_total }
        scratch: { files: "/scratch/deep/{run}.csv", format: csv, each_record: rows_total }
      """

  private let clock = SimulatedClock()
  private let files: SimulatedFileSystem
  private let catalog: Catalog
  private var random: SeededRandom
  private var exporter: SimulatedExporter?
  private var builders: [TreeBuilder] = []
  /// Who makes something now.
  private var busy: [TreeBuilder] = []
  private var shown: [Int: SimulatedExporter.Shown] = [:]
  private var steppedAt: Int64 = 0

  package init(seed: UInt64, trace: ((String) -> Void)? = nil) throws(Simulation.Failure) {
    random = SeededRandom(seed: seed)
    files = SimulatedFileSystem(clock: clock)
    files.trace = trace
    catalog = try SimulatedExporter.catalog(watchers: Self.watchers)
    do throws(SystemError) {
      for path in ["/w", "/prepared"] { try files.makeDirectory(path) }
      if random.below(2) == 0 { try files.makeDirectory("/w/runs") }
    } catch {
      throw Simulation.Failure(description: "no directories: \(error.code)")
    }
    builders = (0..<Self.treesMax).map { TreeBuilder(run: $0, files: files, random: random.fork()) }
    files.beforeCall = { [unowned self] in meddle() }
  }

  /// nil: all is as it must be.
  package static func failure(seed: UInt64, trace: ((String) -> Void)? = nil) -> Simulation.Failure? {
    do throws(Simulation.Failure) {
      let birth = try Birth(seed: seed, trace: trace)
      try birth.live()
      return nil
    } catch {
      return error
    }
  }

  private func live() throws(Simulation.Failure) {
    try begin(from: nil)
    for _ in 0..<2 * Self.treesMax {
      busy = [builders[random.below(builders.count)]]
      let other = builders[random.below(builders.count)]
      if random.below(3) == 0, other !== busy[0], other.isAlone { busy.append(other) }
      for builder in busy { builder.plan() }
      if random.below(4) == 0 { try begin(from: exporter?.save()) }
      try finish()
    }
  }

  private func begin(from saved: SavedState?) throws(Simulation.Failure) {
    files.trace?("> an exporter begins")
    exporter = nil
    do throws(StateDecoder.Failure) {
      exporter = try SimulatedExporter(catalog: catalog, files: files, options: SimulationOptions(), saved: saved)
    } catch {
      throw Simulation.Failure(description: "the state cannot be read back")
    }
    exporter?.catchUp()
    try check()
  }

  /// Until all that was planned is there, and is shown.
  private func finish() throws(Simulation.Failure) {
    for _ in 0..<Self.turnsMax {
      guard let exporter else { return }
      files.trace?("  turn at \(clock.monotonic / Self.millisecond) ms")
      let next = exporter.turn()
      try check()
      if busy.allSatisfy(\.isDone), builders.allSatisfy({ rows(of: $0) == $0.rowsExpected }) { return }
      if busy.allSatisfy(\.isDone), clock.monotonic > steppedAt + Self.timelyNanoseconds { throw late() }
      wait(until: next, exporter)
    }
    throw Simulation.Failure(description: "the exporter never rests")
  }

  /// As the tailer's thread waits: for an event or a deadline, then a little for more events.
  private func wait(until next: Int64, _ exporter: SimulatedExporter) {
    if !exporter.notifier.hasNotes {
      let isMaking = !busy.allSatisfy(\.isDone)
      let longest = isMaking ? Int64(random.below(30)) * Self.millisecond : Self.timelyNanoseconds
      clock.advance(nanoseconds: max(0, min(next - clock.monotonic, longest)))
      if isMaking { step() }
    }
    clock.advance(nanoseconds: Int64(1 + random.below(10)) * Self.millisecond)
  }

  private func meddle() {
    clock.advance(nanoseconds: Int64(random.below(50_000)))
    if random.below(3) == 0 { step() }
  }

  private func step() {
    guard let builder = busy.filter({ !$0.isDone }).first else { return }
    builder.step()
    steppedAt = clock.monotonic
  }

  private func rows(of builder: TreeBuilder) -> Int { Int(shown[builder.run]?.rows ?? 0) }

  private func check() throws(Simulation.Failure) {
    guard let exporter else { return }
    let before = shown
    shown = exporter.shown
    files.trace?("  shows \(shown.mapValues(\.rows).sorted { $0.key < $1.key })")
    for builder in builders {
      if rows(of: builder) > builder.rowsExpected {
        let rows = "\(rows(of: builder)) rows of \(builder.rowsExpected)"
        throw Simulation.Failure(description: "\(builder.path) shows \(rows)")
      }
      if rows(of: builder) < Int(before[builder.run]?.rows ?? 0) {
        throw Simulation.Failure(description: "the rows of \(builder.path) became fewer")
      }
    }
  }

  private func late() -> Simulation.Failure {
    let late = builders.filter { rows(of: $0) != $0.rowsExpected }.map {
      "\($0.path) (\($0.manner)) shows \(rows(of: $0)) rows of \($0.rowsExpected)"
    }
    return Simulation.Failure(description: late.joined(separator: "; ") + " half a second after they were made")
  }
}
