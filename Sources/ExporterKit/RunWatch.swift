internal import Dispatch
internal import ServiceLifecycle

/// Looks for what runs have beside their logs, their processes or their other files, on a thread of its own.
struct RunWatchService: Service {
  private let name: String
  /// Looks once. Blocks for as long as the file system takes to be read.
  private let look: @Sendable () -> Void
  private let stopped = DispatchSemaphore(value: 0)

  /// A run whose process went is told of so much later at most, and the grace time.
  private static let interval: DispatchTimeInterval = .seconds(5)

  init(named name: String = "runs", look: @escaping @Sendable () -> Void) {
    self.name = name
    self.look = look
  }

  func run() async throws {
    try await onThread(named: name, stop: { stopped.signal() }, endTimeMax: servicesEndTimeMax, lookOn)
  }

  private func lookOn() {
    repeat { look() } while stopped.wait(timeout: .now() + Self.interval) == .timedOut
  }
}
