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

  private struct Key: Hashable {
    var watcher: Int
    var path: String

    init(_ log: RunLog) { (watcher, path) = (log.watcher, log.path) }
  }

  /// A log as far as it was read.
  private final class Entry {
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

  private struct Waiting {
    var keys: Set<Key>
    let done: Signal
  }

  private struct State {
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

  private let catalog: Catalog
  private let clock: TimeSource
  private let limits: Limits
  private let queue = DispatchQueue(label: "curves", qos: .utility)
  private let mutex = Mutex(())
  private var state = State()

  /// As many bytes of a log's beginning tell whether it is still the same.
  private static let beginningBytes = 1024
  /// As many of the beginning of a long log are looked at for what says how it is to be read, such as its header.
  private static let headerBytes = 256 << 10
  /// As many before where it was read to.
  private static let endBytes = 256
  /// What an entry takes beside its curves, about.
  private static let entryBytes = 2048
  /// How long a last line has to rest that has no end: nanoseconds.
  private static let restTime: Int64 = 2_000_000_000

  init(catalog: Catalog, clock: TimeSource, limits: Limits = Limits()) {
    self.catalog = catalog
    self.clock = clock
    self.limits = limits
  }

  private func locked<Result>(_ body: (inout State) -> Result) -> Result {
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

  // MARK: Reading

  /// Reads until nobody waits.
  private func readAll() {
    while let log = locked({ $0.wanted.first }) {
      let isDone = read(log)
      let goesOn = locked { state in
        state.wanted.removeFirst()
        if !isDone {
          state.wanted.append(log)
          return true
        }
        for place in state.waiting.indices {
          state.waiting[place].keys.remove(Key(log))
          if state.waiting[place].keys.isEmpty { state.waiting[place].done.give(true) }
        }
        state.isReading = !state.wanted.isEmpty
        return state.isReading
      }
      if !goesOn { return }
    }
    locked { $0.isReading = false }
  }

  /// - Returns: whether nothing is left to read for now.
  private func read(_ log: RunLog) -> Bool {
    var isDone = true
    let isThere: Void? = log.withOpenFile { descriptor, status in isDone = read(log, descriptor, status) }
    if isThere == nil { fail(log, "is gone, or cannot be read") }
    return isDone
  }

  private func fail(_ log: RunLog, _ reason: String) {
    locked { state in
      guard let entry = state.entries[Key(log)] else { return }
      (entry.failure, entry.isRead) = (reason, true)
    }
  }

  /// Where to go on.
  private enum Way {
    case lines(from: Int)
    case document(bytesMax: Int)
    case nothing
  }

  private func read(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus) -> Bool {
    let beginning = bytes(of: descriptor, at: 0, min(status.size, Self.beginningBytes)) ?? []
    let known = locked { $0.entries[Key(log)]?.offset } ?? 0
    let end = bytes(of: descriptor, at: known - min(known, Self.endBytes), min(known, Self.endBytes)) ?? []
    switch locked({ way(log, status, beginning, end, &$0) }) {
    case .nothing: return true
    case .document(let bytesMax):
      guard status.size <= bytesMax else {
        fail(log, "is longer than documents are read")
        return true
      }
      guard let document = bytes(of: descriptor, at: 0, status.size) else {
        fail(log, Self.unreadable)
        return true
      }
      locked { state in
        guard let entry = state.entries[Key(log)], let curves = entry.curves else { return }
        document.withUnsafeBytes { curves.readDocument($0) }
        entry.offset = document.count
        entry.isRead = true
        makeRoom(for: entry, log, &state)
      }
      return true
    case .lines(var offset):
      if offset == 0, status.size > limits.logBytes {
        offset = passBy(log, descriptor, status)
      }
      return readLines(log, descriptor, status, from: offset)
    }
  }

  /// Whether a log is read on, or from its beginning.
  private func way(
    _ log: RunLog,
    _ status: FileStatus,
    _ beginning: [UInt8],
    _ end: [UInt8],
    _ state: inout State
  ) -> Way {
    guard let entry = state.entries[Key(log)] else { return .nothing }
    if entry.hasNoRoom, byteCount(of: state, in: entry.lookNumber) > limits.keptBytes / 2 { return .nothing }
    if let known = entry.status, entry.curves != nil, entry.failure == nil {
      if known == status, entry.isRead { return .nothing }
      let isSame = known.inode == status.inode && known.device == status.device
      if isSame, entry.curves?.documentBytesMax == nil, status.size >= entry.offset,
        beginning.starts(with: entry.beginning), end == entry.end
      {
        entry.status = status
        entry.isRead = false
        if entry.beginning.count < beginning.count { entry.beginning = beginning }
        return .lines(from: entry.offset)
      }
    }
    let plans = state.plans ?? CurvePlans(catalog)
    state.plans = plans
    let curves = plans.curves(watcher: log.watcher, path: log.path, captures: log.captures)
    entry.curves = curves
    entry.status = status
    entry.beginning = beginning
    (entry.offset, entry.skipped, entry.rest, entry.end) = (0, 0, [], [])
    (entry.failure, entry.hasNoRoom) = (nil, false)
    entry.isRead = curves == nil
    entry.byteCount = (curves?.byteCount ?? 0) + Self.entryBytes
    guard let curves else { return .nothing }
    return curves.documentBytesMax.map(Way.document) ?? .lines(from: 0)
  }

  /// Looks at the beginning of a long log.
  ///
  /// - Returns: where to read on.
  private func passBy(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus) -> Int {
    if locked({ $0.entries[Key(log)]?.curves?.isBinary == true }) { return passByFrames(log, descriptor, status) }
    let header = bytes(of: descriptor, at: 0, min(status.size, Self.headerBytes)) ?? []
    var start = status.size - limits.logBytes
    let around = bytes(of: descriptor, at: start, min(limits.logBytes, catalog.limits.lineBytes)) ?? []
    start += around.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? around.count
    let before = bytes(of: descriptor, at: start - min(start, Self.endBytes), min(start, Self.endBytes)) ?? []
    return locked { state in
      guard let entry = state.entries[Key(log)] else { return start }
      header.withUnsafeBytes { entry.curves?.learn($0) }
      (entry.skipped, entry.offset) = (start, start)
      entry.end = before
      return start
    }
  }

  /// Passes by the beginning of a long log of frames: the parser finds where the next one begins.
  private func passByFrames(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus) -> Int {
    let start = status.size - limits.logBytes
    let before = bytes(of: descriptor, at: start - min(start, Self.endBytes), min(start, Self.endBytes)) ?? []
    return locked { state in
      guard let entry = state.entries[Key(log)] else { return start }
      entry.curves?.passBy(start)
      (entry.skipped, entry.offset, entry.end) = (start, start, before)
      return start
    }
  }

  private func readLines(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus, from start: Int) -> Bool {
    var offset = start
    var wanted = limits.readBytes
    while true {
      let asked = min(status.size - offset, wanted)
      guard let piece = bytes(of: descriptor, at: offset, asked) else {
        fail(log, Self.unreadable)
        return true
      }
      // It may have become shorter since it was looked at.
      let isEnd = offset + piece.count >= status.size || piece.count < asked
      let taken = locked { state -> Int? in
        guard let entry = state.entries[Key(log)], let curves = entry.curves, entry.failure == nil else { return nil }
        let consumed = piece.withUnsafeBytes { curves.read($0) }
        entry.offset = offset + consumed
        if consumed > 0 { entry.end = (entry.end + piece[..<consumed].suffix(Self.endBytes)).suffix(Self.endBytes) }
        if isEnd {
          entry.rest = Array(piece[consumed...])
          entry.isRead = true
        }
        return makeRoom(for: entry, log, &state) ? consumed : nil
      }
      guard let taken, !isEnd else { return true }
      offset += taken
      // A line that is longer than what was read.
      wanted = taken == 0 ? wanted * 2 : limits.readBytes
      if offset - start >= limits.turnBytes, locked({ $0.wanted.count > 1 }) { return false }
    }
  }

  private static let unreadable = "is gone, or cannot be read"

  /// Fewer than were asked for: the file ends there. nil: they cannot be read.
  private func bytes(of descriptor: Int32, at offset: Int, _ count: Int) -> [UInt8]? {
    var hasFailed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
      filled = 0
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count])
        guard let read = try? RealFileSystem().read(descriptor, into: rest, at: offset + filled) else {
          hasFailed = true
          return
        }
        if read == 0 { return }
        filled += read
      }
    }
    return hasFailed ? nil : bytes
  }

  // MARK: Forgetting

  /// Lets go of the curves that were looked at longest ago, if there are too many.
  ///
  /// - Returns: false: the entry itself has no room, beside what the same look asks for.
  @discardableResult
  private func makeRoom(for entry: Entry, _ log: RunLog, _ state: inout State) -> Bool {
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
  private func byteCount(of state: State, in lookNumber: Int) -> Int {
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
