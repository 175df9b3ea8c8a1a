internal import Clocks
internal import Dispatch
internal import Ingest
internal import MetricCatalog
internal import Synchronization
internal import Tailing

/// Reads the curves of runs from their logs while somebody looks at them: as far as they were read they are kept for a
/// while, and read on at the next look. Nothing is read, kept or awaited while nobody looks, and what feeds metrics knows
/// nothing of it.
///
/// A queue of its own reads, one log after the other; `curves` may be called from any thread. What both touch is under a
/// mutex: hence `@unchecked`.
final class CurveReader: @unchecked Sendable {
  /// What is known of a log's curves.
  struct Reading {
    var curves: [LogCurves.Found] = []
    /// What is not there, as the end of a sentence that begins with the log.
    var leavesOut: [String] = []
    /// Whether there will be more in a moment.
    var isUnread = false
  }

  struct Limits {
    /// So much of a log is read, from its end.
    var logBytes = 256 << 20
    /// All curves that are kept.
    var keptBytes = 64 << 20
    /// For how long they are kept after a look: nanoseconds.
    var keptTime: Int64 = 600_000_000_000
    /// How long one look waits; what is not read by then comes with the next.
    var patience: Duration = .seconds(2)
    /// So much of one log is read while others wait.
    var turnBytes = 64 << 20
    /// So much at a time.
    var readBytes = 1 << 20
  }

  struct Key: Hashable {
    var watcher: Int
    var path: String

    init(_ log: RunLog) { (watcher, path) = (log.watcher, log.path) }
  }

  /// A log as far as it was read.
  final class Entry {
    var curves: LogCurves?
    /// Which file it was.
    var status: FileStatus?
    var beginning: [UInt8] = []
    /// The bytes before `offset`.
    var end: [UInt8] = []
    /// How much of the beginning was passed by.
    var skipped = 0
    /// How far it was read, and what follows that is no line yet.
    var offset = 0
    var rest: [UInt8] = []
    var isRead = false
    /// Why there is no more than there is.
    var failure: String?
    var hasNoRoom = false
    var byteCount = CurveReader.entryBytes
    var lookNumber = 0
  }

  struct Waiting {
    var keys: Set<Key>
    let done: Signal
  }

  struct State {
    var plans: CurvePlans?
    var entries: [Key: Entry] = [:]
    /// Those to be read, in their order; the first may be under way.
    var wanted: [RunLog] = []
    var isReading = false
    var waiting: [Waiting] = []
    var lookNumber = 0
    /// When curves were last looked at: nanoseconds of the monotonic clock.
    var lookedAt = Int64.min
    var isForgettingDue = false
  }

  let catalog: Catalog
  private let clock: TimeSource
  let limits: Limits
  private let queue = DispatchQueue(label: "curves", qos: .utility)
  private let mutex = Mutex(())
  private var state = State()

  /// As many bytes of a log's beginning tell whether it is still the same.
  static let beginningBytes = 1024
  /// As many of the beginning of a long log are looked at for what says how it is to be read, such as its header.
  static let headerBytes = 256 << 10
  /// As many before where it was read to.
  static let endBytes = 256
  /// What an entry takes beside its curves, about.
  static let entryBytes = 2048
  /// How long a last line has to rest that has no end: nanoseconds.
  private static let restTime: Int64 = 2_000_000_000

  init(catalog: Catalog, clock: TimeSource, limits: Limits = Limits()) {
    self.catalog = catalog
    self.clock = clock
    self.limits = limits
  }

  func locked<Result>(_ body: (inout State) -> Result) -> Result {
    mutex.withLock { _ in body(&state) }
  }

  /// How much is kept, in bytes.
  var byteCount: Int { locked { $0.entries.values.reduce(0) { $0 + $1.byteCount } } }

  /// The curves of these logs as they are now. Blocks until they are read, or for as long as a look may take.
  ///
  /// - Returns: one for each log.
  func curves(of logs: [RunLog]) -> [Reading] {
    if logs.isEmpty { return [] }
    let done = Signal()
    let begins = locked { state in
      state.lookNumber += 1
      state.lookedAt = clock.now.monotonic
      for log in logs {
        let entry = state.entries[Key(log)] ?? Entry()
        entry.lookNumber = state.lookNumber
        state.entries[Key(log)] = entry
      }
      state.wanted += logs.filter { log in !state.wanted.contains(log) }
      state.waiting.append(Waiting(keys: Set(logs.map(Key.init)), done: done))
      forgetLater(&state)
      defer { state.isReading = true }
      return !state.isReading
    }
    if begins { queue.async { self.readAll() } }
    done.wait(atMost: limits.patience)
    return locked { state in
      state.waiting.removeAll { $0.done === done }
      return logs.map { log in state.entries[Key(log)].map(reading) ?? Self.unread }
    }
  }

  private static let unread = Reading(leavesOut: ["has not been read yet: ask again"], isUnread: true)

  private func reading(of entry: Entry) -> Reading {
    var reading = Reading()
    if let failure = entry.failure { reading.leavesOut.append(failure) }
    guard let curves = entry.curves else {
      return entry.failure == nil && !entry.isRead ? Self.unread : reading
    }
    reading.curves = curves.all
    if !entry.isRead, entry.failure == nil, let size = entry.status?.size {
      reading.leavesOut.append("is still being read, \(entry.offset) of \(size) bytes so far: ask again")
      reading.isUnread = true
    } else if !entry.rest.isEmpty, let status = entry.status, curves.mayEnd(atFileSize: status.size),
      clock.now.wall &- status.modified >= Self.restTime
    {
      reading.curves = entry.rest.withUnsafeBytes { curves.withEnd($0) }
    }
    if entry.skipped > 0 {
      reading.leavesOut.append("is long: its first \(entry.skipped) bytes are not shown, and records count from there")
    }
    if curves.leavesOut { reading.leavesOut.append("has more than \(LogCurves.curvesMax) curves: the first are shown") }
    // One record is no curve.
    if curves.documentBytesMax != nil, curves.recordCount < 2 { reading.curves = [] }
    return reading
  }

  // MARK: Forgetting

  /// Lets go of the curves that were looked at longest ago, if there are too many.
  ///
  /// - Returns: false: the entry itself has no room, beside what the same look asks for.
  @discardableResult
  func makeRoom(for entry: Entry, _ log: RunLog, _ state: inout State) -> Bool {
    entry.byteCount = (entry.curves?.byteCount ?? 0) + entry.rest.count + Self.entryBytes
    var sum = state.entries.values.reduce(0) { $0 + $1.byteCount }
    while sum > limits.keptBytes {
      let oldest = state.entries.filter { $0.value !== entry }.min { $0.value.lookNumber < $1.value.lookNumber }
      guard let oldest, oldest.value.lookNumber < entry.lookNumber else {
        entry.curves = nil
        (entry.rest, entry.byteCount, entry.hasNoRoom) = ([], Self.entryBytes, true)
        entry.failure = "has no room beside the others: ask for fewer runs at a time"
        entry.isRead = true
        return false
      }
      sum -= oldest.value.byteCount
      state.entries[oldest.key] = nil
    }
    return true
  }

  /// How much is kept of what a look has asked for.
  func byteCount(of state: State, in lookNumber: Int) -> Int {
    state.entries.values.reduce(0) { $0 + ($1.lookNumber == lookNumber ? $1.byteCount : 0) }
  }

  private func forgetLater(_ state: inout State) {
    guard !state.isForgettingDue else { return }
    state.isForgettingDue = true
    let left = max(0, state.lookedAt &+ limits.keptTime &- clock.now.monotonic)
    queue.asyncAfter(deadline: .now() + .nanoseconds(Int(left))) { [weak self] in self?.forget() }
  }

  /// Lets go of everything when nobody has looked for long.
  private func forget() {
    locked { state in
      state.isForgettingDue = false
      if state.entries.isEmpty { return }
      if clock.now.monotonic &- state.lookedAt >= limits.keptTime, state.waiting.isEmpty, !state.isReading {
        state.entries = [:]
        state.plans = nil
      } else {
        forgetLater(&state)
      }
    }
  }
}
