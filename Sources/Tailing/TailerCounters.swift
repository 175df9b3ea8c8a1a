internal import Synchronization

/// What the tailer counts for one watcher. Written on its thread, read by any.
package final class TailerCounters: Sendable {
  private let filesCell = Atomic<Int>(0)
  private let failingCell = Atomic<Int>(0)
  private let bytesReadCell = Atomic<Int>(0)
  private let bytesBehindCell = Atomic<Int>(0)
  private let restartsCell = Atomic<Int>(0)

  package init() {}

  /// Files that are followed, those that vanished left out.
  package var files: Int { filesCell.load(ordering: .relaxed) }
  /// Files that could not be read at the last attempt.
  package var filesFailing: Int { failingCell.load(ordering: .relaxed) }
  package var bytesRead: Int { bytesReadCell.load(ordering: .relaxed) }
  /// Bytes between what is consumed and the files' ends.
  package var bytesBehind: Int { bytesBehindCell.load(ordering: .relaxed) }
  /// How often a file was found to hold something else than what was read from it.
  package var restarts: Int { restartsCell.load(ordering: .relaxed) }

  func addFiles(_ number: Int) { filesCell.add(number, ordering: .relaxed) }
  func addFailing(_ number: Int) { failingCell.add(number, ordering: .relaxed) }
  func addBytesRead(_ number: Int) { bytesReadCell.add(number, ordering: .relaxed) }
  func addBytesBehind(_ number: Int) { bytesBehindCell.add(number, ordering: .relaxed) }
  func addRestart() { restartsCell.add(1, ordering: .relaxed) }
}
