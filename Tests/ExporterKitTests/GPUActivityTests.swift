import Collectors
import ExporterKit
import Runs
import Testing

@Suite struct GPUActivityTests {
  private static func batch(processes: [(gpu: String, id: String)]) throws -> ReadingBatch {
    let records = NVMLCollector.descriptor.records
    var batch = ReadingBatch()
    func add(_ name: String, _ labels: [String: String], _ values: [String: Double]) throws {
      let kind = try #require(records.firstIndex { $0.name == name })
      batch.add(
        kind,
        labels: records[kind].labels.map { labels[$0.name] ?? "" },
        values: records[kind].readings.map { values[$0.name] }
      )
    }
    for (gpu, ratio) in [("GPU-a", 0.0), ("GPU-b", 0.97)] {
      try add(
        "gpu",
        ["uuid": gpu, "name": "NVIDIA H200"],
        ["utilization.gpu_ratio": ratio, "memory.used_bytes": 4096]
      )
    }
    for process in processes { try add("gpu.process", ["uuid": process.gpu, "pid": process.id], [:]) }
    return batch
  }

  private static func gpus(_ batch: ReadingBatch, of id: UInt64) -> [String: Double?] {
    let process = RunEvidence.Process(
      id: id,
      name: "python",
      state: "S",
      cpuSeconds: 0,
      residentBytes: 0,
      threads: 1
    )
    let gpus = GPUActivity.gpus(in: batch, of: [process])
    #expect(gpus.allSatisfy { $0.name == "NVIDIA H200" && $0.memoryUsedBytes == 4096 })
    return Dictionary(uniqueKeysWithValues: gpus.map { ($0.id, $0.utilizationRatio) })
  }

  @Test func thoseOfTheRunsProcessesAreShown() throws {
    #expect(Self.gpus(try Self.batch(processes: []), of: 7) == ["GPU-a": 0, "GPU-b": 0.97])
    let used = try Self.batch(processes: [("GPU-b", "7"), ("GPU-a", "8")])
    #expect(Self.gpus(used, of: 7) == ["GPU-b": 0.97])
    // Its processes have another number in their container, or none is told.
    #expect(Self.gpus(used, of: 9).count == 2)
    #expect(GPUActivity.gpus(in: ReadingBatch(), of: []).isEmpty)
  }
}
