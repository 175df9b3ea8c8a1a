package import Runs
internal import Synchronization
package import Tailing

/// A log of a run.
package struct RunLog: Sendable, Hashable {
  /// Tells it from others, and which was found first. Two names that are no UTF-8 may have the same text.
  let number: UInt64
  /// The position of its watcher in the catalog.
  package let watcher: Int
  /// As it is opened, with U+FFFD for what is no UTF-8.
  package private(set) var path: String
  /// What the captures of the watcher's pattern took.
  package private(set) var captures: [String: String]
  /// Which file it was when it was read last: its device and inode. Others may stand at the path, or a link that leads
  /// elsewhere.
  package var device: UInt64
  package var inode: UInt64

  fileprivate init(_ number: UInt64, _ file: LogFile) {
    self.number = number
    watcher = file.watcher
    path = file.path
    captures = file.captures
    (device, inode) = (file.status.device, file.status.inode)
  }

  /// It has another name.
  func renamed(to file: LogFile) -> RunLog {
    var log = self
    (log.path, log.captures) = (file.path, file.captures)
    (log.device, log.inode) = (file.status.device, file.status.inode)
    return log
  }

  /// Opens the file that the tailer reads, for as long as `body` takes; nil: that is not at its path any more, or cannot
  /// be opened.
  package func withOpenFile<Result>(_ body: (_ descriptor: Int32, _ status: FileStatus) -> Result) -> Result? {
    let files = RealFileSystem()
    guard let descriptor = try? files.open(LogPath(path)) else { return nil }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), status.kind == .regular, status.file.device == device,
      status.file.inode == inode
    else { return nil }
    return body(descriptor, status.file)
  }
}

/// The logs that each run has now, of all watchers together: those whose files are there. The tailer's thread tells of
/// them; any may ask.
package final class RunLogs: Sendable {
  private struct Contents {
    /// By their numbers: a run may have a hundred thousand.
    var logs: [RunBoard.Key: [UInt64: RunLog]] = [:]
    var version: UInt64 = 0
    var lastNumber: UInt64 = 0
  }

  private let contents = Mutex(Contents())

  /// The logs of a run, those that were found first first.
  package func logs(of key: RunBoard.Key) -> [RunLog] {
    let logs = contents.withLock { $0.logs[key] } ?? [:]
    return logs.values.sorted { $0.number < $1.number }
  }

  /// The logs of all runs.
  package func all() -> [RunBoard.Key: [UInt64: RunLog]] { contents.withLock { $0.logs } }

  /// Changes whenever a run has more logs or fewer, or one has another name.
  var version: UInt64 { contents.withLock { $0.version } }

  /// A log that no run has yet.
  func log(_ file: LogFile) -> RunLog {
    let number = contents.withLock { contents in
      contents.lastNumber += 1
      return contents.lastNumber
    }
    return RunLog(number, file)
  }

  /// - Returns: how many the run has now.
  func add(_ added: some Collection<RunLog>, to key: RunBoard.Key) -> Int {
    contents.withLock { contents in
      contents.version &+= 1
      for log in added { contents.logs[key, default: [:]][log.number] = log }
      return contents.logs[key]?.count ?? 0
    }
  }

  /// - Returns: how many the run has now.
  func remove(_ removed: some Collection<RunLog>, of key: RunBoard.Key) -> Int {
    contents.withLock { contents in
      contents.version &+= 1
      for log in removed { contents.logs[key]?[log.number] = nil }
      let count = contents.logs[key]?.count ?? 0
      if count == 0 { contents.logs[key] = nil }
      return count
    }
  }

  /// A log has another name, or another file.
  func update(_ log: RunLog, of key: RunBoard.Key) {
    contents.withLock { contents in
      guard let former = contents.logs[key]?[log.number] else { return }
      if former.captures != log.captures { contents.version &+= 1 }
      contents.logs[key]?[log.number] = log
    }
  }
}
