package import Collectors
internal import MetricModel
package import Runs

/// What GPUs did, out of a collection of the collector `nvml`.
package enum GPUActivity {
  package static let collector = NVMLCollector.descriptor.name
  /// Nobody reads more.
  private static let gpusMax = 16

  /// - Parameter processes: where the driver tells which processes use which GPU, only theirs are of interest.
  package static func gpus(in batch: ReadingBatch, of processes: [RunEvidence.Process]) -> [RunEvidence.GPU] {
    let ids = Set(processes.map { "\($0.id)" })
    let theirs = values(of: "gpu.process", in: batch).filter { ids.contains($0.label("pid") ?? "") }
    let used = Set(theirs.compactMap { $0.label("uuid") })
    let all = values(of: "gpu", in: batch).map { record in
      RunEvidence.GPU(
        id: record.label("uuid") ?? "",
        name: record.label("name") ?? "",
        utilizationRatio: record.reading("utilization.gpu_ratio"),
        memoryUsedBytes: record.reading("memory.used_bytes")
      )
    }
    return Array((used.isEmpty ? all : all.filter { used.contains($0.id) }).prefix(gpusMax))
  }

  private struct Record {
    let descriptor: RecordDescriptor
    let labels: [String]
    let values: ArraySlice<Double?>

    func label(_ name: String) -> String? {
      descriptor.labels.firstIndex { $0.name == name }.flatMap { $0 < labels.count ? labels[$0] : nil }
    }

    func reading(_ name: String) -> Double? {
      descriptor.readings.firstIndex { $0.name == name }.flatMap { values[values.startIndex + $0] }
    }
  }

  private static func values(of name: String, in batch: ReadingBatch) -> [Record] {
    let records = NVMLCollector.descriptor.records
    guard let kind = records.firstIndex(where: { $0.name == name }) else { return [] }
    return batch.records.filter { $0.kind == kind }.map { record in
      Record(descriptor: records[kind], labels: record.labels, values: batch.values[record.values])
    }
  }
}
