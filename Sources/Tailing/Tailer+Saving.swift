internal import Clocks
package import StateStore

/// Saving what is known of each log, and going on with it in another process: as if there had been only a long pause.
/// What the consumers know goes along, unread.
extension Tailer {
  /// Encodes all logs that something was read of, as they are between two looks: those that have changed since the last
  /// time, or all.
  ///
  /// - Parameter asksAll: whether consumers may have changed whose logs nothing happened to.
  package func encode(into changes: inout StateChanges, asksAll: Bool) {
    for (index, watcher) in watchers.enumerated() {
      for log in tables[index].takeTouched(all: asksAll || changes.isWhole) {
        guard tables[index].log(log.path) === log, log.isWorthSaving else {
          if log.saved != nil, !changes.isWhole { changes.remove(.log, log.savedPlace) }
          log.saved = nil
          continue
        }
        var version = StateEncoder()
        log.encode(into: &version, root: watcher.root) { $0.encode(log.consumer.encodingVersion) }
        let digest = version.bytes.withUnsafeBytes { ContentDigest(of: $0).value }
        if !changes.isWhole, log.saved == digest { continue }
        if log.savedPlace == 0 {
          lastSavedPlace += 1
          log.savedPlace = lastSavedPlace
        }
        defer { log.saved = digest }
        changes.set(.log, log.savedPlace, isNew: log.saved == nil) { encoder in
          encoder.encode(watcher.name)
          log.encode(into: &encoder, root: watcher.root, log.consumer.encode)
        }
      }
    }
  }

  /// The folder that patterns are relative to.
  package var root: String { watchers.first?.root ?? "" }

  /// Takes on logs that another process followed, before the first turn.
  ///
  /// - Parameter reopen: makes a log's consumer of what the other process encoded of it.
  package func restore(
    _ saved: [SavedLog],
    reopen: (LogFile, inout StateDecoder) throws(StateDecoder.Failure) -> ReopenedLog
  ) throws(StateDecoder.Failure) {
    for one in saved {
      guard let watcher = watchers.firstIndex(where: { $0.name == one.watcher }) else { continue }
      let path = path(of: one, watcher: watcher)
      // A log is there once, or others would count on one that is not.
      guard let captures = captures(of: path, watcher: watcher), tables[watcher].log(path) == nil else { continue }
      var decoder = one.rest
      let file = LogFile(watcher: watcher, path: path.text, captures: captures, status: .unknown)
      let log = try FollowedLog(file, at: path, counters: counters[watcher], from: &decoder, reopen: reopen)
      guard let log else { continue }
      log.lane.folder = topFolder(of: path)
      tables[watcher].restore(log)
    }
    // Whoever saved it may have saved it in memory alone, or under another catalog.
    isChanged = true
  }

  /// Goes on in the place of another tailer of this process, after `restore`: files that wait go on waiting, and what
  /// begins to wait does so as ever, since nothing was read elsewhere meanwhile.
  package func takeOver(from other: Tailer) {
    hasTakenOver = true
    for (watcher, table) in zip(other.watchers, other.tables) {
      guard let place = watchers.firstIndex(where: { $0.name == watcher.name }) else { continue }
      tables[place].takeOver(from: table)
    }
  }

  /// Whether a saved log is one of a watcher's still, with the captures that it had.
  package func follows(_ saved: SavedLog, watcher: Int) -> Bool {
    captures(of: path(of: saved, watcher: watcher), watcher: watcher) == saved.captures
  }

  /// What the patterns of a watcher take from a path; nil: they do not match it.
  func captures(of path: LogPath, watcher: Int) -> [String: String]? {
    directories.patterns.captures(of: path, watcher: watcher)
  }

  /// A saved log's path in the folder that patterns are relative to now.
  private func path(of saved: SavedLog, watcher: Int) -> LogPath {
    saved.isRelative ? LogPath(watchers[watcher].root).appending(saved.path.bytes) : saved.path
  }

  /// Tells the owner that there is something to save, when it is time.
  func checkpointIfDue() {
    guard isChanged, let onCheckpoint else { return }
    let now = reader.clock().monotonic
    // All that has changed is encoded in one piece: where that are many logs, it is done sooner.
    guard now >= checkpointDue || tables.contains(where: { $0.touchedCount >= TailerLimits.touchedMax }) else { return }
    checkpointedAt = now
    if onCheckpoint() { isChanged = false }
  }

  /// A little before the interval is over: what is saved may be no older than that.
  var checkpointDue: Int64 {
    let interval = options.checkpointInterval.wholeNanoseconds
    return checkpointedAt &+ interval &- interval / 10
  }
}

/// A log as it was saved, taken apart as far as its path.
package struct SavedLog: Sendable {
  /// Its watcher's name.
  package var watcher: String
  /// Whether the path is below the folder that patterns are relative to: that may have been moved since, or be spelled
  /// in another way.
  package var isRelative: Bool
  var path: LogPath
  /// What the patterns took from the path then.
  package var captures: [String: String]
  var rest: StateDecoder

  private init(watcher: String, from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.watcher = watcher
    isRelative = try decoder.decode()
    path = LogPath(bytes: try decoder.byteArray())
    captures = try decoder.decode()
    rest = try decoder.decoderOfPart()
  }

  package static func decode(from image: StateImage) throws(StateDecoder.Failure) -> [SavedLog] {
    var logs: [SavedLog] = []
    for place in image.owners(of: .log) {
      var decoder = try image.decoder(.log, place)
      logs.append(try SavedLog(watcher: try decoder.decode(), from: &decoder))
    }
    return logs
  }

  /// As version 2 had them.
  package static func decode(fromVersion2 decoder: inout StateDecoder) throws(StateDecoder.Failure) -> [SavedLog] {
    var logs: [SavedLog] = []
    for _ in 0..<(try decoder.count(bytesEach: 1)) {
      let watcher: String = try decoder.decode()
      for _ in 0..<(try decoder.count(bytesEach: 1)) { logs.append(try SavedLog(watcher: watcher, from: &decoder)) }
    }
    return logs
  }
}

extension FollowedLog {
  /// Also before its first byte was read: its file is no copy of another log. What was saved once stays so: its consumer
  /// adds to what it said of itself before.
  fileprivate var isWorthSaving: Bool { isPresent || tracker.isKnown || standing != .gone || savedPlace != 0 }

  /// - Parameter encodeConsumer: what the consumer knows; or, where it is only to be seen whether something has changed, its
  ///   version.
  fileprivate func encode(
    into encoder: inout StateEncoder,
    root: String,
    _ encodeConsumer: (inout StateEncoder) -> Void
  ) {
    let prefix = Array((root == "/" ? root : root + "/").utf8)
    let isRelative = path.bytes.starts(with: prefix)
    encoder.encode(isRelative)
    encoder.encode(isRelative ? Array(path.bytes[prefix.count...]) : path.bytes)
    encoder.encode(captures)
    // Whether what was read may not be all there was.
    let isUnfinished = pace == .behind || pace.isFailing
    encoder.encodePart { encoder in
      encoder.encode(tracker, documentDigest, isRestShown, standing == .gone, isUnfinished, head)
      encoder.encodePart(encodeConsumer)
    }
  }

  /// nil: its consumer has no use for it.
  fileprivate convenience init?(
    _ file: LogFile,
    at path: LogPath,
    counters: TailerCounters,
    from decoder: inout StateDecoder,
    reopen: (LogFile, inout StateDecoder) throws(StateDecoder.Failure) -> ReopenedLog
  ) throws(StateDecoder.Failure) {
    var tracker: FileTracker = try decoder.decode()
    let documentDigest: UInt64? = try decoder.decode()
    // How half a line goes on after it was saved nobody knows: it counts only if it is read once more.
    if decoder.version < 4 { _ = try decoder.byteArray() }
    let isRestShown: Bool = try decoder.decode()
    // Whether it was gone: without a file it is now, until a listing shows one.
    _ = try decoder.bool()
    if try decoder.bool() { tracker.doubt() }
    let head = decoder.version >= 4 ? try decoder.byteArray() : []
    var payload = try decoder.decoderOfPart()
    var file = file
    if let status = tracker.status { file.status = status }
    let consumer: any LogConsumer
    switch try reopen(file, &payload) {
    case .forgotten:
      return nil
    case .goesOn(let reopened):
      consumer = reopened
    case .readAgain(let reopened):
      consumer = reopened
      tracker.readAgain()
    }
    if tracker.bytesBehind > 0 { tracker.doubt() }
    guard consumer.readsWholeDocuments == tracker.readsWholeDocuments else { return nil }
    let standing: Standing = tracker.status != nil ? .following : .gone
    self.init(file, at: path, standing, consumer: consumer, counters: counters)
    self.tracker = tracker
    self.documentDigest = documentDigest
    self.head = head
    // What its last line showed was not saved: it is read, and rests, once more.
    if isRestShown { pace = .behind }
  }
}
