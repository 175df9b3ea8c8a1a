internal import Clocks
internal import Explaining
internal import Ingest
internal import Logging
internal import MetricCatalog
internal import Runs
internal import Synchronization

/// Looks at all runs: which processes they have, which have another state than before, and, of those that stalled, failed
/// or were killed, what they were doing. It tells of them in the log.
final class RunLookout: Sendable {
  private struct Contents {
    /// nil: the catalog looks for no processes.
    var processes: RunProcesses?
    /// Whether all runs were looked at before, with their logs read.
    var hasLooked = false
  }

  private let hasRuns: Bool
  /// The catalog's folder, as paths of logs begin.
  private let root: String
  private let board: RunBoard
  private let reading: LogReading
  private let collecting: Collecting
  private let logger: Logger
  private let clock: TimeSource
  private let contents: Mutex<Contents>

  /// How many runs are told of at one look, each with a line.
  private static let toldMax = 20
  /// How many runs are asked what they were doing at one look: as much as is kept.
  private static let askedMax = 256

  /// - Parameter former: that of the catalog before: what it saw of processes is known here.
  init(
    _ catalog: Catalog,
    reading: LogReading,
    collecting: Collecting,
    former: RunLookout?,
    logger: Logger,
    clock: TimeSource
  ) {
    root = WorkingFolder.absolute(catalog.folder)
    hasRuns = catalog.watchers.contains { $0.run != nil }
    self.reading = reading
    board = reading.runs
    self.collecting = collecting
    self.logger = logger
    self.clock = clock
    let memory = former?.contents.withLock { $0.processes?.memory }
    contents = Mutex(Contents(processes: RunProcesses(catalog, after: memory) { clock.now }))
  }

  /// Looks once. Blocks for as long as `/proc` and the ends of logs take to be read.
  ///
  /// - Parameters:
  ///   - isSettled: whether all logs that there were have been read; before, states say little.
  ///   - tells: whether the log is told of runs that have another state.
  func look(isSettled: Bool, tells: Bool = true) {
    guard hasRuns else { return }
    contents.withLock { contents in
      contents.processes?.look(for: board)
      guard isSettled else { return }
      let now = clock.now.wall
      let transitions = board.transitions(at: now)
      let asked = transitions.filter { RunEvidence.isWanted(of: $0.state) }.suffix(Self.askedMax)
      for transition in asked { board.keep(evidence(of: transition, contents.processes, now), of: transition.key) }
      if tells { tell(transitions, isFirst: !contents.hasLooked, now) }
      contents.hasLooked = true
    }
    // Where nothing is written any more, nobody else has it saved.
    if board.hasUnsavedChanges { reading.requestCheckpoint() }
  }

  private func evidence(
    of transition: RunBoard.Transition,
    _ processes: RunProcesses?,
    _ now: Int64
  ) -> RunEvidence {
    let (processes, kills) = processes?.evidence(of: transition.key) ?? ([], nil)
    return RunEvidence(
      state: transition.state,
      time: now,
      tails: tails(of: transition.key),
      processes: processes,
      gpus: collecting.gpus(of: processes),
      kills: kills
    )
  }

  /// Logs are named as the catalog does.
  private func tails(of key: RunBoard.Key) -> [RunEvidence.Tail] {
    let logs = reading.runLogs.logs(of: key).filter { reading.isForPeople(watcher: $0.watcher) }
    return RunTails.tails(of: logs).map { tail in
      RunEvidence.Tail(file: LogPaths.relative(tail.file, to: root), lines: tail.lines)
    }
  }

  // MARK: Telling

  private func tell(_ transitions: [RunBoard.Transition], isFirst: Bool, _ now: Int64) {
    let found = transitions.filter { $0.former == nil }
    // What was there before this process, and was never looked at, is no news.
    if isFirst, !found.isEmpty {
      let counts = RunState.allCases.compactMap { state in
        let count = found.count { $0.state == state }
        return count == 0 ? nil : "\(count) \(state.rawValue)"
      }
      logger.info("runs found", metadata: ["states": "\(counts.joined(separator: ", "))"])
    }
    let news = transitions.filter { ($0.former != nil || !isFirst) && isNews($0) }
    let evidence = news.isEmpty ? [:] : board.evidence
    for transition in news.prefix(Self.toldMax) { tell(transition, evidence[transition.key], now) }
    if news.count > Self.toldMax {
      logger.warning("further runs have changed their state", metadata: ["runs": "\(news.count - Self.toldMax)"])
    }
  }

  private func isNews(_ transition: RunBoard.Transition) -> Bool {
    switch transition.state {
    case .stalled, .failed, .killed, .vanished: true
    case .finished: transition.former != nil
    case .running: transition.former.map { $0 != .starting } ?? false
    case .starting: false
    }
  }

  private func tell(_ transition: RunBoard.Transition, _ evidence: RunEvidence?, _ now: Int64) {
    var metadata: Logger.Metadata = [:]
    for (name, value) in zip(transition.key.names, transition.key.values) { metadata[name] = "\(value)" }
    switch transition.state {
    case .stalled, .failed, .killed, .vanished:
      if let last = transition.health.lastRecord {
        metadata["silent_seconds"] = "\((now - last) / 1_000_000_000)"
      }
      if let evidence, evidence.state == transition.state { metadata.merge(Self.facts(evidence)) { first, _ in first } }
      logger.warning("run \(transition.state.rawValue)", metadata: metadata)
    case .finished: logger.info("run finished", metadata: metadata)
    case .running, .starting: logger.info("run goes on", metadata: metadata)
    }
  }

  /// What is said of the evidence in one line.
  private static func facts(_ evidence: RunEvidence) -> Logger.Metadata {
    var facts: Logger.Metadata = [:]
    if let process = evidence.processes.first {
      let place = process.waitChannel.map { " in \($0)" } ?? ""
      facts["process"] = "\(process.id) \(process.name) \(process.state)\(place)"
      facts["cpu_seconds"] = "\((process.cpuSeconds * 10).rounded() / 10)"
    }
    if let kills = evidence.kills, kills.count > 0 { facts["out_of_memory_kills"] = "\(kills.count)" }
    if let (file, text) = evidence.lastLine {
      facts["file"] = "\(file)"
      facts["last_line"] = "\(text)"
    }
    return facts
  }
}
