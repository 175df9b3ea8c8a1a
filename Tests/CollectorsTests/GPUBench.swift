import Collectors
import Foundation
import Machines
import Synchronization

/// A clock that a test turns.
final class TurnedClock: Sendable {
  private let time = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// A collector before a fake library, and what it gave last.
final class GPUBench {
  let library: FakeNVML
  let clock = TurnedClock()
  let collector: NVMLCollector
  private(set) var batch = ReadingBatch()

  init(
    _ lines: [String: String],
    isOld: Bool = false,
    sampleInterval: Duration? = nil,
    wanted: Set<String>? = nil,
    root: String = "/nothing/here"
  ) throws {
    library = try FakeNVML(lines, isOld: isOld)
    collector = NVMLCollector(
      sampleInterval: sampleInterval,
      wanted: wanted,
      libraries: [library.path],
      root: root,
      clock: { [clock] in clock.now }
    )
  }

  /// Collects after so long.
  @discardableResult
  func collect(after duration: Duration = .zero) -> ReadingBatch {
    clock.advance(duration)
    batch.removeAll()
    collector.collect(into: &batch)
    return batch
  }

  /// Readings of a GPU, which stand for whatever it has.
  func gpu(_ number: Int) -> [String: Double]? { batch.values(NVMLCollector.self, "gpu", String(number)) }

  /// All records of a kind, each as its labels after the GPU's own and its values.
  func parts(_ record: String, of number: Int = 0) -> [[String]: [String: Double]] {
    let records = NVMLCollector.descriptor.records
    guard let kind = records.firstIndex(where: { $0.name == record }) else { return [:] }
    let names = records[kind].readings.map(\.name)
    let found = batch.records.filter { $0.kind == kind && $0.labels.first == String(number) }
    return Dictionary(
      found.map { record in
        let values = zip(names, batch.values[record.values]).compactMap { name, value in value.map { (name, $0) } }
        return (Array(record.labels.dropFirst(4)), Dictionary(values, uniquingKeysWith: { first, _ in first }))
      },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// A GPU that has little.
  static func plain(_ number: Int) -> [String: String] {
    [
      "\(number) nvmlDeviceGetUUID": "GPU-\(number)",
      "\(number) nvmlDeviceGetName": "Plain",
      "\(number) nvmlDeviceGetPciInfo_v3": "00000000:0\(number):00.0",
      "\(number) nvmlDeviceGetUtilizationRates": "\(10 * (number + 1)) 5",
      "\(number) nvmlDeviceGetPowerUsage": "\(100_000 * (number + 1))",
    ]
  }

  /// Two of them.
  static let two = plain(0).merging(plain(1)) { first, _ in first }.merging(["nvmlDeviceGetCount": "2"]) { $1 }
}
