package import Clocks
package import MetricCatalog
internal import PatternSyntax
package import Runs
package import Tailing

/// Looks for the files that tell of runs beside their logs (`checkpoints:`, `finished_file:` and `failed_file:` of `run:`),
/// and tells the board. For one thread at a time, which needs none of the tailer's.
package final class RunMarks {
  /// How often a run is looked at: nanoseconds.
  static let marksInterval: Int64 = 5_000_000_000
  static let checkpointsInterval: Int64 = 30_000_000_000
  /// The same of a run that has ended, which only a further record makes go on.
  static let endedMarksInterval: Int64 = 30_000_000_000
  static let endedCheckpointsInterval: Int64 = 300_000_000_000
  /// How many times as long as usual a run is left alone that is stalled: what its process does last is still seen before
  /// that counts as gone.
  static let stalledPause: Int64 = 2
  /// A run with more entries to look at is looked at as much less often.
  static let entriesPerInterval = 200
  /// Places of one run, where its logs have several.
  static let placesMax = 16

  /// The patterns of a watcher.
  private struct Source {
    let watcher: TailedWatcher
    let run: Watcher.Run
    /// The captures that they name, of the path of a log.
    let names: [String]

    /// nil: it has none.
    init?(_ watcher: Watcher, root: String) {
      guard let run = watcher.run else { return nil }
      let patterns = run.checkpoints + run.finishedFiles + run.failedFiles
      if patterns.isEmpty { return nil }
      self.watcher = TailedWatcher(watcher, root: root)
      self.run = run
      names = Set(patterns.flatMap(\.captureNames)).sorted()
    }
  }

  fileprivate struct Run {
    var places: [PlaceOfSource] = []
    var finished: [RunFileSearch] = []
    var failed: [RunFileSearch] = []
    var checkpoints: [RunFileSearch] = []
    var nextLook = Int64.min
    var nextCheckpoints = Int64.min
    /// When it would be time to look for checkpoints again if the run went on.
    var nextCheckpointsOfLive = Int64.min
    /// Whether a mark was missed by the last look that one before had found.
    var isDoubted = false
    /// When the marks were written that the board was told of.
    var told: (finished: Int64?, failed: Int64?) = (nil, nil)
    /// When the board is told again, though nothing has changed, and asked whether the run has ended.
    var nextTelling = Int64.min
    var hasEnded = false
    var isStalled = false
  }

  fileprivate struct PlaceOfSource: Hashable {
    /// The position of its watcher.
    var source: Int
    var captures: [String]
  }

  /// By watcher.
  private let sources: [Source?]
  private let logs: RunLogs
  /// Of the logs whose places are known.
  private var version: UInt64?
  private var runs: [RunBoard.Key: Run] = [:]
  private let files: any FileSystem
  private let clock: () -> Moment

  /// nil: the catalog looks for none.
  ///
  /// - Parameters:
  ///   - root: the folder that relative patterns are relative to; an absolute path.
  ///   - logs: which logs each run has: their paths say where its other files are.
  package init?(
    _ catalog: Catalog,
    root: String,
    logs: RunLogs,
    files: any FileSystem = RealFileSystem(),
    clock: @escaping () -> Moment
  ) {
    sources = catalog.watchers.map { Source($0, root: root) }
    self.logs = logs
    self.files = files
    self.clock = clock
    if sources.allSatisfy({ $0 == nil }) { return nil }
  }

  /// Looks at the runs whose turn it is; takes as long as the file system does.
  package func look(for board: RunBoard) {
    takePlaces()
    let now = clock()
    // In place: a copy of all for each that changes would cost more than the looks.
    for index in runs.indices where runs.values[index].nextLook <= now.monotonic {
      let key = runs.keys[index]
      look(at: &runs.values[index], of: key, now, board)
    }
  }

  // MARK: Where

  private func takePlaces() {
    let version = logs.version
    guard version != self.version else { return }
    self.version = version
    var new: [RunBoard.Key: Run] = [:]
    for (key, logs) in logs.all() {
      let found = Set(logs.values.compactMap(place(of:)))
      if found.isEmpty { continue }
      let wanted = found.sorted {
        $0.source != $1.source ? $0.source < $1.source : $0.captures.lexicographicallyPrecedes($1.captures)
      }.prefix(Self.placesMax)
      if let known = runs[key], known.places.elementsEqual(wanted) {
        new[key] = known
      } else {
        new[key] = run(at: Array(wanted), after: runs[key])
      }
    }
    runs = new
  }

  /// nil: nothing is looked for beside the log.
  private func place(of log: RunLog) -> PlaceOfSource? {
    sources[log.watcher].map { source in
      PlaceOfSource(source: log.watcher, captures: source.names.map { log.captures[$0] ?? "" })
    }
  }

  private func run(at places: [PlaceOfSource], after known: Run?) -> Run {
    var run = Run()
    run.places = places
    run.told = known?.told ?? run.told
    for place in places {
      guard let source = sources[place.source] else { continue }
      let captures = Dictionary(zip(source.names, place.captures)) { first, _ in first }
      func searches(_ patterns: [Pattern], takesFolders: Bool = false) -> [RunFileSearch] {
        patterns.map { RunFileSearch($0, of: source.watcher, captures: captures, takesFolders: takesFolders) }
      }
      run.finished += searches(source.run.finishedFiles)
      run.failed += searches(source.run.failedFiles)
      run.checkpoints += searches(source.run.checkpoints, takesFolders: true)
    }
    return run
  }

  // MARK: Looking

  private func look(at run: inout Run, of key: RunBoard.Key, _ now: Moment, _ board: RunBoard) {
    var look = RunFileSearch.Look(files: files, now: now.wall)
    let finished = Self.newest(&run.finished, &look)
    let failed = Self.newest(&run.failed, &look)
    let isMissed = run.told.finished != nil && finished == nil || run.told.failed != nil && failed == nil
    // A folder that is removed loses its mark first, and its logs at once: that is no run that goes on.
    // What could not be seen may be there.
    run.isDoubted =
      isMissed && (!run.isDoubted || look.hasFailed) || look.hasFailed && finished == nil && failed == nil
    let pause = Self.factor(look.entries)
    let looksForCheckpoints = !run.checkpoints.isEmpty && run.nextCheckpoints <= now.monotonic
    let isNews = !run.isDoubted && run.told != (finished, failed)
    if isNews || looksForCheckpoints || run.nextTelling <= now.monotonic {
      look.entries = 0
      let checkpoint = looksForCheckpoints ? Self.newestCheckpoint(&run.checkpoints, &look) : nil
      let tellsMarks = !run.isDoubted
      let state = board.updateKnown(key) { health in
        if tellsMarks { health.saw(finished: finished, failed: failed, at: now.wall) }
        if looksForCheckpoints { health.saw(checkpoint: checkpoint) }
        return health.state(at: now.wall)
      }
      run.hasEnded = state?.isEnd ?? true
      run.isStalled = state == .stalled
      if tellsMarks { run.told = (finished, failed) }
      run.nextTelling = now.monotonic &+ Self.endedMarksInterval
      if looksForCheckpoints { run.lookedForCheckpoints(at: now.monotonic, pause: Self.factor(look.entries)) }
      if !run.hasEnded, !run.isStalled { run.nextCheckpoints = min(run.nextCheckpoints, run.nextCheckpointsOfLive) }
    }
    let hasMarks = !run.finished.isEmpty || !run.failed.isEmpty
    let interval = run.isDoubted || hasMarks && !run.hasEnded ? Self.marksInterval : Self.endedMarksInterval
    run.nextLook = now.monotonic &+ pause &* interval &* (run.isStalled && !run.isDoubted ? Self.stalledPause : 1)
  }

  private static func factor(_ entries: Int) -> Int64 {
    Int64(max(1, (entries + entriesPerInterval - 1) / entriesPerInterval))
  }

  /// When the newest of the files was written.
  private static func newest(_ searches: inout [RunFileSearch], _ look: inout RunFileSearch.Look) -> Int64? {
    var newest: Int64?
    for index in searches.indices {
      for found in searches[index].look(&look) { newest = max(newest ?? .min, found.status.file.modified) }
    }
    return newest
  }

  private static func newestCheckpoint(
    _ searches: inout [RunFileSearch],
    _ look: inout RunFileSearch.Look
  ) -> RunCheckpoint? {
    var newest: (found: RunFileSearch.Found, time: Int64, size: Int)?
    func take(_ found: RunFileSearch.Found, _ time: Int64, _ size: Int) {
      if let newest {
        guard time >= newest.time else { return }
        // Of two names of the same, the one that is none by a link.
        if time == newest.time {
          guard (found.isLink ? 1 : 0, found.path) < (newest.found.isLink ? 1 : 0, newest.found.path) else { return }
        }
      }
      newest = (found, time, size)
    }
    for index in searches.indices {
      let all = searches[index].look(&look)
      for found in all where found.status.kind == .regular {
        take(found, found.status.file.modified, found.status.file.size)
      }
      // A new folder is newer itself, too: the others are looked into as far as there is room.
      let folders = all.filter { $0.status.kind == .directory }
        .sorted { ($0.status.file.modified, $1.path) > ($1.status.file.modified, $0.path) }
      let before = look.entries
      for folder in folders where look.entries - before < RunFileSearch.entriesMax {
        guard let (time, size) = searches[index].measure(folder, &look) else { continue }
        take(folder, time, size)
      }
    }
    return newest.map { RunCheckpoint(path: $0.found.path.text, time: max($0.time, 0), size: $0.size) }
  }
}

extension RunMarks.Run {
  /// - Parameter pause: how many times as long as usual it is left alone.
  fileprivate mutating func lookedForCheckpoints(at time: Int64, pause: Int64) {
    let interval = hasEnded ? RunMarks.endedCheckpointsInterval : RunMarks.checkpointsInterval
    nextCheckpoints = time &+ pause &* interval &* (isStalled ? RunMarks.stalledPause : 1)
    nextCheckpointsOfLive = time &+ pause &* RunMarks.checkpointsInterval
  }
}
