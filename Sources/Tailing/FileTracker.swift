internal import StateStore

/// The state machine of one followed path: told what is there now, it says what to do. It holds all that is known of
/// the file (its number, what was consumed of it, how far it was read) and nothing of descriptors, clocks and consumers;
/// it never does I/O, but says what is to be compared.
///
/// What was consumed, and how far this reading has come, are the same but for a log that is read again: what its consumer
/// knows of it stays its identity until this reading has come as far.
struct FileTracker: Sendable, Hashable {
  enum Action: Sendable, Hashable {
    /// Nothing changed, or nothing that matters.
    case nothing
    /// Read from `offset`.
    case read
    /// Tell the consumer to restart, then read from 0.
    case restart
  }

  /// How long after a file's last change its times may still hide another one: the kernel's clock for them ticks every
  /// 1 to 10 ms.
  static let timestampTick: Int64 = 20_000_000

  let readsWholeDocuments: Bool
  /// As of the last look; nil before the first and after `leave`.
  private(set) var status: FileStatus?
  /// What this reading has consumed.
  private var marks = ContentMarks()
  /// What a reading before had consumed, until this one has come as far; a document, until it was handed over.
  private var former: ContentMarks?
  /// False while a change in the same tick of the file system's clock could have gone unseen.
  private var isCertain = false
  private var hasLeft = false

  init(readsWholeDocuments: Bool) {
    self.readsWholeDocuments = readsWholeDocuments
  }

  /// Bytes consumed by this reading.
  var offset: Int { marks.offset }

  /// What was consumed of the log, by this reading or the one before.
  private var identity: ContentMarks { former ?? marks }

  /// With so many bytes a file has to begin to be the log's.
  var identityBytes: Int { identity.offset }

  /// Whether this reading has not come as far as the one before.
  var isReadAgain: Bool { former != nil }

  /// Whether something is known of it: a file is there, or was.
  var isKnown: Bool { status != nil || hasLeft || offset > 0 }

  /// Known bytes that are not consumed.
  var bytesBehind: Int {
    guard let status, !readsWholeDocuments else { return 0 }
    return max(0, status.size - offset)
  }

  /// Whether there is nothing to look at.
  func isUnchanged(_ new: FileStatus) -> Bool { isCertain && status == new }

  func isSameFile(_ other: FileStatus) -> Bool {
    status.map { $0.device == other.device && $0.inode == other.inode } ?? false
  }

  /// What its file is now. Another file is none of its own: then `leave` comes first.
  ///
  /// - Parameters:
  ///   - now: the wall clock in nanoseconds since 1970.
  ///   - matches: whether these windows stand in the file; asked only where that decides.
  mutating func observe(
    _ new: FileStatus,
    now: Int64,
    matches: ([ContentMarks.Window]) throws(SystemError) -> Bool
  ) throws(SystemError) -> Action {
    guard let old = status else {
      accept(new, now: now)
      return hasLeft ? .restart : .read
    }
    precondition(isSameFile(new), "another file is observed after the log has left this one")
    if old == new, isCertain { return .nothing }
    accept(new, now: now)
    if readsWholeDocuments { return .read }
    if new.size < identityBytes { return .restart }
    guard try matches(windows(hasGrown: new.size > old.size)) else { return .restart }
    return bytesBehind > 0 ? .read : .nothing
  }

  mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    marks.append(bytes)
    if let former, offset >= former.offset { self.former = nil }
  }

  /// There is a hole up to `end`, which no consumer needs.
  mutating func skipHole(to end: Int) {
    marks.appendZeros(end - offset)
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
  mutating func restart() {
    marks = ContentMarks()
    // A document may be the same in another file, and has to be handed over even so.
    if !readsWholeDocuments { former = nil }
    hasLeft = false
  }

  /// The file is done with; whatever has the name next begins with `.restart`.
  mutating func leave() {
    restart()
    status = nil
    isCertain = false
    hasLeft = true
  }

  /// Another file has what was consumed of this one, and takes its place.
  mutating func follow(_ other: FileStatus) {
    status = other
    isCertain = false
  }

  /// What was read may not be all there was, or not what the status says.
  mutating func doubt() {
    isCertain = false
  }

  private mutating func accept(_ new: FileStatus, now: Int64) {
    status = new
    let lastChange = max(new.modified, new.changed)
    isCertain = now &- lastChange > Self.timestampTick
  }

  /// What a file has to begin with to be the one that was read so far; less where it has only grown.
  func windows(hasGrown: Bool = false) -> [ContentMarks.Window] { identity.windows(hasGrown: hasGrown) }
}

extension FileTracker: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(readsWholeDocuments, status, marks, isCertain, hasLeft, former)
  }

  /// Goes on where another stood.
  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (readsWholeDocuments, status, marks, isCertain, hasLeft) = try decoder.decodeAll()
    if decoder.version >= 4 { former = try decoder.decode() }
  }
}
