package import Clocks
internal import Collectors
package import MetricCatalog
package import Runs

/// Looks for the processes of runs, as `process:` of watchers describes them, and tells the board. What it saw of them
/// last it keeps: of a process that was killed there is nothing left to see. For one thread at a time.
package final class RunProcesses {
  private struct Source {
    let keys: RunKeys
    let census: ProcessCensus
  }

  /// The processes of a run when it had some last.
  fileprivate struct Seen {
    var time: Int64
    var processes: [ProcessSight]
    /// How many CPUs each kept busy since the look before.
    var cpuRatios: [ProcessTable.Identity: Double] = [:]
    /// Counts from the first look on.
    let kills: OutOfMemoryKills?
  }

  /// Of a run; a training has one for each GPU, and some for its data.
  private static let processesMax = 64
  /// In evidence.
  private static let shownMax = 16
  /// What was seen longer ago says nothing of a run: nanoseconds. It may have gone on elsewhere since.
  private static let seenTimeMax: Int64 = 60_000_000_000

  private let sources: [Source]
  private let root: String
  private let clock: () -> Moment
  /// What it has seen, for another that looks on.
  package struct Memory: Sendable {
    fileprivate var seen: [RunBoard.Key: Seen] = [:]
    /// When the last look was, on the monotonic clock.
    fileprivate var lastLook = Int64.min
  }

  package private(set) var memory = Memory()
  private var seen: [RunBoard.Key: Seen] {
    get { memory.seen }
    _modify { yield &memory.seen }
  }
  private var lastLook: Int64 {
    get { memory.lastLook }
    set { memory.lastLook = newValue }
  }

  /// nil: the catalog looks for none.
  ///
  /// - Parameters:
  ///   - root: what stands in for `/`.
  ///   - memory: of the one before.
  package init?(_ catalog: Catalog, root: String = "", after memory: Memory? = nil, clock: @escaping () -> Moment) {
    sources = catalog.watchers.compactMap { watcher in
      guard let run = watcher.run, !run.processes.isEmpty else { return nil }
      let census = ProcessCensus(root: root, matches: run.processes.map { ProcessMatch($0) })
      return Source(keys: RunKeys(run), census: census)
    }
    self.root = root
    self.clock = clock
    if let memory { self.memory = memory }
    if sources.isEmpty { return nil }
  }

  /// Looks through all processes once; takes as long as `/proc` does.
  package func look(for board: RunBoard) {
    var found: [RunBoard.Key: [ProcessTable.Process]] = [:]
    for source in sources {
      // What cannot be seen is not gone.
      guard let processes = source.census.processes() else { return }
      for process in processes {
        if let label = process.label, let key = Self.key(source.keys, label) { found[key, default: []].append(process) }
      }
    }
    let now = clock()
    lastLook = now.monotonic
    board.sawProcesses(found.mapValues(\.count), at: now.wall)
    for (key, processes) in found { note(processes, of: key, now) }
    if seen.count > 2 * board.count + 16 {
      let known = Set(board.all().map(\.key))
      seen = seen.filter { known.contains($0.key) }
    }
  }

  private func note(_ processes: [ProcessTable.Process], of key: RunBoard.Key, _ now: Moment) {
    let former = seen[key].flatMap { now.monotonic - $0.time <= Self.seenTimeMax ? $0 : nil }
    let kept = processes.prefix(Self.processesMax).map(ProcessSight.init)
    let kills = former?.kills ?? kept.first.map { OutOfMemoryKills(of: $0.identity.id, root: root) }
    var new = Seen(time: now.monotonic, processes: kept, kills: kills)
    if let former, now.monotonic > former.time {
      let seconds = Double(now.monotonic - former.time) / 1e9
      let before = Dictionary(former.processes.map { ($0.identity, $0.cpuSeconds) }) { first, _ in first }
      for process in kept {
        guard let used = before[process.identity] else { continue }
        new.cpuRatios[process.identity] = max(0, process.cpuSeconds - used) / seconds
      }
    }
    seen[key] = new
  }

  /// What is known of the processes of a run: as they are, or, if they have gone, as they were when they were seen last.
  package func evidence(of key: RunBoard.Key) -> (processes: [RunEvidence.Process], kills: RunEvidence.Kills?) {
    guard let seen = seen[key], lastLook - seen.time <= Self.seenTimeMax else { return ([], nil) }
    // Those that wait for a device first, then the busiest: a few of many say most.
    let sorted = seen.processes.sorted { one, other in
      (one.state == "D" ? 0 : 1, -one.cpuSeconds, one.identity.id)
        < (other.state == "D" ? 0 : 1, -other.cpuSeconds, other.identity.id)
    }
    let processes = sorted.prefix(Self.shownMax).map { process in
      RunEvidence.Process(
        id: process.identity.id,
        name: process.name,
        state: process.state,
        // Of one that has gone, its number may be another's.
        waitChannel: seen.time == lastLook ? ProcessSight.waitChannel(of: process.identity.id, root: root) : nil,
        cpuSeconds: process.cpuSeconds,
        cpuRatio: seen.cpuRatios[process.identity],
        residentBytes: process.residentBytes,
        threads: process.threads
      )
    }
    return (processes, seen.kills?.sinceThen().map { RunEvidence.Kills(group: $0.group, count: $0.count) })
  }

  /// nil: a label is not among what was taken, or does not allow it.
  private static func key(_ keys: RunKeys, _ taken: ProcessTable.Label) -> RunBoard.Key? {
    let texts = keys.labels.compactMap { label in taken.names.firstIndex(of: label.name).map { taken.values[$0] } }
    return texts.count == keys.labels.count ? keys.key(values: texts) : nil
  }
}
