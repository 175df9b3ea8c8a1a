internal import Glibc
internal import Synchronization

/// Finds the files of its watchers and follows them: a thin loop that walks, looks and reads, and leaves what a look
/// means to `FileTracker` and what the bytes mean to the consumers.
///
/// `readOnce` and `run` are for one thread, which all consumers are called on. `stop` is for any.
package final class Tailer {
  /// By watcher.
  package let counters: [TailerCounters]
  /// Ends `run`, from any thread.
  package let stop: TailerStop

  private let watchers: [TailedWatcher]
  private let options: TailerOptions
  private let log: (String) -> Void
  private let open: (LogFile) -> any LogConsumer
  private let buffer: ReadBuffer
  private let inotify: Inotify?
  private let clock = ContinuousClock()

  /// By watcher, by path. What vanished stays: its log keeps its history.
  private var files: [[String: FollowedFile]]
  private var ignored: Set<FileIdentity> = []
  private var hasWarnedOfLimit = false
  private var hasWarnedOfEvents = false
  /// Files to be looked at again without an event: links, and what could not be read.
  private var resting: [ObjectIdentifier: FollowedFile] = [:]

  /// - Parameters:
  ///   - log: takes a line for the operator.
  ///   - open: makes the consumer of a file at its first sight.
  package init(
    watchers: [TailedWatcher],
    options: TailerOptions,
    log: @escaping (String) -> Void = { _ in },
    open: @escaping (LogFile) -> any LogConsumer
  ) throws(TailerStop.Failure) {
    self.watchers = watchers
    self.options = options
    self.log = log
    self.open = open
    counters = watchers.map { _ in TailerCounters() }
    stop = try TailerStop()
    buffer = ReadBuffer(lineBytesMax: options.lineBytesMax)
    inotify = Inotify()
    files = watchers.map { _ in [:] }
  }

  // MARK: Running

  /// Reads every file to its end, in the order of their modification times, then of their paths.
  package func readOnce() {
    rescan(watches: false, isOnce: true)
  }

  /// Follows the files until `stop`. Calls `caughtUp` once, when all files that were there at the start are read.
  package func run(caughtUp: () -> Void) {
    rescan(watches: true, isOnce: false)
    while !stop.isRequested, readMore() {}
    caughtUp()

    var nextRescan = clock.now + options.rescanInterval
    var nextPoll = clock.now + options.pollInterval
    while !stop.isRequested {
      let hasMore = readMore()
      let wakeAt = [nextRescan, nextPoll, resting.values.compactMap(\.restsAt).min()].compactMap { $0 }.min()
      wait(until: hasMore ? clock.now : wakeAt ?? nextPoll)
      if stop.isRequested { return }
      var changes = readEvents()
      let now = clock.now
      if now >= nextRescan { changes.isRescanNeeded = true }
      if changes.isRescanNeeded {
        let cost = clock.measure { rescan(watches: true, isOnce: false) }
        nextRescan = clock.now + options.rescanInterval
        // Walking is never more than a small part of the time, however often directories change.
        if cost > .milliseconds(20) { wait(until: clock.now + cost * 10, forStopOnly: true) }
      } else {
        for path in changes.paths { look(at: path) }
      }
      if now >= nextPoll {
        poll()
        nextPoll = now + options.pollInterval
      }
      rest(now)
      buffer.settle()
    }
  }

  private struct Changes {
    var paths: Set<String> = []
    var isRescanNeeded = false
  }

  /// What the events say to look at; waits a moment first, so that what belongs together comes together.
  private func readEvents() -> Changes {
    var changes = Changes()
    guard let inotify else { return changes }
    var events = inotify.read()
    guard !events.isEmpty else { return changes }
    wait(until: clock.now + options.coalescing, forStopOnly: true)
    events += inotify.read()
    for event in events {
      switch event {
      case .lost: changes.isRescanNeeded = true
      case .entry(let path, let isNew):
        if isNew || !isFollowed(path) { changes.isRescanNeeded = true } else { changes.paths.insert(path) }
      }
    }
    return changes
  }

  private func isFollowed(_ path: String) -> Bool {
    // What no pattern can mean is no reason to walk.
    files.contains { $0[path] != nil } || !watchers.contains { watcher in watcher.mayMean(path) }
  }

  private func wait(until deadline: ContinuousClock.Instant, forStopOnly: Bool = false) {
    let left = max(.zero, deadline - clock.now)
    let milliseconds =
      left.components.seconds * 1000 + (left.components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    var polled = [pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)]
    if let inotify, !forStopOnly { polled.append(pollfd(fd: inotify.descriptor, events: Int16(POLLIN), revents: 0)) }
    Glibc.poll(&polled, nfds_t(polled.count), Int32(min(milliseconds, 60_000)))
  }

  // MARK: Walking

  private func rescan(watches: Bool, isOnce: Bool) {
    var discovery = Discovery(watchers)
    if watches, let inotify {
      // What appeared in a directory before it was watched is told by no event, so the walk is done again.
      for _ in 0..<3 where inotify.watch(discovery.directories) { discovery = Discovery(watchers) }
      if inotify.failures > 0 || hasWarnedOfEvents { warnOfEvents(inotify.failures) }
    } else if watches {
      warnOfEvents(discovery.directories.count)
    }
    var byWatcher = watchers.map { _ in [Discovery.Found]() }
    for found in discovery.files { byWatcher[found.watcher].append(found) }
    for index in watchers.indices { followRenames(of: index, to: byWatcher[index]) }

    let inOrder = discovery.files.sorted { ($0.status.modified, $0.path) < ($1.status.modified, $1.path) }
    for found in inOrder {
      if stop.isRequested { return }
      guard let file = file(for: found) else { continue }
      look(file, found.status, isOnce: isOnce)
    }
    for index in watchers.indices {
      let there = Set(byWatcher[index].map(\.path))
      for (path, file) in files[index] where file.tracker.status != nil && !there.contains(path) {
        look(file, nil, isOnce: isOnce)
        counters[index].addFiles(-1)
      }
    }
  }

  /// A file that stands under another name than before takes its log along.
  private func followRenames(of watcher: Int, to found: [Discovery.Found]) {
    let now = Dictionary(found.map { ($0.path, $0.status.identity) }, uniquingKeysWith: { first, _ in first })
    var moved: [FileIdentity: FollowedFile] = [:]
    for (path, file) in files[watcher] {
      guard let identity = file.tracker.status?.identity, now[path] != identity else { continue }
      moved[identity] = file
    }
    guard !moved.isEmpty else { return }
    var arrivals: [(path: String, file: FollowedFile)] = []
    for found in found {
      guard let file = moved[found.status.identity], file.path != found.path else { continue }
      arrivals.append((found.path, file))
    }
    for (_, file) in arrivals { files[watcher][file.path] = nil }
    for (path, file) in arrivals {
      // What stood at the new name before is gone: replaced by the rename.
      if let replaced = files[watcher][path], replaced.tracker.status != nil {
        look(replaced, nil, isOnce: false)
        counters[watcher].addFiles(-1)
      }
      file.path = path
      files[watcher][path] = file
    }
  }

  /// The followed file of what a walk found; nil: it is left alone.
  private func file(for found: Discovery.Found) -> FollowedFile? {
    if let file = files[found.watcher][found.path] {
      if file.tracker.status == nil { counters[found.watcher].addFiles(1) }
      file.isLink = found.isLink
      return file
    }
    if let age = watchers[found.watcher].ignoreOlder, isOlder(found, than: age) { return nil }
    guard files.reduce(0, { $0 + $1.count }) < TailerLimits.filesMax else {
      if !hasWarnedOfLimit { log("more than \(TailerLimits.filesMax) log files: those found last are not followed") }
      hasWarnedOfLimit = true
      return nil
    }
    let log = LogFile(watcher: found.watcher, path: found.path, captures: found.captures, status: found.status)
    let file = FollowedFile(
      watcher: found.watcher,
      consumer: open(log),
      counters: counters[found.watcher],
      path: found.path,
      isLink: found.isLink
    )
    files[found.watcher][found.path] = file
    counters[found.watcher].addFiles(1)
    return file
  }

  private func isOlder(_ found: Discovery.Found, than age: Duration) -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let seconds = Int64(now.tv_sec) - found.status.modified / 1_000_000_000
    return seconds > age.components.seconds
  }

  private func warnOfEvents(_ count: Int) {
    guard !hasWarnedOfEvents else { return }
    hasWarnedOfEvents = true
    log(
      "\(count) directories cannot be watched for events (see fs.inotify.max_user_watches and max_user_instances): "
        + "their files are looked at every \(options.rescanInterval)"
    )
  }

  // MARK: Looking

  private func look(at path: String) {
    for index in watchers.indices {
      guard let file = files[index][path], let known = file.tracker.status else { continue }
      guard let status = FileStatus(ofRegularFileAt: path), status.identity == known.identity else {
        // Gone or another: whether it was renamed, only a walk tells.
        rescan(watches: true, isOnce: false)
        return
      }
      look(file, status, isOnce: false)
    }
  }

  private func look(_ file: FollowedFile, _ status: FileStatus?, isOnce: Bool) {
    guard file.look(status, buffer: buffer, isOnce: isOnce) else { return }
    if isOnce {
      file.closeDescriptor()
    } else if status != nil {
      file.restsAt = clock.now + options.restBeforeProvisional
      resting[ObjectIdentifier(file)] = file
      if resting.count > TailerLimits.descriptorsMax { file.closeDescriptor() }
    }
  }

  /// Gives files that had more than their turn another. Returns whether some still have.
  private func readMore() -> Bool {
    var hasMore = false
    for file in resting.values where file.hasMore {
      file.readMore(buffer)
      file.restsAt = clock.now + options.restBeforeProvisional
      hasMore = hasMore || file.hasMore
    }
    return hasMore
  }

  /// Files that no event tells of.
  private func poll() {
    for byPath in files {
      for file in byPath.values where file.isLink || file.isFailing {
        let status = FileStatus(ofRegularFileAt: file.path)
        if let status, let known = file.tracker.status, status.identity != known.identity {
          rescan(watches: true, isOnce: false)
          return
        }
        if status != nil { look(file, status, isOnce: false) }
      }
    }
  }

  private func rest(_ now: ContinuousClock.Instant) {
    for (identifier, file) in resting {
      guard let restsAt = file.restsAt, restsAt <= now else { continue }
      file.rest(buffer)
      file.restsAt = nil
      resting[identifier] = nil
    }
  }
}

/// How another thread ends a tailer's run.
package final class TailerStop: Sendable {
  /// The system has no descriptor to give.
  package struct Failure: Error {}

  private let requested = Atomic<Bool>(false)
  private let readEnd: Int32
  private let writeEnd: Int32

  init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure() }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  var descriptor: Int32 { readEnd }
  var isRequested: Bool { requested.load(ordering: .acquiring) }

  package func request() {
    requested.store(true, ordering: .releasing)
    var byte: UInt8 = 0
    write(writeEnd, &byte, 1)
  }
}
