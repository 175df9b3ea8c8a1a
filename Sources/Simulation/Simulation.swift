internal import Glibc
internal import MetricCatalog
internal import StateStore
internal import Tailing

/// A machine, the writers of its logs, an exporter, and the model that says what the exporter may show: carries out one
/// action after the other, and stops at the first thing that is not as it must be. From the same actions follows the same
/// run; there are no threads, no sleeps and no real files.
package final class Simulation {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  package static let runs = 3
  private static let millisecond: Int64 = 1_000_000
  private static let second: Int64 = 1_000_000_000
  /// A listing of everything (every five minutes), one more, and the longest wait before another attempt.
  private static let settlingNanoseconds: Int64 = 395 * second
  /// Turns that it may take to do so; one that is due again at once for ever is a failure.
  private static let settlingTurnsMax = 2000
  /// What a reader may have seen when a log is changed in the midst of a turn: any of its rows, in any state until then.
  /// Beyond so many the model would take minutes.
  private static let sightsMax = 300
  /// The log of each run, and one that is ended.
  private static let descriptorsMax = runs * 2

  private let clock = SimulatedClock()
  private let rows = RowTable()
  private let files: SimulatedFileSystem
  private let catalog: Catalog
  private let options: SimulationOptions
  private var exporter: SimulatedExporter?
  private var writers: [Writer] = []
  private var models: [RunModel] = []
  private var rotations = [Rotation](repeating: Rotation(), count: Simulation.runs)
  private var before: [Int: SimulatedExporter.Shown] = [:]
  /// At which call of the next turn the next action comes, if it is one on files.
  private var laterCall: Int?
  private var later: [(call: Int, action: Action)] = []
  /// The last state that was saved, and what the exporter knew then.
  private var saved: (state: SavedState, models: [RunModel], shown: [Int: SimulatedExporter.Shown])?

  package init(options: SimulationOptions = SimulationOptions()) throws(Failure) {
    files = SimulatedFileSystem(clock: clock)
    self.options = options
    catalog = try SimulatedExporter.catalog(watchers: SimulatedExporter.watchers)
    var row = options.firstRow
    let nextRow = {
      row += 1
      return row
    }
    do throws(SystemError) {
      for path in ["/w", Writer.base, Writer.store] { try files.makeDirectory(path) }
    } catch {
      throw Failure(description: "no directories: \(error.code)")
    }
    writers = (0..<Self.runs).map { Writer(run: $0, files: files, nextRow: nextRow) }
    try begin(from: nil)
  }

  /// Carries out a script and settles.
  package static func run(
    _ script: [Action],
    options: SimulationOptions = SimulationOptions(),
    trace: ((String) -> Void)? = nil
  ) throws(Failure) {
    let simulation = try Simulation(options: options)
    if let trace { simulation.keepTrace(trace) }
    for action in script { try simulation.act(action) }
    try simulation.act(Action(.settle))
  }

  /// What is shown for a run now.
  func shown(run: Int) -> SimulatedExporter.Shown { exporter?.shown[run] ?? SimulatedExporter.Shown() }

  /// Told of all that writers do from now on.
  func keepJournal(_ journal: @escaping (FileOperation) -> Void) { files.journal = journal }

  /// Told of what happens, a line each, from now on.
  func keepTrace(_ trace: @escaping (String) -> Void) { files.trace = trace }

  package func act(_ action: Action) throws(Failure) {
    if let call = laterCall.take(), action.isOnFiles {
      later.append((call, action))
      return
    }
    files.trace?("> \(action)")
    for run in 0..<Self.runs { rotations[run].act(action.verb, isOwn: isOn(action, run)) }
    switch action.verb {
    case .later: laterCall = max(1, action.a)
    case .lose: exporter?.notifier.disturbance.lost += action.a
    case .double: exporter?.notifier.disturbance.doubled += action.a
    case .delay:
      exporter?.notifier.disturbance.delayed += action.a
      exporter?.notifier.disturbance.delayNanoseconds = Int64(action.b) * Self.millisecond
    case .overflow: exporter?.notifier.overflow()
    case .nowatches: exporter?.notifier.isFull = true
    case .failstatus: files.faults.append(Fault(call: .status, code: Int32(action.a), count: action.b))
    case .faillist: files.faults.append(Fault(call: .list, code: Int32(action.a), count: action.b))
    case .failopen: files.faults.append(Fault(call: .open, code: Int32(action.a), count: action.b))
    case .failread: files.faults.append(Fault(call: .read, code: Int32(action.a), count: action.b))
    case .short: files.faults.append(Fault(call: .read, code: 0, count: action.b))
    case .slow: files.callNanoseconds = Int64(action.a) * 1000
    case .jump: clock.jump(nanoseconds: Int64(action.a) * Self.second)
    case .wait: clock.advance(nanoseconds: Int64(action.a) * Self.millisecond)
    case .turn: try turn()
    case .settle: try settle()
    case .restart: try begin(from: nil)
    case .save: if let exporter { saved = (exporter.save(), models, before) }
    case .kill: try begin(from: saved)
    default: actOnFiles(action)
    }
  }

  private func isOn(_ action: Action, _ run: Int) -> Bool { abs(action.a) % Self.runs == run }

  private func actOnFiles(_ action: Action) {
    switch action.verb {
    case .baseaway: try? files.rename(Writer.base, Writer.baseAway)
    case .baseback: try? files.rename(Writer.baseAway, Writer.base)
    default: try? writers[abs(action.a) % Self.runs].act(action)
    }
  }

  /// Another exporter takes the place of the one there is, which gets no chance to say anything.
  private func begin(
    from saved: (state: SavedState, models: [RunModel], shown: [Int: SimulatedExporter.Shown])?
  ) throws(Failure) {
    exporter = nil
    do throws(StateDecoder.Failure) {
      exporter = try SimulatedExporter(catalog: catalog, files: files, options: options, saved: saved?.state)
    } catch {
      throw Failure(description: "the state cannot be read back")
    }
    models = saved?.models ?? (0..<Self.runs).map { _ in RunModel(rows: rows) }
    for run in models.indices { models[run].restart() }
    before = (saved?.shown ?? [:]).mapValues(\.certain).filter { $0.value != SimulatedExporter.Shown() }
    // Without a descriptor a file is found by its name alone.
    rotations = Array(repeating: Rotation(), count: Self.runs)
    guard let exporter, saved != nil, exporter.shown != before else { return }
    throw Failure(description: "what was saved comes back as \(exporter.shown), and was \(before)")
  }

  // MARK: Turns

  @discardableResult
  private func turn() throws(Failure) -> Int64 {
    guard let exporter else { return .max }
    files.trace?("  turn at \(clock.monotonic / Self.millisecond) ms")
    meddle()
    let next = exporter.turn()
    files.beforeCall = {}
    let shown = exporter.shown
    files.trace?("  next at \(next / Self.millisecond) ms, shows \(shown.sorted { $0.key < $1.key })")
    for run in 0..<Self.runs {
      let now = shown[run] ?? SimulatedExporter.Shown()
      try checkGrowth(run, now)
      let states = models[run].states
      if !models[run].turn(sight(of: run), shown: now) { throw contradiction(run, now, states) }
    }
    before = shown
    if files.openDescriptors > Self.descriptorsMax {
      throw Failure(description: "\(files.openDescriptors) descriptors are open")
    }
    // The turn had fewer calls.
    let left = later.map(\.action)
    later = []
    for action in left { try act(action) }
    return next
  }

  /// Has what is to come later come between two calls of the exporter.
  private func meddle() {
    guard !later.isEmpty else { return }
    var call = 0
    files.beforeCall = { [unowned self] in
      call += 1
      while let place = later.firstIndex(where: { $0.call <= call && canMeddle($0.action) }) {
        let action = later.remove(at: place).action
        files.trace?("    > \(action)")
        for run in 0..<Self.runs {
          rotations[run].act(action.verb, isOwn: isOn(action, run))
          models[run].meanwhile(sight(of: run))
        }
        actOnFiles(action)
      }
    }
  }

  /// Whether a model can tell all that a reader may have seen until now.
  private func canMeddle(_ action: Action) -> Bool {
    (0..<Self.runs).allSatisfy { run in
      let count = sight(of: run).file.map { rows.content(of: $0).rows.count } ?? 0
      return models[run].states.count * (count + 1) <= Self.sightsMax
    }
  }

  private func settle() throws(Failure) {
    files.faults = []
    files.callNanoseconds = 0
    exporter?.notifier.heal()
    let end = clock.monotonic + Self.settlingNanoseconds
    var turns = 0
    while clock.monotonic < end {
      let next = try turn()
      clock.advance(nanoseconds: min(max(next - clock.monotonic, Self.millisecond), end - clock.monotonic))
      turns += 1
      if turns > Self.settlingTurnsMax { throw Failure(description: "the exporter never rests") }
    }
    try turn()
    guard let exporter else { return }
    let shown = exporter.shown
    for run in 0..<Self.runs {
      let now = shown[run] ?? SimulatedExporter.Shown()
      let states = models[run].states
      let sight = sight(of: run)
      if !models[run].settle(sight, shown: now) { throw contradiction(run, now, states) }
      if let rows = rotations[run].rowsExpected(path: sight.file, rotated: sight.rotated, rows: self.rows),
        rows != now.rows
      {
        throw Failure(description: "run \(run) was rotated and has \(rows) rows, and shows \(now.rows)")
      }
      // Where a link was renamed, nothing in the directory tells where its file is.
      let named = try? files.place(of: Writer.path(of: run), followsLast: false).node
      let isFollowable = sight.isReadable && named === sight.file
      rotations[run].begin(isFollowable ? sight.file : nil, rows: self.rows, counted: now.rows)
    }
    if files.openDescriptors > 0 {
      throw Failure(description: "descriptors of files that rest are open: \(files.descriptors.values.map(\.path))")
    }
    let failing = (0..<Self.runs).count { sight(of: $0).isFailing }
    if failing == 0, exporter.filesFailing != 0 {
      throw Failure(description: "\(exporter.filesFailing) files count as failing, and none is")
    }
  }

  private func sight(of run: Int) -> RunModel.Sight {
    let path = Writer.path(of: run)
    var sight = RunModel.Sight(file: nil, isReadable: false, isGone: true, rotated: files.node(at: "\(path).1"))
    do throws(SystemError) {
      guard let node = try files.place(of: path, asRoot: false).node, case .file = node.content else { return sight }
      sight.file = node
      sight.isReadable = node.isReadable
      sight.isGone = false
    } catch {
      sight.isGone = error.code != EACCES
    }
    return sight
  }

  // MARK: What is wrong

  private func checkGrowth(_ run: Int, _ now: SimulatedExporter.Shown) throws(Failure) {
    guard let before = before[run] else { return }
    if now.rows < before.rows || now.seconds < before.seconds || now.observations < before.observations {
      throw Failure(description: "a counter of run \(run) fell from \(before) to \(now)")
    }
    if now.loss == nil, before.loss != nil { throw Failure(description: "the gauge of run \(run) vanished") }
  }

  private func contradiction(_ run: Int, _ now: SimulatedExporter.Shown, _ states: Set<RunModel.State>) -> Failure {
    let content = files.node(at: Writer.path(of: run)).map { LogText.read($0.bytes) }
    let rows = content.map { "\($0.rows.suffix(3)) (\($0.rows.count)), \(String(describing: $0.tail))" } ?? "no file"
    let known = states.prefix(3).map { "\($0.history.count) rows, \($0.shown), ended \($0.hasEnded)" }
    return Failure(description: "run \(run) shows \(now); the file: \(rows); it was one of \(known)")
  }
}

extension RunModel.Sight {
  fileprivate var isFailing: Bool { file.map { _ in !isReadable } ?? !isGone }
}
