import Foundation
import Machines
import Testing

@testable import Collectors

/// What GPUs do between collections.
@Suite struct NVMLSampleTests {
  @Test func integralsHoldAValueForTheTimeBefore() {
    var samples = NVMLSamples()
    let start = ContinuousClock.now
    func take(_ seconds: Double, _ utilization: Double?, _ watts: Double?, _ bytes: Double?) {
      let look = NVMLSamples.Look(utilization: utilization, powerWatts: watts, memoryUsedBytes: bytes)
      samples.take(look, at: start + .seconds(seconds), gapMax: .seconds(2))
    }
    take(0, 1, 500, 7)
    #expect(samples.report() == [1, 0, 0, 1, 500, 7])
    take(0.5, 0.5, 100, 9)
    take(1, 0, 300, 8)
    // 0.5 s half busy; 50 J and 150 J.
    #expect(samples.report() == [3, 0.25, 200, 0.5, 300, 9])
    // Nothing new: the highest values are not known, the rest stays.
    #expect(samples.report() == [3, 0.25, 200, nil, nil, nil])
    // A clock that stands still, or a gap of which nothing is known.
    take(1, 1, 1000, 1)
    take(3.1, 1, 1000, 1)
    #expect(samples.report() == [5, 0.25, 200, 1, 1000, 1])
    take(5, 1, 1000, 1)
    #expect(samples.report()[1].map { abs($0 - 2.15) < 1e-9 } == true)
  }

  @Test func whatAGPUDoesNotHaveStaysAbsent() {
    var samples = NVMLSamples()
    samples.take(.init(powerWatts: 5), at: .now, gapMax: .seconds(1))
    #expect(samples.report() == [1, nil, 0, nil, 5, nil])
  }

  @Test func theTimerSamplesUntilItIsStopped() throws {
    let bench = try GPUBench(GPUBench.two, sampleInterval: .milliseconds(20))
    bench.collect()
    let before = bench.library.calls("nvmlDeviceGetUtilizationRates")
    bench.library.waitForCalls("nvmlDeviceGetUtilizationRates", before + 6)
    #expect(bench.collector.stop())
    let after = bench.library.calls("nvmlDeviceGetUtilizationRates")
    bench.collector.sample()
    #expect(bench.library.calls("nvmlDeviceGetUtilizationRates") == after && bench.library.overlaps == 0)
  }
}
