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
  /// From what was consumed to the files' ends.
  package let bytesBehind = Atomic(0)
  /// Bytes of files that went away before they were read.
  package let bytesLost = Atomic(0)
  /// Times that a file was truncated, replaced or overwritten.
  package let restarts = Atomic(0)
  /// Files beyond `TailerLimits.filesMax`.
  package let filesRefused = Atomic(0)
  private let permissionErrors = Atomic(0)
  private let descriptorErrors = Atomic(0)
  private let staleErrors = Atomic(0)
  private let sizeErrors = Atomic(0)
  private let otherErrors = Atomic(0)

  package init() {}

  package func readErrors(_ reason: ReadError) -> Int {
    switch reason {
    case .permission: permissionErrors.load(ordering: .relaxed)
    case .tooManyOpenFiles: descriptorErrors.load(ordering: .relaxed)
    case .stale: staleErrors.load(ordering: .relaxed)
    case .tooLarge: sizeErrors.load(ordering: .relaxed)
    case .io: otherErrors.load(ordering: .relaxed)
    }
  }

  func count(_ reason: ReadError) {
    switch reason {
    case .permission: permissionErrors.add(1, ordering: .relaxed)
    case .tooManyOpenFiles: descriptorErrors.add(1, ordering: .relaxed)
    case .stale: staleErrors.add(1, ordering: .relaxed)
    case .tooLarge: sizeErrors.add(1, ordering: .relaxed)
    case .io: otherErrors.add(1, ordering: .relaxed)
    }
  }
}
