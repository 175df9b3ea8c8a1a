internal import Dispatch
internal import ServiceLifecycle

/// Looks at runs every few seconds, or for their files beside the logs, on a thread of its own.
struct RunWatchService: Service {
  private let name: String
  /// Looks once. Blocks for as long as the file system takes to be read.
  private let look: @Sendable () -> Void
  /// Whether the logs are still being read that were there at the start.
  private let isBeginning: @Sendable () -> Bool
  private let stopped = DispatchSemaphore(value: 0)

  /// A run whose process went is told of so much later at most, and the grace time.
  private static let interval: DispatchTimeInterval = .seconds(5)

  /// At the start runs come one after the other: what is known of them should be so when they are shown first.
  private static let beginningInterval: DispatchTimeInterval = .milliseconds(100)

  init(
    named name: String = "runs",
    isBeginning: @escaping @Sendable () -> Bool = { false },
    look: @escaping @Sendable () -> Void
  ) {
    self.name = name
    self.isBeginning = isBeginning
    self.look = look
  }

  func run() async throws {
    try await onThread(named: name, stop: { stopped.signal() }, endTimeMax: servicesEndTimeMax, lookOn)
  }

  private func lookOn() {
    var interval: DispatchTimeInterval
    repeat {
      interval = isBeginning() ? Self.beginningInterval : Self.interval
      look()
    } while stopped.wait(timeout: .now() + interval) == .timedOut
  }
}
