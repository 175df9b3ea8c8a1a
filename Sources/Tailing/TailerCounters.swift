package import Synchronization

/// What one watcher's files did so far. Written by the tailer's thread; any thread may read it.
package final class TailerCounters: Sendable {
  package enum ReadError: String, Sendable, CaseIterable {
    case permission
    case tooManyOpenFiles = "too_many_open_files"
    case stale
    case tooLarge = "too_large"
    case io
  }

  package let filesFollowed = Atomic(0)
  package let bytesRead = Atomic(0)
  /// Files that could not be read at the last attempt.
  package let filesFailing = Atomic(0)
  /// Files of which there has been more to read for `TailerOptions.farBehindAfter` than in one turn.
  package let filesFarBehind = Atomic(0)
  /// Folders that could not be listed at the last attempt.
  package let foldersFailing = Atomic(0)
  /// From what was consumed to the files' ends.
  package let bytesBehind = Atomic(0)
  /// Bytes of files that went away before they were read.
  package let bytesLost = Atomic(0)
  /// Times that a file was truncated, replaced or overwritten.
  package let restarts = Atomic(0)
  /// Files beyond `TailerLimits.filesMax`.
  package let filesRefused = Atomic(0)
  /// Links that are not followed, since they lead to what is not their owner's.
  package let linksRefused = Atomic(0)
  private let errors = Mutex<[ReadError: Int]>([:])

  package init() {}

  package func readErrors(_ reason: ReadError) -> Int { errors.withLock { $0[reason, default: 0] } }

  func count(_ reason: ReadError) { errors.withLock { $0[reason, default: 0] += 1 } }
}
