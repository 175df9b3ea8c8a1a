internal import Collectors
internal import Glibc
public import MetricCatalog
public import MetricModel

/// Every reading of a collector with its value here and now: what `training-exporter readings` shows.
public struct ReadingsListing: Sendable {
  public struct Row: Sendable {
    public var collector: String
    public var reading: ReadingDescriptor
    /// Names and values, in the record's order.
    public var labels: [Sample.Label]
    /// nil: this machine does not have it, or not now.
    public var value: Double?
  }

  public var rows: [Row] = []
  /// What could not be read, each beginning with the collector's name.
  public var problems: [String] = []

  /// The names of all collectors.
  public static var collectors: [String] { Collectors.descriptors.map(\.name) }

  /// Readings that are rates are over so long.
  private static let rateTime: Duration = .seconds(1)

  /// Takes all readings of some collectors twice, a second apart, so that rates are among them. Blocks.
  ///
  /// - Parameters:
  ///   - names: of collectors; those that there are not are left out.
  ///   - catalog: whose settings of the collectors are used, where it has them.
  public init(of names: [String], catalog: Catalog?) {
    let types = Collectors.all.filter { names.contains($0.descriptor.name) }
    let collectors = types.map { type in
      let name = type.descriptor.name
      let given = catalog?.collectors.first { $0.name == name }
      // All readings, not only those that the catalog maps.
      return type.init(settings: Catalog.Collector(name: name, readings: [], options: given?.options ?? [:]))
    }
    var batch = ReadingBatch()
    for collector in collectors {
      batch.removeAll()
      collector.collect(into: &batch)
    }
    usleep(useconds_t(Self.rateTime.components.seconds) * 1_000_000)
    for (type, collector) in zip(types, collectors) {
      batch.removeAll()
      collector.collect(into: &batch)
      add(batch, type.descriptor)
      collector.end()
    }
  }

  private mutating func add(_ batch: ReadingBatch, _ descriptor: CollectorDescriptor) {
    problems += batch.problems.map { "\(descriptor.name): \($0)" }
    for (kind, record) in descriptor.records.enumerated() {
      let found = batch.records.filter { $0.kind == kind }
      for (place, reading) in record.readings.enumerated() {
        let before = rows.count
        for here in found {
          guard let value = batch.values[here.values.lowerBound + place] else { continue }
          let names = record.labels.map(\.name) + here.captures
          rows.append(
            Row(
              collector: descriptor.name,
              reading: reading,
              labels: zip(names, here.labels).map { Sample.Label($0, $1) },
              value: value
            )
          )
        }
        if rows.count == before {
          rows.append(Row(collector: descriptor.name, reading: reading, labels: [], value: nil))
        }
      }
    }
  }
}
