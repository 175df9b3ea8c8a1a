/// A file that is followed, as it was when it was looked at last.
package struct FollowedFile: Sendable {
  /// As it is opened, with U+FFFD for what is no UTF-8.
  package var path: String
  package var status: FileStatus
  /// Bytes from what was consumed to the file's end.
  package var bytesBehind: Int

  package init(path: String, status: FileStatus, bytesBehind: Int) {
    self.path = path
    self.status = status
    self.bytesBehind = bytesBehind
  }
}

/// What others are told of the files that are followed.
extension Tailer {
  /// The files of a watcher, those first that changed last; on the tailer's thread.
  package func files(of watcher: Int, atMost count: Int) -> [FollowedFile] {
    var followed: [(log: FollowedLog, status: FileStatus)] = []
    for log in tables[watcher].logs.values where log.isPresent {
      if let status = log.tracker.status { followed.append((log, status)) }
    }
    followed.sort { ($0.status.modified, $1.log.path) > ($1.status.modified, $0.log.path) }
    return followed.prefix(count).map {
      FollowedFile(path: $0.log.path.text, status: $0.status, bytesBehind: $0.log.tracker.bytesBehind)
    }
  }
}
