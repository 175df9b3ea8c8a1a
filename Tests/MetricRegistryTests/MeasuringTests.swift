import MetricModel
import Synchronization
import Testing

@testable import MetricRegistry

/// What is put around the work of an application: timers and counts of calls and errors.
@Suite struct MeasuringTests {
  /// The time goes on by 2 s with each look at the clock, so that each body takes 2 s.
  private static func registry() -> Registry {
    let clock = Atomic<Int64>(0)
    return Registry(
      metrics: [
        MetricDescriptor(name: "h_seconds", type: .histogram, help: "", buckets: [1, 3]),
        MetricDescriptor(name: "s_seconds", type: .summary, help: ""),
        MetricDescriptor(name: "c_total", type: .counter, help: ""),
        MetricDescriptor(
          name: "e_total",
          type: .counter,
          help: "",
          labels: [LabelDescriptor(name: "stage"), LabelDescriptor(name: "error_type", maxValues: 2)]
        ),
      ],
      limits: RegistryLimits(),
      now: { 0 },
      monotonic: { clock.add(2_000_000_000, ordering: .relaxed).newValue }
    )
  }

  private enum Mistake: Error { case wanted }
  private struct Other: Error {}
  /// What cannot be copied comes back, too.
  private struct Whole: ~Copyable { let number = 7 }

  private static func fail() throws(Mistake) -> Int { throw .wanted }
  private static func wait() async throws(Mistake) -> Int {
    await Task.yield()
    throw .wanted
  }

  @Test func aBodyIsTimedWhetherItReturnsOrThrows() throws {
    let registry = Self.registry()
    let histogram = try registry.histogram("h_seconds").handle()
    #expect(histogram.time { 3 } == 3)
    #expect(histogram.time { Whole() }.number == 7)
    do throws(Mistake) {
      _ = try histogram.time(Self.fail)
      Issue.record("it throws")
    } catch {
      // The type of the error is kept, so that no other case is possible.
      switch error {
      case .wanted: break
      }
    }
    #expect(histogram.series.histogram?.buckets == [0, 3, 3])
    #expect(histogram.series.histogram?.sum == 6)
    let summary = try registry.summary("s_seconds").handle()
    summary.time {}
    #expect(summary.series.summary?.sum == 2)
  }

  @MainActor @Test func anAsynchronousBodyIsTimedWhereItsCallerRuns() async throws {
    let registry = Self.registry()
    let histogram = try registry.histogram("h_seconds").handle()
    var calls = 0
    let result = await histogram.time {
      await Task.yield()
      calls += 1
      return calls
    }
    #expect(result == 1)
    // A synchronous body needs no `await` in an asynchronous function.
    #expect(histogram.time { calls } == 1)
    do throws(Mistake) {
      _ = try await histogram.time(Self.wait)
      Issue.record("it throws")
    } catch {
      switch error {
      case .wanted: break
      }
    }
    #expect(histogram.series.histogram?.sum == 6)
  }

  @Test func aTimerObservesOnceAndOnlyWhenItIsStopped() throws {
    let histogram = try Self.registry().histogram("h_seconds").handle()
    let timer: Histogram.Timer = histogram.startTimer()
    _ = histogram.startTimer()
    #expect(histogram.series.histogram?.buckets == [0, 0, 0])
    #expect(timer.stop() == 4, "the clock was looked at twice since")
    #expect(timer.stop() == nil)
    #expect(histogram.series.histogram?.buckets == [0, 0, 1])
  }

  @Test func callsAreCountedWithOrWithoutErrors() async throws {
    let counter = try Self.registry().counter("c_total").handle()
    #expect(counter.countCalls { 3 } == 3)
    #expect(throws: Mistake.self) { try counter.countCalls(Self.fail) }
    #expect(counter.series.number == 1)
    #expect(throws: Mistake.self) { try counter.countCalls(includingErrors: true, Self.fail) }
    #expect(counter.series.number == 2)
    await #expect(throws: Mistake.self) { try await counter.countCalls(includingErrors: true, Self.wait) }
    await counter.countCalls { await Task.yield() }
    #expect(counter.series.number == 4)
  }

  @Test func errorsAreCountedByTypeAndThrownOnInAnyCase() async throws {
    let registry = Self.registry()
    let errors = try registry.counter("e_total")
    #expect(errors.countErrors(labels: ["stage": "a"]) { 3 } == 3)
    #expect(throws: Mistake.self) { try errors.countErrors(labels: ["stage": "a"], Self.fail) }
    await #expect(throws: Mistake.self) { try await errors.countErrors(labels: ["stage": "a"], Self.wait) }
    #expect(throws: Other.self) { try errors.countErrors(labels: ["stage": "a"]) { throw Other() } }
    #expect(errors.with("a", "Mistake")?.series.number == 2)
    #expect(errors.with("a", "Other")?.series.number == 1)
    #expect(registry.rejections().isEmpty)
    // No room for a third type, no value for `stage`, and no such label: each is counted, none keeps the error.
    #expect(throws: CancellationError.self) {
      try errors.countErrors(labels: ["stage": "a"]) { throw CancellationError() }
    }
    #expect(throws: Other.self) { try errors.countErrors { throw Other() } }
    #expect(throws: Other.self) { try registry.counter("c_total").countErrors { throw Other() } }
    #expect(Set(registry.rejections().map(\.rejection.reason)) == [.labelUndeclared, .labelMissing, .labelMaxValues])
  }
}
