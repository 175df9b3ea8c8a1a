internal import Clocks

/// What is known of files that may be copies of followed logs, and of logs that may have gone along with a copy, until
/// it is settled. Knows no files; `Tailer+Copies.swift` says what becomes of them.
struct PossibleCopies {
  /// A file that has the content of a followed log, or a beginning of it. It is not read yet.
  struct Held {
    /// The log that it may be a copy of.
    var original: FollowedLog
    /// As it was compared last.
    var status: FileStatus
    /// Monotonic nanoseconds, like the others.
    var since: Int64
    /// Since when it has all that was consumed of the log.
    var isCompleteSince: Int64?
    var changedAt: Int64
    var checkAt: Int64
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

  struct Place: Hashable {
    var watcher: Int
    var path: LogPath
  }

  /// The logs that a new file of a watcher is compared with: those in its directory, and those that begin like it.
  struct Originals {
    private var byDirectory: [LogPath: [FollowedLog]] = [:]
    private var byHead: [[UInt8]: [FollowedLog]] = [:]

    init(_ logs: some Sequence<FollowedLog>) {
      for log in logs where log.hasContent {
        if let directory = log.path.parent, byDirectory[directory, default: []].count < Self.perDirectoryMax {
          byDirectory[directory, default: []].append(log)
        }
        if byHead[log.head, default: []].count < Self.perHeadMax { byHead[log.head, default: []].append(log) }
      }
    }

    /// A new file is compared with at most so many: many runs have the same header, few the same first row.
    private static let perDirectoryMax = 64
    private static let perHeadMax = 32
    /// Beginnings gone through for a file that is shorter than one.
    private static let headsMax = 1_000

    /// The logs that a file of this path and beginning could be a copy of.
    func candidates(for path: LogPath, head: [UInt8]) -> [FollowedLog] {
      let near = path.parent.flatMap { byDirectory[$0] } ?? []
      var far: [FollowedLog] = []
      for count in 0...head.count { far += byHead[Array(head[..<count])] ?? [] }
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

  /// False: every file is read as soon as it is found.
  var isHolding = true
  /// False: what may be a copy is read nevertheless, unless its original is gone already.
  var isWaiting = true
  private var crowd: (since: Int64, count: Int) = (0, 0)

  /// Whether so many logs were overwritten within a minute that nobody rotates them: each is looked up among all files.
  mutating func isCrowded(now: Int64) -> Bool {
    if now &- crowd.since > 60_000_000_000 { crowd = (now, 0) }
    crowd.count += 1
    return crowd.count > TailerLimits.copySearchMax
  }
  var held: [Place: Held] = [:]
  /// When a file that took another's name was last made to wait: two logs that are replaced all the time by equal ones
  /// must not wait all the time.
  private var heldAt: [Place: Int64] = [:]
  /// Logs whose content was found gone, and which were not begun anew yet.
  var gone: [FollowedLog] = []

  /// - Parameter isReplacement: whether a log has, or had, the file's name.
  mutating func canHold(_ place: Place, isReplacement: Bool, now: Int64) -> Bool {
    guard held.count < TailerLimits.copiesHeldMax else { return false }
    guard isReplacement else { return true }
    let recently = heldAt.filter { now &- $0.value < TailerLimits.copyTimeMax.wholeNanoseconds }
    guard recently[place] == nil, recently.count < TailerLimits.copiesHeldMax else { return false }
    heldAt = recently
    heldAt[place] = now
    return true
  }

  func isHeld(_ path: LogPath, watchers: Range<Int>) -> Bool {
    !held.isEmpty && watchers.contains { held[Place(watcher: $0, path: path)] != nil }
  }

  var nextCheck: Int64 { held.values.lazy.map(\.checkAt).min() ?? .max }
}
