internal import Dispatch
internal import ServiceLifecycle

/// Looks for the processes of runs, on a thread of its own.
struct RunWatchService: Service {
  /// Looks once. Blocks for as long as `/proc` takes to be read.
  let look: @Sendable () -> Void
  private let stopped = DispatchSemaphore(value: 0)

  /// A run whose process went is told of so much later at most, and the grace time.
  private static let interval: DispatchTimeInterval = .seconds(5)

  init(look: @escaping @Sendable () -> Void) { self.look = look }

  func run() async throws {
    try await onThread(named: "runs", stop: { stopped.signal() }, endTimeMax: servicesEndTimeMax, lookOn)
  }

  private func lookOn() {
    repeat { look() } while stopped.wait(timeout: .now() + Self.interval) == .timedOut
  }
}
