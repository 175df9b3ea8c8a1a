/// Where the tailer hears that it had better look again: `DirectoryWatches`, or what stands in for it in a test. A note
/// never says what happened, and the notes are never believed to say everything.
package protocol ChangeNotifier: AnyObject {
  /// What becomes readable when notes wait; nil: there will be none, and all has to be polled.
  var descriptor: Int32? { get }
  /// The first call that failed for want of a resource; the rest is then up to polling.
  var shortage: SystemError? { get }

  /// Watches a directory, or a file that is reached through a link. Again for the same path: whatever is there now.
  ///
  /// - Parameter forNames: whether what changes in a directory's files is of no interest.
  func add(_ path: LogPath, forNames: Bool)
  /// Whether a watch stands on what `path` was when it was last added.
  func covers(_ path: LogPath) -> Bool
  /// Ends the watches on paths that are of no use any more.
  func prune(keeping isWanted: (LogPath) -> Bool)
  /// Hands over all notes that wait.
  func drain(_ body: (ChangeNote) -> Void)
}

extension ChangeNotifier {
  func add(_ path: LogPath) { add(path, forNames: false) }
}

package enum ChangeNote: Sendable {
  /// The entry of a watched directory; `isStructural` where names came or went.
  case entry(directory: LogPath, name: [UInt8], isStructural: Bool)
  /// The watched directory or file itself.
  case itself(LogPath)
  /// Events were lost.
  case overflow
}
