/// Who answers what a `LogTable` asks of files, and carries out what it decides: makes all the system calls. Must not
/// touch the table meanwhile.
protocol LogHands: AnyObject {
  /// Monotonic nanoseconds.
  var now: Int64 { get }
  /// How long a file may be missing until it is gone.
  var vanishTime: Int64 { get }
  /// Logs that are kept though their file is gone.
  var vanishedLogsMax: Int { get }
  /// Names that are settled at once.
  var namesPerTurnMax: Int { get }

  // MARK: Questions

  /// What the listings show of a name; nil: no file that the watcher's patterns match.
  func listed(_ path: LogPath, _ watcher: Int) -> Discovery.Found?
  /// What has the name now; nil: no regular file.
  func status(of path: LogPath) -> FileStatus?
  /// The folder at the top of a pattern that a file of this path is in.
  func topFolder(of path: LogPath) -> LogPath
  /// Whether more of the log's file is not read yet than is read in one turn; the file is open then.
  func isFarFromEnd(_ log: FollowedLog) -> Bool
  /// Whether the watcher's patterns match the path.
  func isMatched(_ path: LogPath, _ watcher: Int) -> Bool
  /// Whether the file has not changed for so long that the watcher leaves it alone.
  func isTooOld(_ found: Discovery.Found, _ watcher: Int) -> Bool
  /// Whether some of what is known to have changed was not looked at yet.
  var isLooking: Bool { get }
  /// Whether directories are still to be listed in which a copy of the log may have appeared before its content went.
  func isSearching(_ log: FollowedLog) -> Bool
  /// Whether what the listings show of a directory may be old.
  func mayBeOld(_ directory: LogPath?) -> Bool
  /// Whether the path has the file that the log was reading.
  func leads(_ path: LogPath, to log: FollowedLog) -> Bool
  /// The name that the log's file has now in the directory it was in.
  func currentName(of log: FollowedLog) -> LogPath?
  /// Whether the log's file is open, and has a name somewhere.
  func isLinked(_ log: FollowedLog) -> Bool
  /// Whether the file begins with what was consumed of the log.
  func begins(_ path: LogPath, with log: FollowedLog) -> Bool
  /// Whether the file has all that was consumed of the log, or (false) a beginning of it; nil: something else, or more.
  func compare(_ path: LogPath, _ status: FileStatus, with log: FollowedLog) -> Bool?
  /// Whether all that the file has stands at the beginning of the log's own, which is open.
  func isBeginning(_ path: LogPath, _ status: FileStatus, of log: FollowedLog) -> Bool
  /// The file's first bytes.
  func head(of path: LogPath) -> [UInt8]?
  /// Whether the file has more than one whole line in its first bytes.
  func hasLines(_ path: LogPath, within bytes: Int) -> Bool

  // MARK: Decisions

  /// The log of a file that was found.
  func makeLog(_ found: Discovery.Found, _ watcher: Int) -> FollowedLog
  func carryOut(_ decision: LogDecision)
}

/// What a `LogTable` decides about a log, to be carried out at once.
enum LogDecision {
  /// The file of its name is the log's to read from its beginning.
  case begin(FollowedLog, Discovery.Found)
  /// Its file has its name (again); nil: the listings do not show it.
  case keep(FollowedLog, Discovery.Found?)
  /// It goes along with its file to the name that it has now.
  case follow(FollowedLog, Discovery.Found?)
  /// It goes along with a copy of its file.
  case adopt(FollowedLog, Discovery.Found)
  /// Its file has a name that no pattern reaches, and may still be written to.
  case readOn(FollowedLog)
  /// It is missing for a moment.
  case wait(FollowedLog)
  /// What is left of its file is read, and it leaves the file; `isReplaced`: another file has its name.
  case finish(FollowedLog, isReplaced: Bool)
  /// The whole lines that are left of its file are read, where it is open.
  case drain(FollowedLog)
  /// Nothing of its file is read any more.
  case drop(FollowedLog)
  /// It is to be looked at.
  case look(FollowedLog)
  /// It is forgotten.
  case forget(FollowedLog)
  /// A file is not read, because there are too many.
  case refuse(Discovery.Found, Int)
  /// The directory of that name is to be listed again.
  case list(LogPath)
}
