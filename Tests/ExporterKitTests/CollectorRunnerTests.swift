import ExporterKit
import Foundation
import Logging
import MetricCatalog
import MetricRegistry
import Testing

/// A collector is asked at its interval, by one thread; what fails or hangs ends its series and nothing else.
@Suite struct CollectorRunnerTests {
  private let script = Script(name: UUID().uuidString)
  private let registry: Registry
  private let catalog: Catalog

  init() throws {
    let yaml = """
      version: 1
      metrics: { thing_value: { type: gauge, help: h } }
      collectors: { scripted: { interval: 10ms, timeout: 20ms, script: \(script.name), readings: { thing.value: thing_value } } }
      """
    let loading = CatalogLoader.load(
      bytes: Array(yaml.utf8),
      path: "m.yaml",
      collectors: [ScriptedCollector.descriptor]
    )
    catalog = try #require(loading.catalog, "\(loading.diagnostics)")
    registry = Registry(metrics: catalog.metrics)
  }

  private func runner(timeout: Duration? = nil, former: CollectorRunner? = nil) -> CollectorRunner {
    var settings = catalog.collectors[0]
    settings.timeout = timeout ?? .seconds(60)
    return CollectorRunner(
      settings,
      type: ScriptedCollector.self,
      registry: registry,
      catalog: catalog,
      former: former,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    )
  }

  /// What the registry shows; nil: no series.
  private var value: Double? {
    registry.snapshot()[0].pages.lazy.flatMap { page in (0..<page.count).map { page.series(at: $0) } }
      .first { !$0.isDropped }?.number
  }

  /// Waits until it holds; a test's time limit ends one that never does.
  private func eventually(_ holds: () -> Bool) {
    while !holds() { usleep(1000) }
  }

  @Test(.timeLimit(.minutes(10))) func itCollectsUntilItIsStopped() {
    let runner = runner()
    #expect(runner.status().last == nil)
    runner.start()
    runner.waitForFirst(atMost: .seconds(60))
    #expect(value == 1)
    script.state.withLock { $0.value = 2 }
    eventually { value == 2 }
    let status = runner.status()
    #expect(status.last == .success && status.lastSuccess != nil && status.duration != nil)
    #expect(status.collections[0] >= 2 && status.collections[1...].allSatisfy { $0 == 0 })
    runner.stop()
    #expect(value == nil)
    runner.waitForEnd(atMost: .seconds(60))
    let asked = script.state.withLock { $0.asked }
    #expect(runner.status().collections[0] <= UInt64(asked))
    #expect(value == nil)
  }

  @Test(.timeLimit(.minutes(10))) func failuresAndNothingToReadAreOutcomes() {
    let runner = runner()
    runner.start()
    eventually { runner.status().last == .success }
    script.state.withLock { $0.value = nil }
    eventually { runner.status().last == .noData }
    #expect(value == nil)
    // Part of it failed: the rest is shown.
    script.state.withLock { ($0.problem, $0.value) = ("/proc/thing: Permission denied", 5) }
    eventually { runner.status().last == .failure }
    #expect(value == 5 && runner.status().problems == ["/proc/thing: Permission denied"])
    script.state.withLock { $0.value = nil }
    eventually { value == nil }
    script.state.withLock { ($0.problem, $0.value) = (nil, 6) }
    eventually { value == 6 }
    #expect(runner.status().last == .success && runner.status().problems.isEmpty)
    runner.stop()
    runner.waitForEnd(atMost: .seconds(60))
  }

  @Test(.timeLimit(.minutes(10))) func oneThatHangsEndsItsSeriesAndIsAskedNoSecondTime() {
    let runner = runner(timeout: .milliseconds(20))
    script.state.withLock { $0.isHanging = true }
    runner.start()
    eventually { runner.status().last == .timeout }
    #expect(value == nil && runner.status().lastSuccess == nil)
    usleep(50_000)
    #expect(runner.status().collections == [0, 0, 0, 1])
    script.state.withLock { #expect($0.asked == 1) }
    script.release()
    eventually { runner.status().last == .success }
    eventually { value == 1 }
    script.state.withLock { #expect($0.underWayMax == 1) }
    runner.stop()
    runner.waitForEnd(atMost: .seconds(60))
  }

  @Test(.timeLimit(.minutes(10))) func theNextCatalogsRunnerWaitsForTheOneThatHangs() {
    let first = runner()
    script.state.withLock { $0.isHanging = true }
    first.start()
    eventually { script.state.withLock { $0.underWay == 1 } }
    first.stop()
    let next = runner(former: first)
    next.start()
    next.waitForFirst(atMost: .milliseconds(50))
    script.state.withLock { #expect($0.asked == 1 && $0.made == 1) }
    #expect(value == nil)
    script.release()
    eventually { next.status().last == .success }
    #expect(first.status().last == nil)
    // The collector itself went on: its rates have no gap.
    script.state.withLock { #expect($0.made == 1 && $0.underWayMax == 1) }
    next.stop()
    next.waitForEnd(atMost: .seconds(60))
  }
}
