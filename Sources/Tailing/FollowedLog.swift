internal import Budgets

/// One log that is followed: its tracker, its consumer, and what the loop has to remember between two looks.
final class FollowedLog {
  let watcher: Int
  let consumer: any LogConsumer
  /// The name in the pattern.
  var path: LogPath
  /// What the pattern took from it.
  var captures: [String: String]
  /// Where the file is after it was renamed out of the pattern; read until it rests or `path` is there again.
  var renamedTo: LogPath?
  var tracker: FileTracker

  /// Open only while the file changes.
  var descriptor: Int32?
  /// Whether the last look stopped before the file's end, for the others' sake.
  var hasMore = false
  /// Bytes after the last line's end: they count when the file goes away. None where there is no room to keep them.
  var rest: [UInt8] = [] {
    didSet {
      if let share, !share.hold(rest.count) { rest = [] }
    }
  }
  private let share: MemoryShare?
  /// Whether they were shown as provisional.
  var isRestShown = false
  /// The first bytes that were consumed, to find the logs that a new file could be a copy of.
  var head: [UInt8] = []
  /// Whether the consumer may be told that the content is gone; until then it may have gone along with a copy.
  var mayRestart = false
  /// When what was consumed last stood in its file.
  var hadContentAt = Int64.min
  /// When its content was last found gone.
  var goneAt: Int64?
  var documentDigest: UInt64?
  /// Whether the file of that name is this log's to read, though nothing was read of it yet.
  var isAwaited = false
  /// Whether the consumer was told that the file is gone, and not yet that one came back.
  var hasVanished = false
  /// Monotonic nanoseconds; nil: no timer.
  var restsAt: Int64?
  var retryAt: Int64?
  var retryInterval: Int64 = 0
  /// How often directories were listed again because the file has lost its name and is somewhere still.
  var relistings = 0
  /// When the file was first missed.
  var missingSince: Int64?
  var countedBehind = 0
  var isCountedFailing = false
  var isQueued = false
  /// Its place among all logs that were saved; 0: it was not.
  var savedPlace: UInt64 = 0
  /// As what it was saved last.
  var saved: SavedFields?
  /// Whether another process followed it, and no listing of this one has met its file yet.
  var isRestored = false

  init(watcher: Int, path: LogPath, captures: [String: String], consumer: any LogConsumer) {
    self.watcher = watcher
    self.path = path
    self.captures = captures
    self.consumer = consumer
    tracker = FileTracker(readsWholeDocuments: consumer.readsWholeDocuments)
    share = consumer.budget.map { MemoryShare(of: $0) }
  }

  /// Tells most logs apart, but not those with one header.
  static let headBytesMax = 16

  /// Whether a copy of it could be told from other files.
  var hasContent: Bool { isPresent && !tracker.readsWholeDocuments && tracker.offset > 0 }

  var isPresent: Bool { tracker.status != nil }

  var readPath: LogPath { renamedTo ?? path }
}
