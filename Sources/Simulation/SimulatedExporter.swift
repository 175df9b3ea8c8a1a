internal import Ingest
internal import MetricCatalog
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// The exporter under test, from the tailer to the registry, on a simulated machine. To be thrown away: the next one goes
/// on from what one saved, or begins with nothing read.
final class SimulatedExporter {
  /// What it shows for one run.
  struct Shown: Hashable {
    var rows = 0.0
    var seconds = 0.0
    var losses = 0.0
    var observations = 0
    var loss: Double?
    /// What its info says; a run has one at a time.
    var phases: Set<String> = []
    /// What its last line without its end shows in place of the loss; nil: nothing.
    var provisionalLoss: Double?

    /// What another catalog takes over, whose histogram begins anew.
    var underOtherCatalog: Shown {
      var shown = self
      shown.losses = 0
      shown.observations = 0
      return shown
    }

    /// What of it outlives the exporter.
    var certain: Shown {
      var shown = self
      shown.provisionalLoss = nil
      return shown
    }
  }

  let notifier: SimulatedNotifier
  private let tailer: Tailer
  private let registry: Registry
  private let ingest: LogIngest
  private let clock: SimulatedClock

  /// The watchers of a script.
  static let watchers = """
      w:
        files: "runs/{run}/results.csv"
        format: csv
        each_record: rows_total
        fields: { loss: [loss, losses], time: { metric: seconds_total, from: running_total } }
    """

  /// A catalog with these watchers for the metrics that are shown.
  ///
  /// - Parameter bounds: of the histogram; where they change, logs are read again for it.
  static func catalog(watchers: String, bounds: String = "[1]") throws(Simulation.Failure) -> Catalog {
    let text = """
      version: 1
      labels: { run: { max_values: 100 }, phase: { max_values: 1000 } }
      metrics:
        loss: { type: gauge, help: h, labels: [run] }
        rows_total: { type: counter, help: h, labels: [run] }
        seconds_total: { type: counter, help: h, labels: [run] }
        losses: { type: histogram, help: h, labels: [run], buckets: \(bounds) }
        phase_info: { type: info, help: h, labels: [run, phase] }
      watchers:
      \(watchers)
      """
    let loading = CatalogLoader.load(bytes: Array(text.utf8), path: "/w/metrics.yaml")
    guard let catalog = loading.catalog else {
      throw Simulation.Failure(description: "the catalog is wrong: \(loading.diagnostics.map(\.message))")
    }
    return catalog
  }

  /// - Parameters:
  ///   - saved: what another one saved; nil: nothing.
  ///   - former: that one, if it was of this process: it had another catalog.
  init(
    catalog: Catalog,
    files: SimulatedFileSystem,
    options: SimulationOptions,
    saved: SavedState?,
    after former: SimulatedExporter? = nil
  ) throws(StateDecoder.Failure) {
    let clock = files.clock
    self.clock = clock
    notifier = SimulatedNotifier(files: files, usesEvents: options.usesEvents)
    let registry = Registry(metrics: catalog.metrics, limits: catalog.limits.registry)
    let ingest = LogIngest(catalog: catalog, registry: registry, clock: { clock.now })
    self.registry = registry
    self.ingest = ingest
    let watchers = catalog.watchers.map {
      TailedWatcher(name: $0.name, root: "/w", files: $0.files, exclude: $0.exclude, ignoreOlder: $0.ignoreOlder)
    }
    var tailing = TailerOptions()
    tailing.turnBytesMax = options.turnBytesMax
    if options.hasShortTurns { (tailing.turnTimeMax, tailing.namesPerTurnMax) = (.zero, 2) }
    tailer = Tailer(
      watchers: watchers,
      options: tailing,
      files: files,
      notifier: notifier,
      clock: { clock.now },
      open: ingest.open
    )
    if let saved { try SavedReading(saved).restore(registry, ingest, tailer) }
    if let former { tailer.takeOver(from: former.tailer) }
  }

  /// All that another one goes on from.
  func saveAll() -> SavedState {
    SavedState(SavedReading.encode(registry, ingest, tailer, scope: .all, isWhole: true))
  }

  /// What the state file holds once it was saved again. Every few times it is a new whole.
  func save() -> SavedState {
    let isWhole = file.map { $0.changes.count >= Self.changesMax } ?? true
    let saved = SavedReading.encode(registry, ingest, tailer, scope: .fedByLogs, isWhole: isWhole)
    if file == nil { file = SavedState(saved) } else if !saved.isEmpty { file?.save(saved) }
    return file ?? SavedState(saved)
  }

  private var file: SavedState?
  private static let changesMax = 20

  /// What the state file holds when the tailer has said that it is time.
  func onCheckpoint(_ save: @escaping (SavedState) -> Void) {
    tailer.onCheckpoint = { [unowned self] in
      save(self.save())
      return true
    }
  }

  /// Reads what is there, before anything is shown.
  func catchUp() { tailer.catchUp() }

  /// - Returns: when the next turn is due, on the monotonic clock.
  func turn() -> Int64 { tailer.turn() }

  var filesFailing: Int { tailer.counters[0].filesFailing.load(ordering: .relaxed) }

  /// By run.
  var shown: [Int: Shown] {
    var shown: [Int: Shown] = [:]
    for family in registry.snapshot() {
      for page in family.pages {
        for position in 0..<page.count {
          let series = page.series(at: position)
          guard !series.isDropped, let run = Int(series.labelValue(at: 0).dropFirst()) else { continue }
          switch family.metric.descriptor.name {
          case "loss":
            if !series.isProvisional { shown[run, default: Shown()].loss = series.ownNumber }
            if series.provisionalFeeder != nil { shown[run, default: Shown()].provisionalLoss = series.number }
          case "rows_total": shown[run, default: Shown()].rows = series.number ?? 0
          case "phase_info":
            shown[run, default: Shown()].phases.insert(series.labelValue(at: 1))
          case "seconds_total": shown[run, default: Shown()].seconds = series.number ?? 0
          default:
            shown[run, default: Shown()].losses = series.histogram?.sum ?? 0
            shown[run, default: Shown()].observations = Int(series.histogram?.buckets.last ?? 0)
          }
        }
      }
    }
    return shown
  }
}

/// What of the exporter a simulation may choose.
package struct SimulationOptions {
  package var usesEvents = true
  package var turnBytesMax = 4 << 20
  /// Whether each turn does as little as it may: one log, one folder, two names.
  package var hasShortTurns = false
  /// What the rows are numbered from.
  package var firstRow = 1_000_000

  package init() {}
}
