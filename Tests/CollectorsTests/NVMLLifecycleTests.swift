import Collectors
import Foundation
import Machines
import Synchronization
import Testing

/// Libraries that come late, hang and end; the scenes of `collectors` show what is read.
@Suite struct NVMLLifecycleTests {
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

  @Test func processesThatComeMeanwhileAreMetByMoreRoom() throws {
    func bench(_ processes: String) throws -> GPUBench {
      try GPUBench(GPUBench.two.merging(["0 nvmlDeviceGetComputeRunningProcesses_v3": processes]) { $1 })
    }
    let some = try bench("many 70 1000 3")
    #expect(some.collect().problems.isEmpty)
    #expect(some.parts("gpu.process").count == 3070)
    // More of them come after each call than there is room for.
    let other = try bench("many 70 20000 9")
    #expect(other.collect().problems.count == 1)
    #expect(other.parts("gpu.process").isEmpty && other.gpu(0)?["gpu.up"] == 1)
  }
}
