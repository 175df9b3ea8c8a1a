/// The tailer's times and sizes. The defaults are for production; tests shorten them.
package struct TailerOptions: Sendable {
  /// The longest line that a consumer may want to see whole; the buffer grows up to a little more.
  package var lineBytesMax = 4 << 20
  /// How long a file has to rest until its last line without an end is handed over.
  package var restBeforeProvisional: Duration = .seconds(2)
  /// How long to wait after a directory's first event for those that belong to it: a rename is two.
  package var settleInterval: Duration = .milliseconds(2)
  /// The least time between two turns, so that a fast writer is read in batches.
  package var turnInterval: Duration = .milliseconds(3)
  /// How long one log is read in a turn, where its records cost much; and how long a turn goes on with each kind of work
  /// of which there is more. So a turn takes some ten times as long at most.
  package var turnTimeMax: Duration = .milliseconds(10)
  /// Names that are settled in one turn, where there are more: a new file costs some 50 µs.
  package var namesPerTurnMax = 128
  /// How long, and how much of each log, is read at the start before the exporter is ready: what is left then is read like
  /// what is written later.
  package var startTimeMax: Duration = .seconds(10)
  package var startBytesMax = 32 << 20
  /// How long logs are looked for at the start before the first ones are read, the oldest first.
  package var startLookTimeMax: Duration = .seconds(1)
  /// And for how long none may be found there: a link may lead into a tree without any.
  package var startLookRestMax: Duration = .milliseconds(50)
  /// A document is parsed in one piece. Where that takes the processor longer, the next one of its lane waits a hundred
  /// times as long.
  package var documentTimeMax: Duration = .milliseconds(50)
  /// How long a log may have more than is read in one turn until it counts as far behind.
  package var farBehindAfter: Duration = .seconds(10)
  /// How often all directories are looked at, whatever inotify says: for what it cannot see.
  package var rescanInterval: Duration = .seconds(30)
  /// How often files and directories that inotify does not cover are looked at.
  package var pollInterval: Duration = .seconds(2)
  /// How long a file has to be gone until it counts as gone: a rename may fall between two listings.
  package var vanishInterval: Duration = .milliseconds(50)
  /// How old at most the last checkpoint may be while something changes.
  package var checkpointInterval: Duration = .seconds(1)
  /// Read of one file in one turn, before the next file gets its.
  package var turnBytesMax = 4 << 20
  /// Logs of a watcher that are gone but kept in case they come back; checkpoints come and go by the hundreds.
  package var vanishedLogsMax = 10_000
  /// Descriptors of files that changed lately, where the process may have many; beyond it the one that rested longest is
  /// closed.
  package var openDescriptorsMax = TailerLimits.openDescriptorsMax
  package var usesInotify = true
  /// A directory that is passed by, whatever the patterns say: what the exporter writes there is no log.
  package var ignoredDirectory: LogPath?

  package init() {}
}

/// Bounds on what the tailer does, whatever the file system holds.
package enum TailerLimits {
  /// One read; large enough that a system call costs nothing beside parsing.
  package static let bufferBytes = 256 << 10
  /// Read of a log that something happened to, before all others get their turn, where they are more than a few.
  static let firstBytesMax = 256 << 10
  static let fewLogs = 4
  /// Read at once of a file that goes away. There is hardly ever more: what a file has that lost its name is read in turns
  /// before, as long as it is open.
  static let lastBytesMax = 64 << 20
  /// Above the longest line: so much that a consumer given a full buffer has the line and its end.
  static let bufferSlackBytes = 64 << 10
  /// Opening a file again costs microseconds: more would gain nothing.
  package static let openDescriptorsMax = 128
  /// Files followed by one watcher, at 1 to 4 KiB each. A folder at the top of a pattern may have as many as are free
  /// besides, and so at most half of them.
  package static let filesMax = 100_000
  /// Directory entries in a folder at the top of a pattern: half a second's work.
  package static let entriesMax = 200_000
  /// Different warnings in an hour: whoever makes files may make thousands of reasons.
  static let warningsMax = 1_000
  static let warningsPause: Duration = .seconds(3600)
  /// Links that are told of because they are not followed.
  static let refusedLinksMax = 10_000
  /// Looks at a directory that did not change until it is listed and its files are looked at nevertheless: with
  /// `rescanInterval`, every five minutes. For what changes without a sign: a writer through a memory mapping or another
  /// hard link, a file mounted over another.
  package static let steadyLooksMax = 9
  /// Directories within each other, links included.
  package static let depthMax = 64
  /// How often directories are listed again for a file that no listing shows.
  static let relistingsMax = 3
  /// Names looked at to find where a file was renamed to.
  static let renamedSearchMax = 10_000
  /// A last line without an end is kept up to here, to be counted should the file go away.
  static let restBytesMax = 64 << 10
  /// How long a new file that has a log's whole content, or that stopped at a part of it, is not read, in case it is the
  /// copy that is made before the log is truncated or deleted.
  static let copySettleTime: Duration = .seconds(2)
  /// How long it waits in all, though it is still being written; 6 GB are copied in that time.
  static let copyTimeMax: Duration = .seconds(60)
  static let copyCheckInterval: Duration = .milliseconds(250)
  /// How soon one that waits is compared again when an event tells of it.
  static let copyCompareInterval: Duration = .milliseconds(20)
  /// Files that wait at a time; beyond, they are read at once.
  static let copiesHeldMax = 1_000
  /// New files in which the content of a log that went away is looked for.
  static let copySearchMax = 256
  /// First and longest wait before a file that could not be read is tried again.
  static let retryIntervalMin: Duration = .milliseconds(250)
  static let retryIntervalMax: Duration = .seconds(30)
  /// How much longer than the reading of a document the pause after it is, where that took long, and how long at most.
  static let documentPauseFactor: Int64 = 100
  static let documentPauseMax: Duration = .seconds(30)
  /// Logs of a watcher that have changed and are saved together, at some 15 µs each.
  static let touchedMax = 500
  /// How often one look may begin anew because the file changes under it.
  static let attemptsMax = 3
}
