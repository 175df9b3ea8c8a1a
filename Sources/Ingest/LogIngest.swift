internal import Glibc
internal import LogFormats
package import MetricCatalog
package import MetricRegistry
package import Tailing

/// From files to series: makes a consumer for each log that the tailer finds, by the catalog's mapping.
///
/// Used on the tailer's thread only, but for `counters`.
package final class LogIngest {
  /// What became of the records of each watcher, in the catalog's order.
  package let counters: [RecordCounters]

  private let catalog: Catalog
  private let registry: Registry
  private let warn: (String) -> Void
  private let plans: [WatcherPlan]
  private let scratch = BatchScratch()
  private let infoUsers = InfoUsers()
  private var documentGroups: [DocumentGroupKey: DocumentGroup] = [:]

  private struct DocumentGroupKey: Hashable {
    var watcher: Int
    var captures: [String: String]
  }

  /// - Parameter warn: takes what people should know of a log, a line each.
  package init(catalog: Catalog, registry: Registry, warn: @escaping (String) -> Void = { _ in }) {
    self.catalog = catalog
    self.registry = registry
    self.warn = warn
    let counters = catalog.watchers.map { _ in RecordCounters() }
    self.counters = counters
    plans = zip(catalog.watchers, counters).map { watcher, counters in
      WatcherPlan(watcher: watcher, metrics: catalog.metrics, counters: counters)
    }
    StartingSeries(catalog: catalog).materialize(in: registry)
  }

  /// The consumer of a log that was found.
  package func open(_ file: LogFile) -> any LogConsumer {
    let plan = plans[file.watcher]
    if let group = documentGroup(plan: plan, file: file) { return DocumentLog(group: group) }
    let mapping = makeMapping(plan, captures: file.captures)
    let format = plan.watcher.format
    let lineBytesMax = catalog.limits.lineBytes
    return LineLog(mapping: mapping, scratch: scratch, path: file.path, warn: warn) {
      makeLineParser(format, lineBytesMax: lineBytesMax, fields: Self.fieldTable(mapping))
    }
  }

  /// nil: the watcher's logs are lines.
  private func documentGroup(plan: WatcherPlan, file: LogFile) -> DocumentGroup? {
    let key = DocumentGroupKey(watcher: file.watcher, captures: file.captures)
    if let group = documentGroups[key] { return group }
    let mapping = makeMapping(plan, captures: file.captures)
    guard let parser = makeDocumentParser(plan.watcher.format, fields: Self.fieldTable(mapping)) else { return nil }
    let group = DocumentGroup(mapping: mapping, scratch: scratch, parser: parser)
    documentGroups[key] = group
    return group
  }

  private func makeMapping(_ plan: WatcherPlan, captures: [String: String]) -> RecordMapping {
    RecordMapping(plan: plan, captures: captures, registry: registry, infoUsers: infoUsers)
  }

  private static func fieldTable(_ mapping: RecordMapping) -> FieldTable {
    FieldTable { name, slot in mapping.resolve(field: name, slot: slot) }
  }
}

/// Nanoseconds since 1970.
func wallClockNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
