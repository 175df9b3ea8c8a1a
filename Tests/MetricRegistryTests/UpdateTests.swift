import Foundation
import MetricModel
import MetricRegistry
import Synchronization
import Testing

@Suite struct UpdateTests {
  @Test func everyTypeKeepsItsValue() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "c_total", type: .counter, help: ""),
      MetricDescriptor(name: "g", type: .gauge, help: ""),
      MetricDescriptor(name: "h", type: .histogram, help: "", buckets: [-1, 0, 2.5]),
      MetricDescriptor(name: "s", type: .summary, help: "", quantiles: [0, 0.5, 0.9, 1], window: 10),
      MetricDescriptor(name: "i_info", type: .info, help: "", constant: [.init(name: "version", value: "1")]),
      MetricDescriptor(name: "e", type: .stateset, help: "", states: ["a", "b"]),
    ])
    let counter = try #require(try registry.counter("c_total").with())
    counter.increment()
    counter.increment(by: 0.5)
    #expect(counter.series.number == 1.5)

    let gauge = try #require(try registry.gauge("g").with([:]))
    #expect(gauge.series.number == nil, "a gauge without value does not exist")
    gauge.decrement()
    gauge.increment(by: 3)
    #expect(gauge.series.number == 2)
    gauge.set(.nan)
    #expect(gauge.series.number?.isNaN == true)
    gauge.set(Double(bitPattern: Series.noValueBits))
    #expect(gauge.series.number?.isNaN == true, "whatever NaN it is, it is a value")
    gauge.set(-.infinity)
    #expect(gauge.series.number == -.infinity)

    let histogram = try #require(try registry.histogram("h").with())
    for value in [-2, -1, -0.5, 0, 2.5, 2.6, 7] { histogram.observe(value) }
    for value in [Double.infinity, -.infinity, .nan] { #expect(!histogram.observe(value)) }
    #expect(histogram.series.histogram?.buckets == [2, 4, 5, 7])
    #expect(histogram.series.histogram?.sum == 8.6)

    let summary = try #require(try registry.summary("s").with())
    #expect(summary.series.summary?.quantiles.allSatisfy(\.isNaN) == true)
    for value in 1...25 { summary.observe(Double(value)) }
    #expect(summary.series.summary?.sum == 325)
    #expect(summary.series.summary?.count == 25)
    #expect(summary.series.summary?.quantiles == [16, 20, 24, 25], "of the last ten")

    let info = try #require(try registry.info("i_info").with())
    #expect(info.series.number == nil)
    info.set()
    #expect(info.series.number == 1)

    let state = try #require(try registry.stateSet("e").with())
    #expect(state.set("b") && !state.set("c") && state.series.state == 1)
  }

  @Test func histogramsTakeObservationsInBulkAndKeepThemOverReadings() throws {
    let registry = Registry(metrics: [MetricDescriptor(name: "h", type: .histogram, help: "", buckets: [1, 2])])
    let histogram = try #require(try registry.histogram("h").with())
    histogram.series.addObservations(bucketCounts: [5, 0, 7], sum: 100)
    for round in 1...5 {
      histogram.observe(1.5)
      let reading = try #require(histogram.series.histogram)
      #expect(reading.buckets == [5, 5 + UInt64(round), 12 + UInt64(round)])
      #expect(reading.sum == 100 + 1.5 * Double(round))
    }
  }

  /// Threads update while others scrape: totals are exact, a histogram's parts agree in each reading, nothing falls.
  @Test func updatesAndReadingsAtOnce() throws {
    let run = LabelDescriptor(name: "run", maxValues: 8, evictsOldest: true)
    let registry = Registry(metrics: [
      MetricDescriptor(name: "c_total", type: .counter, help: ""),
      MetricDescriptor(name: "h", type: .histogram, help: "", buckets: [0.5, 1.5, 2.5]),
      MetricDescriptor(name: "s", type: .summary, help: "", quantiles: [0.5], window: 10),
      MetricDescriptor(name: "g", type: .gauge, help: "", labels: [run]),
    ])
    let counter = try #require(try registry.counter("c_total").with())
    let histogram = try #require(try registry.histogram("h").with())
    let summary = try #require(try registry.summary("s").with())
    let gauges = try registry.gauge("g")
    let threads = 4
    let rounds = 20_000
    let progress = Progress(running: threads)
    onThreads(threads + 2) { thread in
      if thread < threads {
        // Nothing is updated before somebody reads.
        while progress.readings.load(ordering: .relaxed) == 0 { sched_yield() }
        for round in 0..<rounds {
          counter.increment()
          histogram.observe(Double(round % 4))
          summary.observe(1)
          if round % 16 == 0 { gauges.with("\(thread)-\(round % 96)")?.set(Double(round)) }
        }
        progress.running.subtract(1, ordering: .releasing)
        return
      }
      var last = (count: 0.0, buckets: [UInt64](repeating: 0, count: 4), sum: 0.0)
      while progress.running.load(ordering: .acquiring) > 0 {
        let reading = histogram.series.histogram ?? ([], 0)
        let count = counter.series.number ?? -1
        progress.readings.add(1, ordering: .relaxed)
        for family in registry.snapshot() {
          for page in family.pages { for position in 0..<page.count { _ = page.series(at: position).number } }
        }
        // Values 0, 1, 2, 3 in their buckets: the sum follows from the counts of the same moment.
        let (zeros, ones, twos, all) = (reading.0[0], reading.0[1], reading.0[2], reading.0[3])
        let expected = Double(ones - zeros) + 2 * Double(twos - ones) + 3 * Double(all - twos)
        if reading.1 != expected { Issue.record("sum \(reading.1), buckets say \(expected)") }
        if count < last.count || reading.1 < last.sum { Issue.record("a count fell") }
        if zip(reading.0, last.buckets).contains(where: { $0 < $1 }) { Issue.record("a bucket fell") }
        last = (count, reading.0, reading.1)
      }
    }
    let total = Double(threads * rounds)
    #expect(counter.series.number == total)
    #expect(histogram.series.histogram?.buckets == [0.25, 0.5, 0.75, 1].map { UInt64($0 * total) })
    #expect(histogram.series.histogram?.sum == total * 1.5)
    #expect(summary.series.summary?.sum == total && summary.series.summary?.count == UInt64(total))
    #expect(registry.seriesCount(metric: 3) == 8)
  }
}

/// How far the threads of a test are.
private final class Progress: Sendable {
  let running: Atomic<Int>
  let readings = Atomic<Int>(0)

  init(running: Int) {
    self.running = Atomic(running)
  }
}

/// Runs `body` on so many threads at once, whatever the number of processors, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let ended = DispatchSemaphore(value: 0)
  for number in 0..<count {
    Thread.detachNewThread {
      body(number)
      ended.signal()
    }
  }
  for _ in 0..<count { ended.wait() }
}
