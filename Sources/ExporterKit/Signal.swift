internal import Dispatch
internal import Synchronization

/// One answer from one thread to others that wait for it.
final class Signal: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let answer = Mutex<Bool?>(nil)

  /// The first answer stays.
  func give(_ value: Bool) {
    answer.withLock { $0 = $0 ?? value }
    semaphore.signal()
  }

  /// Blocks until an answer is given.
  func wait() -> Bool {
    semaphore.wait()
    semaphore.signal()
    return answer.withLock { $0 ?? false }
  }

  var isGiven: Bool { answer.withLock { $0 != nil } }

  /// Blocks until an answer is given, or so long.
  func wait(atMost limit: Duration) {
    if isGiven { return }
    let (seconds, attoseconds) = limit.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    if semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success { semaphore.signal() }
  }
}
