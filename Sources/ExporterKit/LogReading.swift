internal import Ingest
internal import Logging
internal import MetricCatalog
internal import MetricRegistry
internal import Synchronization
internal import Tailing

/// The reading of all watchers' logs: the tailer, and what maps its files into the registry.
///
/// `readOnce` and `run` block, one at a time; `stop` and the counters are for any thread.
final class LogReading: Sendable {
  /// By watcher, in the order of `watchers`.
  let records: [RecordCounters]
  let tailing: [TailerCounters]

  private let stopper: TailerStop
  private let reader: Mutex<Reader>

  /// What lives on the reading thread.
  private struct Reader {
    let tailer: Tailer
  }

  init(catalog: Catalog, registry: Registry, logger: Logger) throws(ExporterError) {
    let ingest = LogIngest(catalog: catalog, registry: registry)
    let watchers = catalog.watchers.map { watcher in
      TailedWatcher(
        name: watcher.name,
        root: catalog.folder,
        files: watcher.format.isRead ? watcher.files : [],
        exclude: watcher.exclude,
        ignoreOlder: watcher.ignoreOlder
      )
    }
    let tailer: Tailer
    do {
      tailer = try Tailer(
        watchers: watchers,
        options: TailerOptions(lineBytesMax: catalog.limits.lineBytes),
        log: { logger.warning("\($0)") },
        open: { ingest.open($0) }
      )
    } catch {
      throw ExporterError(description: "cannot read logs: the system has no file descriptor left")
    }
    records = ingest.counters
    tailing = tailer.counters
    stopper = tailer.stop
    reader = Mutex(Reader(tailer: tailer))
  }

  /// Reads all logs to their ends.
  func readOnce() {
    reader.withLock { $0.tailer.readOnce() }
  }

  /// Follows the logs until `stop`.
  func run(caughtUp: @Sendable () -> Void) {
    reader.withLock { $0.tailer.run(caughtUp: caughtUp) }
  }

  func stop() {
    stopper.request()
  }
}
