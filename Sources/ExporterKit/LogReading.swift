internal import Glibc
internal import Ingest
internal import Logging
internal import MetricCatalog
internal import MetricRegistry
internal import Tailing

/// The reading of all watchers' logs: the tailer, and what maps its files into the registry.
///
/// `readOnce` and `run` block, and are for one thread, one at a time; `stop` and the counters are for any.
final class LogReading: Sendable {
  /// By watcher, in the catalog's order.
  let records: [RecordCounters]
  let tailing: [TailerCounters]

  private let tailer: Tailer

  init(catalog: Catalog, registry: Registry, logger: Logger) {
    let ingest = LogIngest(catalog: catalog, registry: registry, warn: { logger.warning("\($0)") })
    let root = Self.absolute(catalog.folder)
    let watchers = catalog.watchers.map { watcher in
      TailedWatcher(
        name: watcher.name,
        root: root,
        files: watcher.format.isRead ? watcher.files : [],
        exclude: watcher.exclude,
        ignoreOlder: watcher.ignoreOlder
      )
    }
    var options = TailerOptions()
    options.lineBytesMax = catalog.limits.lineBytes
    tailer = Tailer(watchers: watchers, options: options, log: { logger.warning("\($0)") }, open: ingest.open)
    records = ingest.counters
    tailing = tailer.counters
  }

  /// Reads all logs to their ends.
  func readOnce() {
    tailer.readOnce()
  }

  /// Follows the logs until `stop`.
  func run(caughtUp: () -> Void) {
    tailer.run(onCaughtUp: caughtUp)
  }

  func stop() {
    tailer.stop()
  }

  private static func absolute(_ folder: String) -> String {
    guard !folder.hasPrefix("/"), let current = getcwd(nil, 0) else { return folder }
    defer { free(current) }
    let base = String(cString: current)
    return folder == "." ? base : base + "/" + folder
  }
}
