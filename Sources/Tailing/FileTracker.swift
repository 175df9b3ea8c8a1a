package import StateStore

/// The state machine of one followed path: told what is there now, it says what to do. It holds all that is known of
/// the file (identity, offset, content marks) and nothing of descriptors, clocks and consumers; it never does I/O.
package struct FileTracker: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    /// Nothing changed, or nothing that matters.
    case nothing
    /// Read from `offset`.
    case read
    /// Compare the windows with the file, then call `verified`.
    case verify
    /// Tell the consumer to restart, then read from 0.
    case restart
  }

  /// How long after a file's last change its times may still hide another one: the kernel's clock for them ticks every
  /// 1 to 10 ms.
  package static let timestampTick: Int64 = 20_000_000

  package let readsWholeDocuments: Bool
  /// As of the last look; nil before the first and after `leave`.
  package private(set) var status: FileStatus?
  /// What to compare after `.verify`.
  private(set) var windows: [ContentMarks.Window] = []
  private var marks = ContentMarks()
  /// False while a change in the same tick of the file system's clock could have gone unseen.
  private var isCertain = false
  private var hasLeft = false

  package init(readsWholeDocuments: Bool) {
    self.readsWholeDocuments = readsWholeDocuments
  }

  /// Bytes consumed.
  package var offset: Int { marks.offset }

  /// Whether something is known of it: a file is there, or was.
  var isKnown: Bool { status != nil || hasLeft || offset > 0 }

  /// Known bytes that are not consumed.
  package var bytesBehind: Int {
    guard let status, !readsWholeDocuments else { return 0 }
    return max(0, status.size - offset)
  }

  /// Whether there is nothing to look at.
  package func isUnchanged(_ new: FileStatus) -> Bool { isCertain && status == new }

  package func isSameFile(_ other: FileStatus) -> Bool {
    status.map { $0.device == other.device && $0.inode == other.inode } ?? false
  }

  /// What its file is now; `now` is the wall clock in nanoseconds since 1970. Another file is none of its own: then
  /// `leave` comes first.
  package mutating func observe(_ new: FileStatus, now: Int64) -> Action {
    guard let old = status else {
      accept(new, now: now)
      return hasLeft ? .restart : .read
    }
    precondition(isSameFile(new), "another file is observed after the log has left this one")
    if old == new, isCertain { return .nothing }
    accept(new, now: now)
    if readsWholeDocuments { return .read }
    if new.size < offset { return .restart }
    windows = new.size > old.size ? marks.windowsAfterGrowth : marks.windowsAfterChange
    if windows.isEmpty { return new.size > 0 ? .read : .nothing }
    return .verify
  }

  /// What the comparison said; `.nothing`, `.read` or `.restart`.
  package mutating func verified(isSame: Bool) -> Action {
    windows = []
    guard isSame else { return .restart }
    return bytesBehind > 0 ? .read : .nothing
  }

  package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    marks.append(bytes)
  }

  /// After `.restart`: the file is read from its beginning.
  package mutating func restart() {
    marks = ContentMarks()
    windows = []
    hasLeft = false
  }

  /// The file is done with; whatever has the name next begins with `.restart`.
  package mutating func leave() {
    restart()
    status = nil
    isCertain = false
    hasLeft = true
  }

  /// Another file has what was consumed of this one, and takes its place.
  mutating func follow(_ other: FileStatus) {
    status = other
    windows = []
    isCertain = false
  }

  /// What was read may not be all there was, or not what the status says.
  package mutating func doubt() {
    isCertain = false
  }

  private mutating func accept(_ new: FileStatus, now: Int64) {
    status = new
    let lastChange = max(new.modified, new.changed)
    isCertain = now &- lastChange > Self.timestampTick
  }

  /// What a file has to begin with to be the one that was read so far.
  var identifyingWindows: [ContentMarks.Window] { marks.windowsAfterChange }

  /// What has to be there still where it has only grown.
  var windowsAfterGrowth: [ContentMarks.Window] { marks.windowsAfterGrowth }
}

extension FileTracker: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(readsWholeDocuments)
    encoder.encode(status)
    encoder.encode(marks)
    encoder.encode(isCertain)
    encoder.encode(hasLeft)
  }

  /// Goes on where another stood. What the windows were is not kept: the next look starts anew.
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    readsWholeDocuments = try decoder.decode()
    status = try decoder.decode()
    marks = try decoder.decode()
    isCertain = try decoder.decode()
    hasLeft = try decoder.decode()
  }
}
