internal import CLaunch
internal import Clocks
internal import Explaining
internal import Exposition
internal import Ingest
internal import Logging
internal import MetricCatalog
internal import MetricRegistry
internal import Serving
internal import StateStore
internal import Synchronization

/// All that lives and dies with one catalog: its registry, and the reading of its logs. A reload makes the next one.
final class Generation: Sendable {
  let catalog: Catalog
  let registry: Registry
  let exposition: ExpositionRenderer
  let reading: LogReading
  let collecting: Collecting
  /// The curves of runs, for those who look at them.
  let curves: CurveReader
  let runLookout: RunLookout
  /// Whether all logs that were there at its beginning have been read.
  let isCaughtUp = Atomic<Bool>(false)
  /// nil: the catalog does not look for files of runs beside their logs.
  let runMarks: Mutex<RunMarks?>
  /// What `/-/catalog` shows; nil: a program made the catalog.
  let catalogText: ServedText?
  /// Behind all others: it is let go of last, by the reading or by a scrape that took longer.
  private let memory = GivenBackMemory()

  private init(
    catalog: Catalog,
    logger: Logger,
    state: StateConfiguration?,
    former: Generation?,
    clock: TimeSource
  ) {
    self.catalog = catalog
    let isLoaded = !catalog.text.isEmpty
    catalogText = isLoaded ? ServedText(contentType: "application/yaml; charset=utf-8", bytes: catalog.text) : nil
    registry = Registry(metrics: catalog.metrics, limits: catalog.limits.registry, now: { clock.now.wall })
    exposition = ExpositionRenderer(registry)
    reading = LogReading(catalog: catalog, registry: registry, logger: logger, state: state, clock: clock)
    curves = CurveReader(catalog: catalog, clock: clock)
    let root = WorkingFolder.absolute(catalog.folder)
    runMarks = Mutex(RunMarks(catalog, root: root, logs: reading.runLogs) { clock.now })
    collecting = Collecting(
      catalog: catalog,
      registry: registry,
      former: former?.collecting,
      logger: logger,
      clock: clock
    )
    runLookout = RunLookout(
      catalog,
      reading: reading,
      collecting: collecting,
      former: former?.runLookout,
      logger: logger,
      clock: clock
    )
  }

  /// Begins with nothing, or goes on where another stood.
  ///
  /// - Parameter former: whose collectors go on, where they are the same.
  /// - Parameter onUnusable: called where what was saved cannot be used; then all is read anew.
  static func begin(
    catalog: Catalog,
    logger: Logger,
    state: StateConfiguration?,
    saved: SavedState?,
    former: Generation? = nil,
    clock: TimeSource = .system,
    onUnusable: () -> Void
  ) -> Generation {
    if let saved {
      let restored = Generation(catalog: catalog, logger: logger, state: state, former: former, clock: clock)
      if (try? restored.reading.restore(saved, after: former?.reading)) != nil { return restored }
      onUnusable()
    }
    return Generation(catalog: catalog, logger: logger, state: state, former: former, clock: clock)
  }
}

/// What was freed before it lies scattered among what stays: without this each reload would take new pages.
private final class GivenBackMemory: Sendable {
  deinit { claunch_give_memory_back() }
}
