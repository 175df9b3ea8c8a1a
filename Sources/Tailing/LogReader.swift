internal import Clocks

/// Carries out what a log's tracker says: stats, opens, compares, reads, and hands over. Knows one log at a time;
/// which logs there are, and when to look, is the tailer's.
struct LogReader {
  enum Progress: Hashable {
    /// Nothing new.
    case unchanged
    case caughtUp
    /// The budget is spent, or the file changes faster than it is read.
    case more
    /// The path has no file, or another one.
    case displaced
    /// What was consumed is gone, and the consumer was not told yet.
    case overwritten
    case failed(SystemError)
  }

  let files: any FileSystem
  let buffer = ReadBuffer()
  /// For what is compared, while something that was read waits in the other one.
  private let compared = ReadBuffer(count: ContentMarks.wholeOnGrowthBytesMax)
  let bufferBytesMax: Int
  private let turnNanosecondsMax: Int64
  /// Whether reading is to end as soon as it can.
  let isStopped: () -> Bool
  /// Read within a turn, which is to end in time.
  let clock: () -> Moment

  init(
    files: any FileSystem,
    options: TailerOptions,
    clock: @escaping () -> Moment,
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.files = files
    self.clock = clock
    self.isStopped = isStopped
    bufferBytesMax = max(TailerLimits.bufferBytes, options.lineBytesMax + TailerLimits.bufferSlackBytes)
    turnNanosecondsMax = options.turnTimeMax.wholeNanoseconds
  }

  /// Looks at the log's file, and reads at most `budget` bytes of what is new.
  ///
  /// - Parameter mayRestart: whether the consumer may be told that what was consumed is gone.
  func look(at log: FollowedLog, budget: Int, ending: LogEnding = .open, mayRestart: Bool) -> Progress {
    do throws(SystemError) {
      let status = try files.status(of: log.readPath)
      guard isItsFile(status, log) else { return .displaced }
      return try act(on: status.file, log, budget: budget, ending: ending, mayRestart: mayRestart)
    } catch {
      log.tracker.doubt()
      // Whichever call says so: it may be renamed or removed between two of them.
      if error.meansAbsent, (try? files.status(of: log.readPath)).map({ isItsFile($0, log) }) != true {
        return .displaced
      }
      closeDescriptor(of: log)
      log.counters.count(error.reason)
      return .failed(error)
    }
  }

  func closeDescriptor(of log: FollowedLog) {
    if let descriptor = log.descriptor { files.close(descriptor) }
    log.descriptor = nil
  }

  // MARK: Acting

  /// Whether it is the file that the log follows, or will read.
  private func isItsFile(_ status: PathStatus, _ log: FollowedLog) -> Bool {
    // The owner was looked at when the file was found: a link that was put in its place leads to somebody else's.
    status.kind == .regular && log.file == FileID(status.file) && (log.lane.owner ?? status.owner) == status.owner
  }

  private func act(
    on status: FileStatus,
    _ log: FollowedLog,
    budget: Int,
    ending: LogEnding,
    mayRestart: Bool
  ) throws(SystemError) -> Progress {
    let isBehind = log.pace == .behind
    // Read here, and so at most the time of the look.
    let now = clock().wall
    if log.tracker.isUnchanged(status), !isBehind { return .unchanged }
    for _ in 0..<TailerLimits.attemptsMax {
      // Under a name that no pattern reaches, without content, only an open file is known to be the log's.
      if log.renamedTo != nil, !log.isIdentified, log.descriptor == nil { return .displaced }
      // From here on the descriptor's own status decides: the name may have got another file since.
      let opened = try openDescriptor(of: log)
      guard isItsFile(opened, log), let descriptor = log.descriptor else {
        // The log's own file is read to its end under the name that it has now.
        closeDescriptor(of: log)
        return .displaced
      }
      let status = opened.file
      var tracker = log.tracker
      var action = try observe(status, &tracker, descriptor, now: now)
      if action == .restart, log.hasContent, !mayRestart { return .overwritten }
      log.tracker = tracker
      if action == .nothing, isBehind, log.tracker.bytesBehind > 0 { action = .read }
      switch action {
      case .restart:
        restart(log)
      case .read:
        break
      case .nothing:
        if log.isRestShown, log.tracker.bytesBehind == 0 { forgetRest(of: log) }
        return .unchanged
      }
      guard log.tracker.readsWholeDocuments else {
        return try read(log, descriptor, upTo: status, budget: budget, ending: ending)
      }
      if try readDocument(log, descriptor, status, ending: ending) { return .caughtUp }
      log.tracker.doubt()
    }
    return .more
  }

  /// What the log's tracker says of its file, which is compared with it where need be.
  func observe(
    _ status: FileStatus,
    _ tracker: inout FileTracker,
    _ descriptor: Int32,
    now: Int64
  ) throws(SystemError) -> FileTracker.Action {
    try tracker.observe(status, now: now) { windows throws(SystemError) in try matches(windows, in: descriptor) }
  }

  /// Its last line, which was shown, is gone.
  func forgetRest(of log: FollowedLog) {
    log.rest = []
    guard log.isRestShown else { return }
    log.isRestShown = false
    log.consumer.handle(.restVanished)
  }

  private func restart(_ log: FollowedLog) {
    log.tracker.restart()
    log.rest = []
    log.isRestShown = false
    // A document stands for itself: another one in its place is just the next.
    if log.documentDigest != nil { return }
    log.counters.restarts.add(1, ordering: .relaxed)
    log.consumer.handle(.restarted)
  }

  func openDescriptor(of log: FollowedLog) throws(SystemError) -> PathStatus {
    if let descriptor = log.descriptor {
      let status = try files.status(of: descriptor)
      if log.tracker.isSameFile(status.file) { return status }
      closeDescriptor(of: log)
    }
    let descriptor = try files.open(log.readPath)
    log.descriptor = descriptor
    return try files.status(of: descriptor)
  }

  func matches(_ windows: [ContentMarks.Window], in descriptor: Int32) throws(SystemError) -> Bool {
    for window in windows where try digest(of: window.range, in: descriptor) != window.digest { return false }
    return true
  }

  /// nil: the file ends before.
  func digest(of range: Range<Int>, in descriptor: Int32) throws(SystemError) -> UInt64? {
    var digest = ContentDigest()
    var place = range.lowerBound
    while place < range.upperBound {
      let piece = UnsafeMutableRawBufferPointer(rebasing: compared.bytes.prefix(range.upperBound - place))
      let count = try files.read(descriptor, into: piece, at: place)
      if count == 0 { return nil }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      place += count
    }
    return digest.value
  }

  /// Opens the regular file of a name for `body`; nil: there is none, or it cannot be read.
  func withFile<Result>(
    _ path: LogPath,
    _ body: (_ descriptor: Int32, _ status: FileStatus) throws -> Result?
  ) -> Result? {
    guard let descriptor = try? files.open(path) else { return nil }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), status.kind == .regular else { return nil }
    return try? body(descriptor, status.file)
  }

  // MARK: Lines

  /// Reads from the offset to the size that `status` tells, never beyond: network file systems return what is not
  /// there yet.
  func read(
    _ log: FollowedLog,
    _ descriptor: Int32,
    upTo status: FileStatus,
    budget: Int,
    ending: LogEnding
  ) throws(SystemError) -> Progress {
    defer { buffer.shrink() }
    var left = budget
    // What is read at once of a file that goes, or by `once`, is not read in turns.
    let isTurn = budget < TailerLimits.lastBytesMax
    let turnEnd = isTurn ? clock().monotonic &+ turnNanosecondsMax : .max
    log.consumer.handle(.willRead(status))
    var status = status
    var isExtended = false
    while log.tracker.offset < status.size {
      if left <= 0 || (isTurn && isStopped()) || (left < budget && clock().monotonic >= turnEnd) {
        return .more
      }
      let count = try fill(descriptor, from: log.tracker.offset, to: status.size)
      guard let now = try statusNow(log, descriptor, after: status, bytesRead: count),
        now == status || !ending.isRested
      else {
        // What was read may stand behind other lines than those that were consumed, or go on.
        log.tracker.doubt()
        return .more
      }
      guard count > 0 else {
        // It ends here, though its status tells more.
        log.tracker.doubt()
        break
      }
      // A file that is shorter than it was ends here, too; the next look sees what became of it.
      var isCut = count < min(buffer.bytes.count, status.size - log.tracker.offset)
      if !isExtended, now.size > status.size {
        // It may have been written anew since: up to the former size it is only a part of what it is now.
        status = now
        log.tracker.follow(now)
        log.consumer.handle(.willRead(now))
        isExtended = true
        isCut = false
      }
      if let end = endOfHole(count, descriptor, log, upTo: status) {
        if log.tracker.offset == 0 { log.head = Array(buffer.bytes.prefix(FollowedLog.headBytesMax)) }
        log.consumer.handle(.passedBy(bytes: end - log.tracker.offset))
        log.tracker.skipHole(to: end)
        left -= count
        continue
      }
      let bytes = written(count, descriptor, log, upTo: status)
      if bytes.isEmpty { break }
      if isCut { log.tracker.doubt() }
      let isLast = isCut || log.tracker.offset + count >= status.size || bytes.count < count
      // The line without its end that is shown stands there still: nothing is new.
      if isLast, ending == .open, log.isRestShown, bytes.elementsEqual(log.rest) { break }
      let consumed = handOver(bytes, to: log, ending: isLast ? ending : .open)
      if isLast, bytes.count - consumed <= TailerLimits.restBytesMax { log.rest = Array(bytes[consumed...]) }
      if isLast { break }
      left -= max(consumed, 1)
      if consumed > 0 { continue }
      if buffer.bytes.count < bufferBytesMax {
        buffer.resize(to: min(buffer.bytes.count * 2, bufferBytesMax))
      } else {
        // The consumer broke its promise; skipping is better than standing still.
        log.consumer.handle(.passedBy(bytes: bytes.count))
        log.tracker.consume(bytes)
      }
    }
    log.consumer.handle(.caughtUp(status))
    return .caughtUp
  }

  /// The file's status after more was read; nil: what was consumed of the log does not stand in it any more, or what was
  /// read does not, perhaps by several calls: the file may have been written anew since it was compared.
  private func statusNow(
    _ log: FollowedLog,
    _ descriptor: Int32,
    after status: FileStatus,
    bytesRead count: Int
  ) throws(SystemError) -> FileStatus? {
    let now = try files.status(of: descriptor).file
    guard now != status else { return now }
    guard now.size >= log.tracker.identityBytes else { return nil }
    let windows = log.tracker.windows(hasGrown: now.size > status.size)
    let read = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    return try matches(windows + [ContentMarks.Window(read, at: log.tracker.offset)], in: descriptor) ? now : nil
  }

  /// Short reads are normal on some file systems; a consumer sees only full buffers, or the file's end.
  func fill(_ descriptor: Int32, from offset: Int, to end: Int) throws(SystemError) -> Int {
    let wanted = min(buffer.bytes.count, end - offset)
    var count = 0
    while count < wanted {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count..<wanted])
      let read = try files.read(descriptor, into: piece, at: offset + count)
      if read == 0 { break }
      count += read
    }
    return count
  }

  /// Where the hole ends that the buffer's bytes belong to; nil: they do not, or it ends with them. Lines are not in it,
  /// so it need not be read: there may be terabytes of it.
  private func endOfHole(_ count: Int, _ descriptor: Int32, _ log: FollowedLog, upTo status: FileStatus) -> Int? {
    let end = log.tracker.offset + count
    guard end < status.size, isZero(count), let data = files.nextData(descriptor, from: end) else { return nil }
    return data > end && data < status.size ? data : nil
  }

  private func isZero(_ count: Int) -> Bool {
    buffer.bytes[0] == 0 && buffer.bytes[count - 1] == 0 && !buffer.bytes[..<count].contains { $0 != 0 }
  }

  /// The buffer's bytes without the zero bytes at their end, where the file ends in zero bytes, too: those are room that
  /// was made in advance, and is filled later. Zero bytes with something behind them are a hole, and the consumer's. Where
  /// zero bytes may be content only those are left out that stand nowhere on the disk: there may be terabytes of them.
  private func written(
    _ count: Int,
    _ descriptor: Int32,
    _ log: FollowedLog,
    upTo status: FileStatus
  ) -> UnsafeRawBufferPointer {
    let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    if log.consumer.takesZeroBytes {
      let isRoom = isZero(count) && files.nextData(descriptor, from: log.tracker.offset) == nil
      return isRoom ? UnsafeRawBufferPointer(rebasing: bytes[..<0]) : bytes
    }
    guard bytes.last == 0 else { return bytes }
    var last: UInt8 = 0
    // Where it cannot be read, the next read says so.
    withUnsafeMutableBytes(of: &last) { _ = try? files.read(descriptor, into: $0, at: status.size - 1) }
    guard last == 0 else { return bytes }
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    return UnsafeRawBufferPointer(rebasing: bytes[..<end])
  }

  @discardableResult
  func handOver(
    _ bytes: UnsafeRawBufferPointer,
    to log: FollowedLog,
    ending: LogEnding
  ) -> Int {
    let consumed = min(max(0, log.consumer.consume(bytes, ending: ending)), bytes.count)
    log.rest = []
    log.isRestShown = ending.isRested && consumed < bytes.count
    if log.tracker.offset == 0 { log.head = Array(bytes.prefix(min(consumed, FollowedLog.headBytesMax))) }
    log.tracker.consume(UnsafeRawBufferPointer(rebasing: bytes[..<consumed]))
    log.counters.bytesRead.add(consumed, ordering: .relaxed)
    return consumed
  }

  /// Has the last line shown that has no end, and what nothing will end consumed; remembers the rest.
  ///
  /// - Returns: false where it could not be read.
  func showRest(of log: FollowedLog) -> Bool {
    if log.tracker.readsWholeDocuments {
      let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      _ = log.consumer.consume(nothing, ending: .rested(fileSize: log.tracker.status?.size ?? 0))
      return true
    }
    guard let status = log.tracker.status, log.tracker.bytesBehind > 0, !log.isRestShown else { return true }
    guard let opened = try? openDescriptor(of: log), opened.file == status, let descriptor = log.descriptor else {
      return false
    }
    let ending = LogEnding.rested(fileSize: status.size)
    return (try? read(log, descriptor, upTo: status, budget: .max, ending: ending)) == .caughtUp
  }
}
