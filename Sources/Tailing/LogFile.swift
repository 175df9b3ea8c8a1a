/// A log file at its first sight.
package struct LogFile {
  /// The watcher's place in the list that the tailer was given.
  package var watcher: Int
  package var path: String
  /// What the captures of the watcher's pattern took from the path.
  package var captures: [String: String]
  package var status: FileStatus

  package init(watcher: Int, path: String, captures: [String: String], status: FileStatus) {
    self.watcher = watcher
    self.path = path
    self.captures = captures
    self.status = status
  }
}
