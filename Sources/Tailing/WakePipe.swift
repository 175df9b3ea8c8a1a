internal import Glibc
internal import Synchronization

/// How other threads reach the tailer's: what they ask for, and the pipe by which it hears of that while it waits.
final class WakePipe: Sendable {
  private let stopped = Atomic(false)
  private let checkpoint = Atomic(false)
  private let owner = Atomic(false)
  private let readEnd: Int32
  private let writeEnd: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    if readEnd >= 0 { close(readEnd) }
    if writeEnd >= 0 { close(writeEnd) }
  }

  // MARK: From any thread

  func stop() {
    stopped.store(true, ordering: .releasing)
    wake()
  }

  func requestCheckpoint() {
    checkpoint.store(true, ordering: .releasing)
    wake()
  }

  func requestOwner() {
    owner.store(true, ordering: .releasing)
    wake()
  }

  private func wake() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  // MARK: On the tailer's thread

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  /// Whether a checkpoint was asked for since the last time.
  func takeCheckpointRequest() -> Bool {
    guard checkpoint.exchange(false, ordering: .acquiringAndReleasing) else { return false }
    drain()
    return true
  }

  /// Whether the owner was asked for since the last time.
  func takeOwnerRequest() -> Bool {
    guard owner.exchange(false, ordering: .acquiringAndReleasing) else { return false }
    drain()
    return true
  }

  private func drain() {
    var bytes = (UInt64(0), UInt64(0))
    while read(readEnd, &bytes, 16) == 16 {}
    // What was read may have been another's.
    if isStopped || checkpoint.load(ordering: .acquiring) || owner.load(ordering: .acquiring) { wake() }
  }

  /// Waits until another thread wakes, `descriptor` is readable, or it is time.
  ///
  /// - Parameters:
  ///   - now: monotonic nanoseconds, like `deadline`.
  ///   - descriptor: nil: it is not waited for.
  /// - Returns: whether `descriptor` is readable.
  @discardableResult
  func wait(_ now: Int64, until deadline: Int64, for descriptor: Int32? = nil) -> Bool {
    var waited = [
      pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    // Rounded up, or the last millisecond would be spent turning round and round.
    let milliseconds = max(0, deadline &- now &+ 999_999) / 1_000_000
    _ = poll(&waited, 2, Int32(clamping: milliseconds))
    return waited[1].revents != 0
  }
}
