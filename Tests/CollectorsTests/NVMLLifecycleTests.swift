import Collectors
import Foundation
import Synchronization
import Testing

/// GPUs, drivers and libraries that go and come back.
@Suite struct NVMLLifecycleTests {
  // MARK: No driver

  @Test func aMachineWithoutADriverSaysSo() {
    let collector = NVMLCollector(libraries: ["libnvidia-ml-that-nobody-has.so.1"])
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    #expect(batch.records.isEmpty && batch.problems.count == 1)
    #expect(batch.problems.first?.hasPrefix("libnvidia-ml-that-nobody-has.so.1: ") == true)
  }

  @Test func aLibraryThatComesLaterIsFoundWithinAMinute() throws {
    let library = try FakeNVML(GPUBench.two)
    let clock = TurnedClock()
    let path = library.path + ".later"
    let collector = NVMLCollector(libraries: ["nothing.so.1", path], clock: { clock.now })
    defer { try? FileManager.default.removeItem(atPath: path) }
    func collect(after duration: Duration) -> ReadingBatch {
      clock.advance(duration)
      var batch = ReadingBatch()
      collector.collect(into: &batch)
      return batch
    }
    #expect(collect(after: .zero).problems.count == 1)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: library.path)
    // Not looked for again yet; the reason still stands.
    #expect(collect(after: .seconds(59)).problems.first?.hasPrefix("nothing.so.1: ") == true)
    #expect(library.calls("nvmlInit_v2") == 0)
    let batch = collect(after: .seconds(2))
    #expect(batch.problems.isEmpty && batch.values(NVMLCollector.self, "gpu", "1")?["gpu.up"] == 1)
  }

  @Test func aDriverThatIsNotLoadedIsTriedAgainMoreAndMoreSeldom() throws {
    let bench = try GPUBench(GPUBench.two.merging(["nvmlInit": "!9"]) { $1 })
    #expect(bench.collect().problems == ["nvmlInit_v2: Driver Not Loaded (error 9)"])
    #expect(bench.batch.records.isEmpty)
    var attempts: [Int] = []
    for second in 1...700 {
      let before = bench.library.calls("nvmlInit_v2")
      #expect(bench.collect(after: .seconds(1)).problems.count == 1)
      if bench.library.calls("nvmlInit_v2") > before { attempts.append(second) }
    }
    #expect(attempts == [5, 15, 35, 75, 155, 315, 615])
    bench.library["nvmlInit"] = nil
    bench.collect(after: .seconds(300))
    #expect(bench.gpu(0)?["gpu.up"] == 1 && bench.gpu(1)?["gpu.up"] == 1)
    #expect(bench.library.initialized == 1)
  }

  // MARK: A lost GPU

  @Test(arguments: [15, 16]) func aLostGPUTakesNoOtherWithIt(code: Int) throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    bench.library["1 everything"] = "!\(code)"
    #expect(bench.collect(after: .seconds(1)).problems.count == 1)
    #expect(bench.gpu(0)?["power.usage_watts"] == 100)
    #expect(bench.gpu(1) == ["gpu.up": 0])
    #expect(bench.batch.records.count == 3)
    // Its identity stays, and no further call is made of it.
    #expect(bench.batch.records[2].labels == ["1", "GPU-1", "Plain", "00000000:01:00.0"])
    let calls = bench.library.calls("nvmlDeviceGetPowerUsage")
    bench.collect(after: .seconds(1))
    #expect(bench.library.calls("nvmlDeviceGetPowerUsage") == calls + 1)
    #expect(bench.library.calls("nvmlInit_v2") == 1 && bench.library.calls("nvmlShutdown") == 0)
  }

  @Test func aLostGPUComesBackByItself() throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    bench.library["1 everything"] = "!15"
    bench.library["1 handle"] = "!15"
    var attempts: [Int] = []
    for second in 1...200 {
      let before = bench.library.calls("nvmlInit_v2")
      bench.collect(after: .seconds(1))
      if bench.library.calls("nvmlInit_v2") > before { attempts.append(second) }
      #expect(bench.gpu(0)?["power.usage_watts"] == 100, "after \(second) s")
      #expect(bench.gpu(1) == ["gpu.up": 0], "after \(second) s")
      #expect(!bench.batch.problems.isEmpty)
    }
    // It was lost after one second.
    #expect(attempts == [6, 16, 36, 76, 156])
    bench.library["1 everything"] = nil
    bench.library["1 handle"] = nil
    bench.collect(after: .seconds(160))
    #expect(bench.batch.problems.isEmpty && bench.gpu(1)?["power.usage_watts"] == 200)
    #expect(bench.library.initialized == 1)
    // The next loss is met as quickly as the first.
    bench.library["1 everything"] = "!15"
    bench.collect(after: .seconds(1))
    let before = bench.library.calls("nvmlInit_v2")
    bench.library["1 everything"] = nil
    bench.collect(after: .seconds(5))
    #expect(bench.library.calls("nvmlInit_v2") == before + 1 && bench.gpu(1)?["gpu.up"] == 1)
  }

  @Test func aGPUThatIsLostWhileItIsReadLeavesNoHalf() throws {
    let bench = try GPUBench(GPUBench.two.merging(["0 nvmlDeviceGetTotalEccErrors 1 1": "!15"]) { $1 })
    #expect(bench.collect().problems == ["GPU 0 (GPU-0): nvmlDeviceGetTotalEccErrors: GPU is lost (error 15)"])
    #expect(bench.gpu(0) == ["gpu.up": 0] && bench.gpu(1)?["gpu.up"] == 1)
    #expect(bench.parts("gpu.ecc").isEmpty)
  }

  @Test func aGPUThatAnswersUnknownToEverythingIsLost() throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    bench.library["0 everything"] = "!999"
    bench.collect(after: .seconds(1))
    #expect(bench.gpu(0) == ["gpu.up": 0] && bench.gpu(1)?["gpu.up"] == 1)
    #expect(bench.batch.problems.count == 1)
  }

  @Test func aGPUThatIsLostFromTheStartIsShownByItsNumber() throws {
    let bench = try GPUBench(GPUBench.two.merging(["0 handle": "!15"]) { $1 })
    bench.collect()
    #expect(bench.batch.problems == ["GPU 0: nvmlDeviceGetHandleByIndex_v2: GPU is lost (error 15)"])
    #expect(bench.batch.values(NVMLCollector.self, "gpu", "0", "unknown") == ["gpu.up": 0])
    #expect(bench.gpu(1)?["gpu.up"] == 1)
    #expect(bench.batch.values(NVMLCollector.self, "driver", "unknown")?["device.count"] == 2)
    bench.library["0 handle"] = nil
    bench.collect(after: .seconds(5))
    #expect(bench.batch.problems.isEmpty && bench.gpu(0)?["gpu.up"] == 1 && bench.batch.records.count == 3)
  }

  // MARK: A lost library

  @Test(arguments: [1, 9, 18]) func aLibraryThatIsLostIsInitializedAnew(code: Int) throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    bench.library["1 nvmlDeviceGetPowerUsage"] = "!\(code)"
    #expect(bench.collect(after: .seconds(1)).problems.count == 1)
    // What was read before is good.
    #expect(bench.gpu(0)?["gpu.up"] == 1 && bench.gpu(1) == ["gpu.up": 0])
    #expect(bench.library.initialized == 0)
    bench.library["1 nvmlDeviceGetPowerUsage"] = "1000"
    bench.collect(after: .seconds(1))
    #expect(bench.gpu(0) == ["gpu.up": 0] && bench.gpu(1) == ["gpu.up": 0] && !bench.batch.problems.isEmpty)
    bench.collect(after: .seconds(4))
    #expect(bench.gpu(1)?["power.usage_watts"] == 1 && bench.batch.problems.isEmpty)
    #expect(bench.library.initialized == 1)
  }

  @Test func gpusThatComeAndGoAreSeen() throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    bench.library["nvmlDeviceGetCount"] = "1"
    bench.collect(after: .seconds(1))
    #expect(bench.gpu(0)?["gpu.up"] == 1 && bench.gpu(1) == nil && bench.batch.problems.isEmpty)
    // Another one in the place of the first.
    bench.library["nvmlDeviceGetCount"] = "2"
    bench.library["0 nvmlDeviceGetUUID"] = "GPU-1"
    bench.library["1 nvmlDeviceGetUUID"] = "GPU-2"
    bench.collect(after: .seconds(1))
    #expect(bench.batch.records.dropFirst().map { $0.labels[1] } == ["GPU-1", "GPU-2"])
    #expect(bench.library.initialized == 1)
  }

  @Test func countsOutliveASession() throws {
    let bench = try GPUBench(
      GPUBench.two.merging(["0 nvmlDeviceRegisterEvents": "0"]) { $1 },
      sampleInterval: .seconds(1)
    )
    bench.collect()
    bench.library.event(device: 0, xid: 79)
    bench.collect(after: .seconds(1))
    let busy = try #require(bench.gpu(0)?["utilization.busy_seconds"])
    #expect(busy > 0.099 && busy < 0.101)
    bench.library["nvmlDeviceGetCount"] = "1"
    bench.collect(after: .seconds(1))
    #expect(bench.library.calls("nvmlInit_v2") == 2)
    #expect(bench.gpu(0)?["xid.errors"] == 1)
    #expect(try #require(bench.gpu(0)?["utilization.busy_seconds"]) > busy)
  }

  // MARK: The end

  @Test func stoppingShutsTheLibraryDown() throws {
    let bench = try GPUBench(GPUBench.two)
    bench.collect()
    #expect(bench.collector.stop())
    #expect(bench.library.initialized == 0)
    #expect(bench.collect(after: .seconds(100)).records.isEmpty && bench.batch.problems.isEmpty)
    #expect(bench.collector.stop())
    #expect(bench.library.calls("nvmlShutdown") == 1)
  }

  @Test func aCollectorThatIsDroppedShutsTheLibraryDown() throws {
    let library = try FakeNVML(GPUBench.two)
    do {
      let collector = NVMLCollector(sampleInterval: .seconds(60), libraries: [library.path])
      var batch = ReadingBatch()
      collector.collect(into: &batch)
      #expect(library.initialized == 1)
    }
    #expect(library.initialized == 0)
  }

  @Test func aCallThatHangsKeepsEveryoneElseOut() throws {
    let bench = try GPUBench(GPUBench.two, sampleInterval: .seconds(3600))
    bench.collect()
    bench.library.hang("nvmlDeviceGetPowerUsage")
    let collector = bench.collector
    let records = Mutex(0)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var batch = ReadingBatch()
      collector.collect(into: &batch)
      records.withLock { $0 = batch.records.count }
      done.signal()
    }
    bench.library.waitForHang()
    let calls = bench.library.calls("nvmlDeviceGetUtilizationRates")
    for _ in 0..<10 { collector.sample() }
    #expect(bench.library.calls("nvmlDeviceGetUtilizationRates") == calls)
    // Whoever ends the program waits only so long, and leaves the library alone.
    #expect(!collector.stop(patience: .milliseconds(20)))
    #expect(bench.library.calls("nvmlShutdown") == 0 && bench.library.overlaps == 0)
    bench.library.hang("")
    done.wait()
    // The call that came back is worth what it says.
    #expect(records.withLock { $0 } == 3)
    #expect(collector.stop())
    #expect(bench.library.calls("nvmlShutdown") == 1 && bench.library.initialized == 0)
  }
}
