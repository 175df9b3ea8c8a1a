import Foundation
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

  @Test func samplesFindWhatIsBetweenCollections() throws {
    let bench = try GPUBench(
      GPUBench.two.merging(["0 nvmlDeviceGetMemoryInfo": "1000 900 100"]) { $1 },
      sampleInterval: .seconds(3600)
    )
    bench.collector.sample()
    #expect(bench.library.calls("nvmlInit_v2") == 0)
    bench.collect()
    #expect(bench.gpu(0)?["utilization.busy_seconds"] == 0)
    for (utilization, power, memory) in [("100 0", "700000", "1000 100 900"), ("0 0", "50000", "1000 999 1")] {
      bench.library["0 nvmlDeviceGetUtilizationRates"] = utilization
      bench.library["0 nvmlDeviceGetPowerUsage"] = power
      bench.library["0 nvmlDeviceGetMemoryInfo"] = memory
      bench.clock.advance(.seconds(1))
      bench.collector.sample()
    }
    bench.collect()
    let gpu = try #require(bench.gpu(0))
    #expect(gpu["utilization.busy_seconds"] == 1 && gpu["energy.sampled_joules"] == 750)
    #expect(gpu["utilization.gpu_maximum_ratio"] == 1 && gpu["power.maximum_watts"] == 700)
    #expect(gpu["memory.used_maximum_bytes"] == 900 && gpu["memory.used_bytes"] == 1)
    bench.collect()
    #expect(bench.gpu(0)?["power.maximum_watts"] == 50)
  }

  @Test func aGPUThatIsLostBetweenCollectionsIsLeftAlone() throws {
    let bench = try GPUBench(GPUBench.two, sampleInterval: .seconds(3600))
    bench.collect()
    bench.library["0 everything"] = "!15"
    bench.collector.sample()
    bench.collector.sample()
    #expect(bench.library.calls("nvmlDeviceGetPowerUsage") == 4 + 2)
    bench.library["0 everything"] = nil
    bench.collect(after: .seconds(1))
    #expect(bench.gpu(0) == ["gpu.up": 0] && bench.gpu(1)?["sample.count"] == 4)
    bench.collect(after: .seconds(5))
    #expect(bench.gpu(0)?["gpu.up"] == 1)
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
