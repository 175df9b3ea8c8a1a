import Dispatch
import Testing

@testable import ExporterKit

/// Whatever blocks, the end comes.
@Suite struct ServicesTests {
  @Test(.timeLimit(.minutes(10))) func aThreadThatHangsHoldsTheEndNoLongerThanItMay() async {
    let (isTold, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let service = LogReadingService(
      follow: { mayEnd.wait() },
      stop: { isTold.signal() },
      endTimeMax: .milliseconds(20)
    )
    let running = Task { try await service.run() }
    running.cancel()
    let result = await running.result
    #expect(throws: ExporterError.self) { try result.get() }
    #expect(isTold.wait(timeout: .now()) == .success)
    mayEnd.signal()
  }

  @Test(.timeLimit(.minutes(10))) func aThreadThatEndsWhenItIsToldToIsWaitedFor() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let service = LogReadingService(follow: { mayEnd.wait() }, stop: { mayEnd.signal() })
    let running = Task { try await service.run() }
    running.cancel()
    try await running.value
  }

  /// At the start runs come one after the other, and none is to be shown long without its mark.
  @Test(.timeLimit(.minutes(1))) func theLookForRunsComesAgainSoonAtTheStart() async throws {
    let (looks, look) = AsyncStream.makeStream(of: Void.self)
    let service = RunWatchService(isBeginning: { true }, look: { look.yield() })
    let running = Task { try await service.run() }
    for await _ in looks.prefix(20) {}
    running.cancel()
    try await running.value
  }
}
