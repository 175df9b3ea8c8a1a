internal import NIOCore

/// Work of the event loop that may come in great numbers at once, such as answers for all who waited for one rendering: a
/// few pieces at a time, by turns of the clients, so that others are read and written in between.
final class LoopTurns {
  private static let batch = 16
  private static let interval: TimeAmount = .milliseconds(1)

  private let loop: any EventLoop
  private var waiting = Turns<() -> Void>()
  private var began = NIODeadline.uptimeNanoseconds(0)
  private var count = 0
  private var isScheduled = false

  init(_ loop: any EventLoop) {
    self.loop = loop
  }

  /// Does it, at once where little is to be done.
  func run(for client: ClientAddress, _ work: @escaping () -> Void) {
    waiting.append(work, of: client)
    if !isScheduled { goOn() }
  }

  private func goOn() {
    let now = loop.now
    if now - began >= Self.interval { (began, count) = (now, 0) }
    while count < Self.batch {
      guard let work = waiting.next() else { return }
      count += 1
      work()
    }
    guard waiting.count > 0 else { return }
    isScheduled = true
    loop.assumeIsolated().scheduleTask(in: Self.interval) {
      self.isScheduled = false
      self.goOn()
    }
  }
}
