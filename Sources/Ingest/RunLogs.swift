package import Runs
internal import Synchronization
package import Tailing

/// A log of a run.
package struct RunLog: Sendable, Hashable {
  /// The position of its watcher in the catalog.
  package let watcher: Int
  /// As it is opened, with U+FFFD for what is no UTF-8.
  package let path: String
  /// What the captures of the watcher's pattern took.
  package let captures: [String: String]
  /// Which file it was when it was read last: its device and inode. Others may stand at the path, or a link that leads
  /// elsewhere.
  package var device: UInt64
  package var inode: UInt64

  init(_ file: LogFile) {
    watcher = file.watcher
    path = file.path
    captures = file.captures
    (device, inode) = (file.status.device, file.status.inode)
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
  private let logs = Mutex<[RunBoard.Key: [RunLog]]>([:])

  /// The logs of a run, those that were found first first.
  package func logs(of key: RunBoard.Key) -> [RunLog] { logs.withLock { $0[key] ?? [] } }

  /// The logs of all runs.
  package func all() -> [RunBoard.Key: [RunLog]] { logs.withLock { $0 } }

  /// - Returns: how many the run has now.
  func add(_ added: [RunLog], to key: RunBoard.Key) -> Int {
    logs.withLock { logs in
      logs[key, default: []] += added
      return logs[key]?.count ?? 0
    }
  }

  /// - Returns: how many the run has now.
  func remove(_ removed: [RunLog], of key: RunBoard.Key) -> Int {
    logs.withLock { logs in
      // Two names that are no UTF-8 may have the same text: each is taken away once.
      for log in removed {
        if let place = logs[key]?.firstIndex(of: log) { logs[key]?.remove(at: place) }
      }
      let count = logs[key]?.count ?? 0
      if count == 0 { logs[key] = nil }
      return count
    }
  }

  func replace(_ log: RunLog, by other: RunLog, of key: RunBoard.Key) {
    logs.withLock { logs in
      if let place = logs[key]?.firstIndex(of: log) { logs[key]?[place] = other }
    }
  }
}
