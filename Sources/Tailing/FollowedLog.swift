internal import Budgets

/// A file's identity while it exists. The number is used again when it is gone.
struct FileID: Hashable {
  var device: UInt64
  var inode: UInt64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }
}

/// One log that is followed: what it is, how far it was read, and when it is to be looked at. `LogTable` decides what
/// becomes of it, `LogReader` reads it.
final class FollowedLog {
  /// Where the log stands. `docs/architecture.md` shows what leads from one to the other.
  enum Standing: Hashable {
    /// The file of its name is the log's to read, though nothing was read of it yet.
    case awaited(FileID)
    /// Its file has its name.
    case following
    /// It went along with a copy, which may lack its last lines: then it begins anew without being asked.
    case adopted
    /// What was consumed no longer stands in its file, and its consumer was not told: another file may have it.
    case overwritten
    /// Its file has lost its name, and has more than is read at once: that is read first, in turns, as long as the file is
    /// open. Then it is decided what becomes of the log.
    case leaving
    /// Its file has a name that no pattern reaches. It is read there until it rests.
    case renamed(to: LogPath)
    /// Its file has no name that is known. It may come back until then: a rename may fall between two listings.
    case missing(until: Int64)
    /// No file is left of it. It keeps what it contributed, and begins anew should a file come back.
    case gone

    /// Whether no other log may follow its file.
    var claimsFile: Bool {
      switch self {
      case .awaited, .following, .adopted, .overwritten, .leaving: true
      case .renamed, .missing, .gone: false
      }
    }
  }

  /// What the next look waits for; monotonic nanoseconds.
  enum Pace: Hashable {
    /// An event.
    case resting
    /// It changed lately: once it rests its last line may be shown, and its descriptor is closed.
    case comingToRest(until: Int64)
    /// Its turn: there was more than is read in one.
    case behind
    /// Another attempt. It is failing where it cannot be read, and not where it changes too fast.
    case retrying(at: Int64, after: Int64, isFailing: Bool)

    var isRetrying: Bool {
      if case .retrying = self { true } else { false }
    }

    var isFailing: Bool {
      if case .retrying(_, _, let isFailing) = self { isFailing } else { false }
    }
  }

  let watcher: Int
  let consumer: any LogConsumer
  let counters: TailerCounters
  /// The name in the pattern.
  var path: LogPath
  /// What the pattern took from it.
  var captures: [String: String]
  var tracker: FileTracker
  var standing: Standing
  var pace = Pace.resting

  /// Open only while the file changes.
  var descriptor: Int32?
  /// Bytes after the last line's end: they count when the file goes away, unless no exporter ran. None where there is no
  /// room to keep them.
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
  /// Of the document that was handed over last; nil: none was since a file came.
  var documentDigest: UInt64?
  /// The file's status when it was told of last that its document is too large.
  var refused: FileStatus?
  /// The size that its file had when all of it was read after it had lost its name.
  var drainedSize: Int?
  /// When what was consumed last stood in its file.
  var hadContentAt = Int64.min
  /// When its content was last found gone.
  var contentLostAt: Int64?
  /// What is listed before it is decided that there is no copy of it; nil: that is decided, or nothing is gone.
  var copySearch: CopySearch?
  /// How often directories were listed again because the file has lost its name and is somewhere still.
  var relistings = 0

  // What others keep here of it, so that they find it without a search.

  var isQueued = false
  var lane: Lane
  /// Since when there was more to read of it than in one turn.
  var behindSince: Int64?
  /// Whether that is so for long.
  var isFarBehind = false
  /// The earliest entry in `Timers`.
  var scheduledAt = Int64.max
  var entry = LogTable.Entry()
  private var counted = (followed: 0, behind: 0, failing: 0, farBehind: 0)
  /// Its place among all logs that were saved; 0: it was not.
  var savedPlace: UInt64 = 0
  /// A digest of what was saved of it last; nil: it is not in the saved state.
  var saved: UInt64?

  init(_ file: LogFile, at path: LogPath, _ standing: Standing, consumer: any LogConsumer, counters: TailerCounters) {
    watcher = file.watcher
    captures = file.captures
    self.path = path
    lane = Lane(folder: path)
    self.standing = standing
    self.consumer = consumer
    self.counters = counters
    tracker = FileTracker(readsWholeDocuments: consumer.readsWholeDocuments)
    share = consumer.budget.map { MemoryShare(of: $0) }
  }

  /// Tells most logs apart, but not those with one header.
  static let headBytesMax = 16

  /// Whether a file is known that it reads.
  var isPresent: Bool { tracker.status != nil }

  /// The file that it follows or will read.
  var file: FileID? {
    if case .awaited(let file) = standing { file } else { tracker.status.map(FileID.init) }
  }

  /// Whether a copy of it could be told from other files.
  var hasContent: Bool { isPresent && !tracker.readsWholeDocuments && tracker.identityBytes > 0 }

  /// Whether there is content by which its file can be told from another with the same number.
  var isIdentified: Bool { tracker.identityBytes > 0 || documentDigest != nil }

  var isOverwritten: Bool { standing == .overwritten }

  var renamedTo: LogPath? {
    if case .renamed(let name) = standing { name } else { nil }
  }

  var readPath: LogPath { renamedTo ?? path }

  /// Whether its last line, or half a document, may not have been shown yet.
  var hasRest: Bool { tracker.readsWholeDocuments || tracker.bytesBehind > 0 }

  /// When it is to be looked at without an event; `.max`: never.
  var deadline: Int64 {
    // Nothing else can be done before: a timer that is over by then must not make turn follow turn.
    if case .retrying(let at, _, _) = pace { return at }
    var deadline = Int64.max
    if case .comingToRest(let end) = pace { deadline = end }
    if case .missing(let end) = standing { deadline = min(deadline, end) }
    return deadline
  }

  /// Brings what is counted of it up to date.
  func count(isFollowed: Bool) {
    let now = (
      followed: isFollowed ? 1 : 0, behind: tracker.bytesBehind, failing: pace.isFailing ? 1 : 0,
      farBehind: isFollowed && isFarBehind ? 1 : 0
    )
    counters.filesFollowed.add(now.followed - counted.followed, ordering: .relaxed)
    counters.bytesBehind.add(now.behind - counted.behind, ordering: .relaxed)
    counters.filesFailing.add(now.failing - counted.failing, ordering: .relaxed)
    counters.filesFarBehind.add(now.farBehind - counted.farBehind, ordering: .relaxed)
    counted = now
  }
}

/// Each is equal to itself alone.
extension FollowedLog: Hashable {
  static func == (first: FollowedLog, second: FollowedLog) -> Bool { first === second }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
