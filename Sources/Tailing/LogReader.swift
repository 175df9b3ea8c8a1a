/// Carries out what a log's tracker says: stats, opens, compares, reads, and hands over. Knows one log at a time;
/// which logs there are, and when to look, is the tailer's.
struct LogReader {
  enum Outcome: Hashable {
    /// Nothing new.
    case unchanged
    case caughtUp
    /// The budget is spent, or the file changes faster than it is read.
    case more
    /// The path has no file, or another one.
    case displaced
    case failed(SystemError)
  }

  let files: any FileSystem
  let buffer = ReadBuffer()
  let bufferBytesMax: Int
  /// Whether reading is to end as soon as it can.
  let isStopped: () -> Bool
  /// Read within a turn, which is to end in time.
  let clock: () -> Moment

  init(
    files: any FileSystem,
    lineBytesMax: Int,
    clock: @escaping () -> Moment,
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.files = files
    self.clock = clock
    self.isStopped = isStopped
    bufferBytesMax = max(TailerLimits.bufferBytes, lineBytesMax + TailerLimits.bufferSlackBytes)
  }

  /// Looks at the log's file, and reads at most `budget` bytes of what is new.
  func look(at log: FollowedLog, counters: TailerCounters, now: Moment, budget: Int, ending: LogEnding) -> Outcome {
    do throws(SystemError) {
      let status: PathStatus
      do throws(SystemError) {
        status = try files.status(of: log.readPath)
      } catch {
        if error.meansAbsent { return log.isPresent ? .displaced : .unchanged }
        throw error
      }
      guard status.kind == .regular else { return log.isPresent ? .displaced : .unchanged }
      if log.isPresent, !log.tracker.isSameFile(status.file) { return .displaced }
      return try act(on: status.file, log, counters: counters, now: now, budget: budget, ending: ending)
    } catch {
      log.tracker.doubt()
      closeDescriptor(of: log)
      counters.count(error.reason)
      return .failed(error)
    }
  }

  /// Reads what is left of a file that lost its name, through the descriptor if there is one, or under the name it has
  /// now; then nothing will follow.
  func finish(_ log: FollowedLog, under name: LogPath?, counters: TailerCounters, now: Moment) {
    guard log.isPresent, !log.tracker.readsWholeDocuments else { return closeDescriptor(of: log) }
    if !readRest(of: log, under: name, counters: counters, now: now) {
      if !log.rest.isEmpty, log.rest.count == log.tracker.bytesBehind {
        let rest = log.rest
        _ = rest.withUnsafeBytes { handOver($0, to: log, counters: counters, ending: .closed) }
        if let status = log.tracker.status { log.consumer.caughtUp(status) }
      } else {
        counters.bytesLost.add(log.tracker.bytesBehind, ordering: .relaxed)
      }
    }
    log.rest = []
    closeDescriptor(of: log)
  }

  func closeDescriptor(of log: FollowedLog) {
    if let descriptor = log.descriptor { files.close(descriptor) }
    log.descriptor = nil
  }

  /// Whether the file `path` is the one that `log` was reading.
  func holds(_ path: LogPath, contentOf log: FollowedLog) -> Bool {
    guard let descriptor = try? files.open(path) else { return false }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), log.tracker.isSameFile(status.file) else { return false }
    return (try? matches(log.tracker.identifyingWindows, in: descriptor)) ?? false
  }

  // MARK: Acting

  private func act(
    on status: FileStatus,
    _ log: FollowedLog,
    counters: TailerCounters,
    now: Moment,
    budget: Int,
    ending: LogEnding
  ) throws(SystemError) -> Outcome {
    if log.tracker.isUnchanged(status), !log.hasMore { return .unchanged }
    for _ in 0..<TailerLimits.attemptsMax {
      // From here on the descriptor's own status decides: the name may have got another file since.
      let opened = try openDescriptor(of: log)
      guard opened.kind == .regular, !log.isPresent || log.tracker.isSameFile(opened.file),
        let descriptor = log.descriptor
      else { return .displaced }
      let status = opened.file
      var action = log.tracker.observe(status, now: now.wall)
      if action == .verify {
        action = log.tracker.verified(isSame: try matches(log.tracker.windows, in: descriptor))
      }
      if action == .nothing, log.hasMore, log.tracker.bytesBehind > 0 { action = .read }
      switch action {
      case .restart:
        restart(log, counters: counters)
      case .read:
        break
      case .nothing, .verify, .replace, .vanish:
        log.hasMore = false
        return .unchanged
      }
      if log.tracker.readsWholeDocuments {
        log.hasMore = !(try readDocument(log, descriptor, status, counters: counters, ending: ending))
        if !log.hasMore { return .caughtUp }
        log.tracker.doubt()
        continue
      }
      return try read(log, descriptor, upTo: status, counters: counters, budget: budget, ending: ending)
    }
    return .more
  }

  private func restart(_ log: FollowedLog, counters: TailerCounters) {
    log.tracker.restart()
    log.rest = []
    // A document stands for itself: another one in its place is just the next.
    if log.tracker.readsWholeDocuments, !log.hasVanished { return }
    log.hasVanished = false
    log.documentDigest = nil
    counters.restarts.add(1, ordering: .relaxed)
    log.consumer.restart()
  }

  private func openDescriptor(of log: FollowedLog) throws(SystemError) -> PathStatus {
    if let descriptor = log.descriptor {
      let status = try files.status(of: descriptor)
      if log.tracker.isSameFile(status.file) { return status }
      closeDescriptor(of: log)
    }
    let descriptor = try files.open(log.readPath)
    log.descriptor = descriptor
    return try files.status(of: descriptor)
  }

  private func matches(_ windows: [ContentMarks.Window], in descriptor: Int32) throws(SystemError) -> Bool {
    for window in windows {
      var digest = ContentDigest()
      var place = window.range.lowerBound
      while place < window.range.upperBound {
        let wanted = min(buffer.bytes.count, window.range.upperBound - place)
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<wanted])
        let count = try files.read(descriptor, into: piece, at: place)
        if count == 0 { return false }
        digest.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        place += count
      }
      if digest.value != window.digest { return false }
    }
    return true
  }

  // MARK: Lines

  /// Reads from the offset to the size that `status` tells, never beyond: network file systems return what is not
  /// there yet.
  private func read(
    _ log: FollowedLog,
    _ descriptor: Int32,
    upTo status: FileStatus,
    counters: TailerCounters,
    budget: Int,
    ending: LogEnding
  ) throws(SystemError) -> Outcome {
    defer { buffer.shrink() }
    var left = budget
    let turnEnd = budget == .max ? .max : clock().monotonic &+ TailerLimits.turnTimeMax.wholeNanoseconds
    log.hasMore = true
    while log.tracker.offset < status.size {
      if left <= 0 || isStopped() || (left < budget && clock().monotonic >= turnEnd) { return .more }
      let count = try fill(descriptor, from: log.tracker.offset, to: status.size)
      guard count > 0 else {
        // Truncated since; the next look sees it.
        log.tracker.doubt()
        break
      }
      let isLast = log.tracker.offset + count >= status.size
      let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
      let consumed = handOver(bytes, to: log, counters: counters, ending: isLast ? ending : .open)
      left -= max(consumed, 1)
      if consumed > 0 || isLast {
        if isLast { break }
        continue
      }
      if buffer.bytes.count < bufferBytesMax {
        buffer.resize(to: min(buffer.bytes.count * 2, bufferBytesMax))
      } else {
        // The consumer broke its promise; skipping is better than standing still.
        log.tracker.consume(bytes)
      }
    }
    log.hasMore = false
    log.consumer.caughtUp(status)
    return .caughtUp
  }

  /// Short reads are normal on some file systems; a consumer sees only full buffers, or the file's end.
  private func fill(_ descriptor: Int32, from offset: Int, to end: Int) throws(SystemError) -> Int {
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

  @discardableResult
  private func handOver(
    _ bytes: UnsafeRawBufferPointer,
    to log: FollowedLog,
    counters: TailerCounters,
    ending: LogEnding
  ) -> Int {
    let consumed = min(max(0, log.consumer.consume(bytes, ending: ending)), bytes.count)
    if ending == .rested { return 0 }
    log.rest = []
    log.tracker.consume(UnsafeRawBufferPointer(rebasing: bytes[..<consumed]))
    counters.bytesRead.add(consumed, ordering: .relaxed)
    return consumed
  }

  /// Shows the last line that has no end, and remembers it.
  ///
  /// - Returns: false where it could not be read.
  func showRest(of log: FollowedLog, counters: TailerCounters) -> Bool {
    if log.tracker.readsWholeDocuments {
      _ = log.consumer.consume(UnsafeRawBufferPointer(start: nil, count: 0), ending: .rested)
      return true
    }
    guard let status = log.tracker.status, log.tracker.bytesBehind > 0,
      log.rest.isEmpty, status.size - log.tracker.offset <= bufferBytesMax
    else { return true }
    defer { buffer.shrink() }
    if status.size - log.tracker.offset > buffer.bytes.count { buffer.resize(to: bufferBytesMax) }
    guard let opened = try? openDescriptor(of: log), opened.file == status, let descriptor = log.descriptor,
      let count = try? fill(descriptor, from: log.tracker.offset, to: status.size), count > 0
    else { return false }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    handOver(bytes, to: log, counters: counters, ending: .rested)
    if count <= TailerLimits.restBytesMax { log.rest = Array(bytes) }
    return true
  }

  /// Whether the file could be read to its end.
  private func readRest(of log: FollowedLog, under name: LogPath?, counters: TailerCounters, now: Moment) -> Bool {
    if log.descriptor == nil, let name { log.descriptor = try? files.open(name) }
    guard let descriptor = log.descriptor, let status = try? files.status(of: descriptor).file,
      log.tracker.isSameFile(status), status.size >= log.tracker.offset
    else { return false }
    if status != log.tracker.status {
      var tracker = log.tracker
      if tracker.observe(status, now: now.wall) == .verify {
        guard (try? matches(tracker.windows, in: descriptor)) == true else { return false }
      }
    }
    let outcome = try? read(log, descriptor, upTo: status, counters: counters, budget: .max, ending: .closed)
    return outcome == .caughtUp
  }

  // MARK: Documents

  /// Whether the document was the same before and after it was read.
  private func readDocument(
    _ log: FollowedLog,
    _ descriptor: Int32,
    _ status: FileStatus,
    counters: TailerCounters,
    ending: LogEnding
  ) throws(SystemError) -> Bool {
    guard status.size <= DocumentLimits.bytesMax else {
      counters.count(.tooLarge)
      return true
    }
    defer { buffer.shrink() }
    if status.size > buffer.bytes.count { buffer.resize(to: status.size) }
    let count = try fill(descriptor, from: 0, to: status.size)
    guard count == status.size, try files.status(of: descriptor).file == status else { return false }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    var digest = ContentDigest()
    digest.update(bytes)
    guard digest.value != log.documentDigest else { return true }
    log.documentDigest = digest.value
    if count > 0 {
      _ = log.consumer.consume(bytes, ending: ending)
      counters.bytesRead.add(count, ordering: .relaxed)
    }
    log.consumer.caughtUp(status)
    return true
  }
}
