internal import Clocks

/// Directories in which a copy of a log may have appeared before its content was found gone. They may take many turns,
/// and until then nobody knows whether there is a copy.
struct CopySearch {
  /// The look at all directories that shows it; nil: what is marked shows it.
  var pass: Int?
  /// How long it is waited for in any case; monotonic nanoseconds.
  var end: Int64
  /// Whether all that is known already was compared.
  var hasBegun = false
}

/// What is known of files that may be copies of followed logs, and of logs that may have gone along with a copy, until
/// it is settled. Knows no files; `LogTable+Copies.swift` says what becomes of them.
struct PossibleCopies {
  /// A file that has the content of a followed log, or a beginning of it. It is not read yet.
  struct Held {
    /// The log that it may be a copy of.
    var original: FollowedLog
    /// As it was compared last.
    var status: FileStatus
    /// How many of its first bytes the log had then.
    var comparedBytes: Int
    /// Monotonic nanoseconds, like the others.
    var since: Int64
    /// Since when it has all that was consumed of the log.
    var isCompleteSince: Int64?
    var changedAt: Int64
    var checkAt = Int64.max
    /// What followed the file that had the name before, and went along with another copy.
    var predecessor: (any LogConsumer)?

    /// Until when it waits for its original to go away.
    var waitsUntil: Int64 {
      let settled = (isCompleteSince ?? changedAt) &+ TailerLimits.copySettleTime.wholeNanoseconds
      return min(settled, since &+ TailerLimits.copyTimeMax.wholeNanoseconds)
    }

    /// Whether it has waited, and its original still had its content then: that may not have been looked at for long.
    func hasWaited(_ now: Int64) -> Bool {
      guard now >= waitsUntil else { return false }
      return original.hadContentAt >= waitsUntil || now &- since >= TailerLimits.copyTimeMax.wholeNanoseconds
    }
  }

  /// How a log is found as the original of a copy: by its directory, and by how it begins.
  struct Origin: Hashable {
    var path: LogPath
    var head: [UInt8]
  }

  /// False: every file is read as soon as it is found.
  var isHolding = true
  /// False: what may be a copy is read nevertheless, unless its original is gone already.
  var isWaiting = true
  /// Logs whose content was found gone, and which were not begun anew yet.
  var overwritten: [FollowedLog] = []
  private(set) var held: [LogPath: Held] = [:]
  /// None is to be looked after before.
  private(set) var nextCheck = Int64.max
  /// When a file that took another's name was last made to wait: two logs that are replaced all the time by equal ones
  /// must not wait all the time.
  private var heldAt: [LogPath: Int64] = [:]
  private var crowd: (since: Int64, count: Int) = (0, 0)
  private var byDirectory: [LogPath: [FollowedLog]] = [:]
  private var byHead: [[UInt8]: [FollowedLog]] = [:]

  // MARK: Files that wait

  mutating func hold(_ path: LogPath, _ file: Held) {
    held[path] = file
    nextCheck = min(nextCheck, file.checkAt)
  }

  @discardableResult
  mutating func release(_ path: LogPath) -> Held? { held.removeValue(forKey: path) }

  /// The file was changed: it is compared soon.
  mutating func check(_ path: LogPath, now: Int64) {
    guard let file = held[path] else { return }
    let soon = max(now, file.changedAt &+ TailerLimits.copyCompareInterval.wholeNanoseconds)
    held[path]?.checkAt = min(file.checkAt, soon)
    nextCheck = min(nextCheck, soon)
  }

  /// The files that are to be looked after; they are again after `TailerLimits.copyCheckInterval`.
  mutating func takeDue(_ now: Int64, everything: Bool) -> [(path: LogPath, file: Held)] {
    guard everything || now >= nextCheck else { return [] }
    var due: [(path: LogPath, file: Held)] = []
    nextCheck = .max
    for (path, file) in held {
      if everything || file.checkAt <= now {
        held[path]?.checkAt = now &+ TailerLimits.copyCheckInterval.wholeNanoseconds
        due.append((path, file))
      }
      nextCheck = min(nextCheck, held[path]?.checkAt ?? .max)
    }
    return due.sorted { $0.path < $1.path }
  }

  /// - Parameter isReplacement: whether a log has, or had, the file's name.
  mutating func canHold(_ path: LogPath, isReplacement: Bool, now: Int64) -> Bool {
    guard held.count < TailerLimits.copiesHeldMax else { return false }
    guard isReplacement else { return true }
    let recently = heldAt.filter { now &- $0.value < TailerLimits.copyTimeMax.wholeNanoseconds }
    guard recently[path] == nil, recently.count < TailerLimits.copiesHeldMax else { return false }
    heldAt = recently
    heldAt[path] = now
    return true
  }

  /// Whether so many logs were overwritten within a minute that nobody rotates them: each is looked up among all files.
  mutating func isCrowded(now: Int64) -> Bool {
    if now &- crowd.since > TailerLimits.copyTimeMax.wholeNanoseconds { crowd = (now, 0) }
    crowd.count += 1
    return crowd.count > TailerLimits.copySearchMax
  }

  // MARK: Originals

  /// Keeps the log where it is found as an original.
  mutating func update(_ log: FollowedLog, isIn: Bool) {
    let origin = isIn && log.hasContent ? Origin(path: log.path, head: log.head) : nil
    guard origin != log.entry.origin else { return }
    if let before = log.entry.origin {
      if let directory = before.path.parent { Self.remove(log, from: &byDirectory[directory]) }
      Self.remove(log, from: &byHead[before.head])
    }
    if let origin {
      if let directory = origin.path.parent { byDirectory[directory, default: []].append(log) }
      byHead[origin.head, default: []].append(log)
    }
    log.entry.origin = origin
  }

  private static func remove(_ log: FollowedLog, from logs: inout [FollowedLog]?) {
    guard let place = logs?.firstIndex(where: { $0 === log }), let last = logs?.count else { return }
    logs?.swapAt(place, last - 1)
    logs?.removeLast()
    if last == 1 { logs = nil }
  }

  /// A new file is compared with at most so many: many runs have the same header, few the same first row.
  private static let perDirectoryMax = 64
  private static let perHeadMax = 32
  /// Beginnings gone through for a file that is shorter than one.
  private static let headsMax = 1_000

  /// The logs that a file of this path and beginning could be a copy of: those in its directory, and those that begin
  /// like it.
  func originals(of path: LogPath, head: [UInt8]) -> [FollowedLog] {
    let near = path.parent.flatMap { byDirectory[$0]?.prefix(Self.perDirectoryMax) } ?? []
    var far: [FollowedLog] = []
    for count in 0...head.count { far += byHead[Array(head[..<count])]?.prefix(Self.perHeadMax) ?? [] }
    if head.count < FollowedLog.headBytesMax {
      for (other, logs) in byHead.prefix(Self.headsMax) where other.count > head.count && other.starts(with: head) {
        far += logs.prefix(1)
      }
    }
    return (near + far).filter { log in
      log.path != path && (log.head.starts(with: head) || head.starts(with: log.head))
    }
  }
}
