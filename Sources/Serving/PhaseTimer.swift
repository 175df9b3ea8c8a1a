internal import NIOCore

/// One deadline at a time, moved whenever a connection or a stream goes on to another phase. A timer that fires before
/// the deadline looks again then, so a busy connection seldom touches the event loop's timers. It never decides what a
/// missed deadline means.
final class PhaseTimer {
  private let loop: any EventLoop
  /// Holds its owner, until `stop()`.
  private var isMissed: (() -> Void)?
  private var deadline: NIODeadline = .distantFuture
  private var timer: (scheduled: Scheduled<Void>, fires: NIODeadline)?

  init(_ loop: any EventLoop, isMissed: @escaping () -> Void) {
    self.loop = loop
    self.isMissed = isMissed
  }

  func expect(within duration: Duration) {
    deadline = loop.now + TimeAmount(duration)
    if let timer, timer.fires <= deadline { return }
    timer?.scheduled.cancel()
    schedule()
  }

  /// Until the next `expect(within:)` nothing can be missed.
  func rest() { deadline = .distantFuture }

  func stop() {
    timer?.scheduled.cancel()
    timer = nil
    isMissed = nil
  }

  private func schedule() {
    let fires = deadline
    let scheduled = loop.assumeIsolated().scheduleTask(deadline: fires) { self.timerFired() }
    timer = (scheduled, fires)
  }

  private func timerFired() {
    timer = nil
    guard deadline < .distantFuture else { return }
    if loop.now < deadline { return schedule() }
    rest()
    isMissed?()
  }
}
