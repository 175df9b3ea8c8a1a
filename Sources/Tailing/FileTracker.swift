package import StateStore

/// The state machine of one followed path: told what is there now, it says what to do. It holds all that is known of
/// the file (its number, what was consumed of it, how far it was read) and nothing of descriptors, clocks and consumers;
/// it never does I/O.
///
/// What was consumed, and how far this reading has come, are the same but for a log that is read again: what its consumer
/// knows of it stays its identity until this reading has come as far.
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
  /// What this reading has consumed.
  private var marks = ContentMarks()
  /// What a reading before had consumed, until this one has come as far; a document, until it was handed over.
  private var former: ContentMarks?
  /// False while a change in the same tick of the file system's clock could have gone unseen.
  private var isCertain = false
  private var hasLeft = false

  package init(readsWholeDocuments: Bool) {
    self.readsWholeDocuments = readsWholeDocuments
  }

  /// Bytes consumed by this reading.
  package var offset: Int { marks.offset }

  /// What was consumed of the log, by this reading or the one before.
  private var identity: ContentMarks { former ?? marks }

  /// With so many bytes a file has to begin to be the log's.
  var identityBytes: Int { identity.offset }

  /// Whether this reading has not come as far as the one before.
  var isReadAgain: Bool { former != nil }

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
    if new.size < identityBytes { return .restart }
    windows = new.size > old.size ? windowsAfterGrowth : identifyingWindows
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
    if let former, offset >= former.offset { self.former = nil }
  }

  /// The consumer needs once more what was consumed: the file is read from its beginning, and stays the log's.
  mutating func readAgain() {
    guard status != nil || readsWholeDocuments else { return }
    former = identity
    marks = ContentMarks()
    isCertain = false
  }

  /// After `.restart`: the file is read from its beginning, whatever it is.
  package mutating func restart() {
    marks = ContentMarks()
    // A document may be the same in another file, and has to be handed over even so.
    if !readsWholeDocuments { former = nil }
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
  var identifyingWindows: [ContentMarks.Window] { identity.windowsAfterChange }

  /// What has to be there still where it has only grown.
  var windowsAfterGrowth: [ContentMarks.Window] { identity.windowsAfterGrowth }
}

extension FileTracker: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(readsWholeDocuments)
    encoder.encode(status)
    encoder.encode(marks)
    encoder.encode(isCertain)
    encoder.encode(hasLeft)
    encoder.encode(former)
  }

  /// Goes on where another stood. What the windows were is not kept: the next look starts anew.
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    readsWholeDocuments = try decoder.decode()
    status = try decoder.decode()
    marks = try decoder.decode()
    isCertain = try decoder.decode()
    hasLeft = try decoder.decode()
    if decoder.version >= 4 { former = try decoder.decode() }
  }
}
