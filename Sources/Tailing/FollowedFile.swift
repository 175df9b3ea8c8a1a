internal import Glibc

/// One followed file: its tracker, its consumer, and the descriptor that is open while it is being written.
final class FollowedFile {
  let watcher: Int
  let consumer: any LogConsumer
  let counters: TailerCounters
  var path: String
  var isLink: Bool
  private(set) var tracker = FileTracker()
  private var descriptor: Int32 = -1
  private var behind = 0
  private(set) var isFailing = false
  /// Whether there may be more to read than the last turn took.
  private(set) var hasMore = false
  /// When the file will have rested; nil: it rests.
  var restsAt: ContinuousClock.Instant?

  init(watcher: Int, consumer: any LogConsumer, counters: TailerCounters, path: String, isLink: Bool) {
    self.watcher = watcher
    self.consumer = consumer
    self.counters = counters
    self.path = path
    self.isLink = isLink
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  var isOpen: Bool { descriptor >= 0 }

  /// The most that is read of one file before the others have their turn, in bytes.
  private static let turnBytesMax = 8 << 20

  // MARK: Looking

  /// Looks at the file and reads what is new in it. Returns whether anything had changed.
  @discardableResult
  func look(_ found: FileStatus?, buffer: ReadBuffer, isOnce: Bool = false) -> Bool {
    if found == nil, tracker.status != nil { finish(buffer) }
    switch tracker.look(found) {
    case .none:
      return false
    case .vanish:
      closeDescriptor()
      tracker.restart()
      setBehind(0)
      consumer.vanished()
      return true
    case .replace:
      finish(buffer)
      closeDescriptor()
      restart()
    case .restart:
      restart()
    case .verifyAndRead:
      break
    }
    read(buffer, isOnce: isOnce)
    return true
  }

  /// Reads on where a turn left off.
  func readMore(_ buffer: ReadBuffer) {
    read(buffer, isOnce: false)
  }

  private func restart() {
    tracker.restart()
    counters.addRestart()
    consumer.restart()
  }

  // MARK: Reading

  private func read(_ buffer: ReadBuffer, isOnce: Bool) {
    hasMore = false
    guard open() else { return }
    let isRead = consumer.readsWholeDocuments ? readDocument(buffer) : readLines(buffer, isOnce: isOnce)
    setFailing(!isRead)
    if isRead, !hasMore, let status = tracker.status { consumer.caughtUp(status) }
  }

  private func open() -> Bool {
    if descriptor >= 0, FileStatus(ofDescriptor: descriptor)?.identity == tracker.status?.identity { return true }
    closeDescriptor()
    // A FIFO must not block, a terminal must not become ours.
    descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    if descriptor >= 0, FileStatus(ofDescriptor: descriptor) == nil { closeDescriptor() }
    if descriptor < 0 {
      tracker.forgetStatus()
      setFailing(true)
      return false
    }
    return true
  }

  private func readLines(_ buffer: ReadBuffer, isOnce: Bool) -> Bool {
    guard verify(buffer) else {
      restart()
      return readLines(buffer, isOnce: isOnce)
    }
    var taken = 0
    while true {
      let start = max(0, tracker.offset - FileTracker.tailBytesMax)
      let known = tracker.offset - start
      guard let bytes = buffer.read(descriptor, at: start, atLeast: known) else { return false }
      let fresh = bytes.count - known
      guard fresh > 0 else {
        setBehind(0)
        return true
      }
      let isEnd = fresh < buffer.capacity - known
      let ending: LogEnding = isOnce && isEnd ? .closed : .open
      let consumed = consumer.consume(UnsafeRawBufferPointer(rebasing: bytes[known...]), ending: ending)
      counters.addBytesRead(consumed)
      if consumed > 0 {
        tracker.consumed(upTo: tracker.offset + consumed, bytes: bytes, at: start)
        buffer.shrink()
      }
      taken += consumed
      if isEnd {
        setBehind(fresh - consumed)
        return true
      }
      if consumed == 0 { buffer.grow() }
      if !isOnce, taken >= Self.turnBytesMax {
        hasMore = true
        return true
      }
    }
  }

  /// Whether what was consumed still stands where it stood.
  private func verify(_ buffer: ReadBuffer) -> Bool {
    for window in [tracker.head, tracker.tail] where window.count > 0 {
      guard let bytes = buffer.read(descriptor, at: window.start, atLeast: window.count) else { return true }
      guard bytes.count >= window.count, digest(bytes.prefix(window.count)) == window.digest else { return false }
    }
    return true
  }

  private func readDocument(_ buffer: ReadBuffer) -> Bool {
    guard let status = tracker.status, status.size <= TailerLimits.documentBytesMax else { return false }
    guard status.size > 0 else { return true }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: status.size, alignment: 8)
    defer { bytes.deallocate() }
    var count = 0
    while count < bytes.count {
      let got = pread(descriptor, bytes.baseAddress.map { $0 + count }, bytes.count - count, count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    counters.addBytesRead(count)
    _ = consumer.consume(UnsafeRawBufferPointer(rebasing: bytes[..<count]), ending: .open)
    closeDescriptor()
    return true
  }

  // MARK: Ends

  /// Nothing will follow in the file that is open: takes its last line, whether it has an end or not.
  private func finish(_ buffer: ReadBuffer) {
    guard descriptor >= 0, !consumer.readsWholeDocuments, verify(buffer) else { return }
    while let bytes = buffer.read(descriptor, at: tracker.offset, atLeast: 1), bytes.count > 0 {
      let isEnd = bytes.count < buffer.capacity
      let consumed = consumer.consume(bytes, ending: isEnd ? .closed : .open)
      counters.addBytesRead(consumed)
      if consumed > 0 { tracker.consumed(upTo: tracker.offset + consumed, bytes: bytes, at: tracker.offset) }
      if isEnd { break }
      if consumed == 0 { buffer.grow() }
    }
    if let status = tracker.status { consumer.caughtUp(status) }
  }

  /// The file has rested: shows its last line if that has no end yet, and lets go of the descriptor.
  func rest(_ buffer: ReadBuffer) {
    if descriptor >= 0, behind > 0, !consumer.readsWholeDocuments,
      let bytes = buffer.read(descriptor, at: tracker.offset, atLeast: 1), bytes.count > 0,
      bytes.count < buffer.capacity
    {
      _ = consumer.consume(bytes, ending: .rested)
    }
    closeDescriptor()
  }

  func closeDescriptor() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  private func setBehind(_ bytes: Int) {
    counters.addBytesBehind(bytes - behind)
    behind = bytes
  }

  private func setFailing(_ isFailing: Bool) {
    guard isFailing != self.isFailing else { return }
    self.isFailing = isFailing
    counters.addFailing(isFailing ? 1 : -1)
  }
}
