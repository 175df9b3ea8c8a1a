internal import Collectors
internal import Glibc
public import MetricCatalog
public import MetricModel

/// The readings of collectors with their values on this machine, now: what `training-exporter readings` shows.
public struct ReadingsListing: Sendable {
  /// One reading of one thing, such as the temperature of one GPU.
  public struct Row: Sendable {
    /// The collector's name, such as `nvml`.
    public var collector: String
    /// The reading's description, with its unit.
    public var reading: ReadingDescriptor
    /// The labels that tell the thing apart, with their values, in the order of the record's description. Labels from
    /// captures of the catalog stand at the end.
    public var labels: [Sample.Label]
    /// The value, in `reading.unit`; nil if nothing on this machine has the reading at this moment. Then there is one
    /// row for it, without labels.
    public var value: Double?
  }

  /// A row for each reading of each thing, by collector, then by reading.
  public var rows: [Row] = []
  /// What is there and could not be read, one line each, beginning with the collector's name. At most 16 for each
  /// collector.
  public var problems: [String] = []

  /// The names of all collectors that this exporter has, in the order of the documentation.
  public static var collectors: [String] { Collectors.descriptors.map(\.name) }

  /// Readings that are rates are over so long.
  private static let rateTime: Duration = .seconds(1)

  /// Takes all readings of some collectors. It takes them twice, a second apart, so that rates are among them; the call
  /// blocks for that long, and for as long as the system takes to answer.
  ///
  /// - Parameters:
  ///   - names: the collectors. A name that no collector has is left out.
  ///   - catalog: where the collectors' own keys are taken from, such as `match:`, without which `process` finds
  ///     nothing. All readings are taken, whichever the catalog maps.
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
