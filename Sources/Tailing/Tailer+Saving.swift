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
        let fields = log.savedFields
        if !changes.isWhole, log.saved == fields { continue }
        if log.savedPlace == 0 {
          lastSavedPlace += 1
          log.savedPlace = lastSavedPlace
        }
        defer { log.saved = fields }
        changes.set(.log, log.savedPlace, isNew: log.saved == nil) { encoder in
          encoder.encode(watcher.name)
          log.encode(into: &encoder, root: watcher.root)
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
    _ saved: [SavedLogs],
    reopen: (LogFile, inout StateDecoder) throws(StateDecoder.Failure) -> ReopenedLog
  ) throws(StateDecoder.Failure) {
    for watched in saved {
      guard let watcher = watchers.firstIndex(where: { $0.name == watched.watcher }) else { continue }
      for one in watched.logs {
        let path = path(of: one, watcher: watcher)
        guard let captures = captures(of: path, watcher: watcher) else { continue }
        var decoder = one.rest
        guard
          let log = try FollowedLog(
            watcher: watcher,
            path: path,
            captures: captures,
            counters: counters[watcher],
            from: &decoder,
            reopen: reopen
          )
        else { continue }
        tables[watcher].restore(log)
      }
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
  package func follows(_ saved: SavedLogs.One, watcher: Int) -> Bool {
    captures(of: path(of: saved, watcher: watcher), watcher: watcher) == saved.captures
  }

  /// What the patterns of a watcher take from a path; nil: they do not match it.
  func captures(of path: LogPath, watcher: Int) -> [String: String]? {
    directories.discovery.patterns.captures(of: path, watcher: watcher)
  }

  /// A saved log's path in the folder that patterns are relative to now.
  private func path(of saved: SavedLogs.One, watcher: Int) -> LogPath {
    saved.isRelative ? LogPath(watchers[watcher].root).appending(saved.path.bytes) : saved.path
  }

  /// Tells the owner that there is something to save, when it is time.
  func checkpointIfDue(_ now: Int64) {
    guard isChanged, let onCheckpoint, now >= checkpointDue else { return }
    checkpointedAt = now
    if onCheckpoint() { isChanged = false }
  }

  /// A little before the interval is over: what is saved may be no older than that.
  var checkpointDue: Int64 {
    let interval = options.checkpointInterval.wholeNanoseconds
    return checkpointedAt &+ interval &- interval / 10
  }
}

/// The logs of one watcher as they were saved, taken apart as far as their paths.
package struct SavedLogs: Sendable {
  package struct One: Sendable {
    var path: LogPath
    /// Whether the path is below the folder that patterns are relative to: that may have been moved since, or be spelled
    /// in another way.
    package var isRelative: Bool
    /// What the patterns took from the path then.
    package var captures: [String: String]
    var rest: StateDecoder

    init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
      isRelative = try decoder.decode()
      path = LogPath(bytes: try decoder.byteArray())
      captures = try decoder.decode()
      rest = try decoder.decoderOfPart()
    }
  }

  /// The watcher's name.
  package var watcher: String
  package var logs: [One]

  package static func decode(from image: StateImage) throws(StateDecoder.Failure) -> [SavedLogs] {
    var watched: [String: [One]] = [:]
    for place in image.owners(of: .log) {
      var decoder = try image.decoder(.log, place)
      let watcher: String = try decoder.decode()
      watched[watcher, default: []].append(try One(from: &decoder))
    }
    return watched.map { SavedLogs(watcher: $0.key, logs: $0.value) }
  }

  /// As version 2 had them.
  package static func decode(fromVersion2 decoder: inout StateDecoder) throws(StateDecoder.Failure) -> [SavedLogs] {
    var watched: [SavedLogs] = []
    for _ in 0..<(try decoder.count(bytesEach: 1)) {
      watched.append(SavedLogs(watcher: try decoder.decode(), logs: []))
      for _ in 0..<(try decoder.count(bytesEach: 1)) { watched[watched.count - 1].logs.append(try One(from: &decoder)) }
    }
    return watched
  }
}

/// What a log is encoded from, to be compared: most logs rest.
struct SavedFields: Equatable {
  var path: LogPath
  var tracker: FileTracker
  var documentDigest: UInt64?
  var isRestShown: Bool
  var hasVanished: Bool
  var isUnfinished: Bool
  /// The consumer's.
  var version: Int
}

extension FollowedLog {
  /// Also before its first byte was read: its file is no copy of another log. What was saved once stays so: its consumer
  /// adds to what it said of itself before.
  fileprivate var isWorthSaving: Bool { isPresent || tracker.isKnown || standing != .gone || savedPlace != 0 }

  /// Whether what was read may not be all there was.
  private var isUnfinished: Bool { pace == .behind || pace.isFailing }

  /// All that `encode` depends on.
  fileprivate var savedFields: SavedFields {
    SavedFields(
      path: path,
      tracker: tracker,
      documentDigest: documentDigest,
      isRestShown: isRestShown,
      hasVanished: standing == .gone,
      isUnfinished: isUnfinished,
      version: consumer.encodingVersion
    )
  }

  fileprivate func encode(into encoder: inout StateEncoder, root: String) {
    let prefix = Array((root == "/" ? root : root + "/").utf8)
    let isRelative = path.bytes.starts(with: prefix)
    encoder.encode(isRelative)
    encoder.encode(isRelative ? Array(path.bytes[prefix.count...]) : path.bytes)
    encoder.encode(captures)
    encoder.encodePart { encoder in
      encoder.encode(tracker)
      encoder.encode(documentDigest)
      encoder.encode(isRestShown)
      encoder.encode(standing == .gone)
      encoder.encode(isUnfinished)
      encoder.encode(head)
      encoder.encodePart { consumer.encode(into: &$0) }
    }
  }

  /// nil: its consumer has no use for it.
  fileprivate convenience init?(
    watcher: Int,
    path: LogPath,
    captures: [String: String],
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
    let status = tracker.status ?? FileStatus(device: 0, inode: 0, size: 0, modified: 0, changed: 0)
    let file = LogFile(watcher: watcher, path: path.text, captures: captures, status: status)
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
    self.init(
      watcher: watcher,
      path: path,
      captures: captures,
      standing: standing,
      consumer: consumer,
      counters: counters
    )
    self.tracker = tracker
    self.documentDigest = documentDigest
    self.head = head
    // What its last line showed was not saved: it is read, and rests, once more.
    if isRestShown { pace = .behind }
  }
}
