import Clocks
import Exposition
import Ingest
import LogFormats
import MetricCatalog
import MetricRegistry
import PatternSyntax
import StateStore
import Tailing

/// A folder with logs, and the reading of it, which can be thrown away and begun anew from what it saved: what a restart
/// and a reload do, without a process, threads, or events. Time passes only where it is told to.
package final class Station {
  package let folder: LogFolder
  package let clock: StationClock
  package private(set) var registry: Registry
  package private(set) var ingest: LogIngest
  package private(set) var tailer: Tailer
  package var turnBytesMax: Int?
  private let documentsMax: Int?
  private let eventLimits: EventLimits
  private let formats: [FormatDescriptor]
  private let notes = Notes()

  /// How far the times lag that files get, in seconds, as where they come by `rsync -a`.
  package var lag: Int64 {
    get { notes.lag }
    set { notes.lag = newValue }
  }

  /// What people were told.
  package var warnings: [String] { notes.warnings }

  private final class Notes {
    var lag: Int64 = 0
    var warnings: [String] = []
    /// The one that was loaded last, and from what: many restarts have the same.
    private var loaded: (yaml: String, path: String, catalog: Catalog)?

    func catalog(_ yaml: String, at path: String, _ formats: [FormatDescriptor]) throws -> Catalog {
      if let loaded, loaded.yaml == yaml, loaded.path == path { return loaded.catalog }
      let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: path, formats: formats)
      guard let catalog = loading.catalog else {
        throw LogFolder.Failure(description: "the catalog is wrong: \(loading.diagnostics.map(\.message))")
      }
      loaded = (yaml, path, catalog)
      return catalog
    }
  }

  package init(
    _ yaml: String,
    turnBytesMax: Int? = nil,
    documentsMax: Int? = nil,
    eventLimits: EventLimits = EventLimits(),
    formats: [FormatDescriptor] = LogFormats.all,
    in folder: LogFolder? = nil,
    clock: StationClock = StationClock()
  ) throws {
    let folder = try folder ?? LogFolder()
    folder.time = { [notes] in clock.now.wall - notes.lag * 1_000_000_000 }
    self.folder = folder
    self.clock = clock
    self.turnBytesMax = turnBytesMax
    self.documentsMax = documentsMax
    self.eventLimits = eventLimits
    self.formats = formats
    (registry, ingest, tailer) = try Self.begin(
      yaml,
      in: folder,
      turnBytesMax,
      documentsMax,
      eventLimits,
      formats,
      clock,
      notes
    )
  }

  private static func begin(
    _ yaml: String,
    in folder: LogFolder,
    _ turnBytesMax: Int?,
    _ documentsMax: Int?,
    _ eventLimits: EventLimits,
    _ formats: [FormatDescriptor],
    _ clock: StationClock,
    _ notes: Notes
  ) throws -> (Registry, LogIngest, Tailer) {
    let catalog = try notes.catalog(yaml, at: folder.path("metrics.yaml"), formats)
    let registry = Registry(metrics: catalog.metrics, limits: catalog.limits.registry, now: { clock.now.wall })
    let warn = { notes.warnings.append($0) }
    let ingest = LogIngest(
      catalog: catalog,
      registry: registry,
      formats: formats,
      documentsMax: documentsMax,
      eventLimits: eventLimits,
      warn: warn,
      clock: { clock.now }
    )
    var options = TailerOptions()
    options.usesInotify = false
    // One look reads all, however busy the machine is.
    options.turnTimeMax = .seconds(3600)
    if let turnBytesMax { options.turnBytesMax = turnBytesMax }
    let watchers = catalog.watchers.map {
      TailedWatcher(
        name: $0.name,
        root: folder.url.path,
        files: $0.files,
        exclude: $0.exclude,
        ignoreOlder: $0.ignoreOlder,
        tellsCopies: !LogFormats.isOfEvents($0.format)
      )
    }
    let tailer = Tailer(watchers: watchers, options: options, clock: { clock.now }, log: warn, open: ingest.open)
    tailer.onTurn = ingest.sweep
    return (registry, ingest, tailer)
  }

  // MARK: Restarts

  package func save(_ scope: SavedReading.Scope = .fedByLogs) -> [UInt8] {
    SavedReading.encode(registry, ingest, tailer, scope: scope, isWhole: true).bytes
  }

  private func begun(_ yaml: String) throws -> (Registry, LogIngest, Tailer) {
    try Self.begin(yaml, in: folder, turnBytesMax, documentsMax, eventLimits, formats, clock, notes)
  }

  /// What has changed since the last time that something was saved.
  package func saveChanges() -> StateChanges {
    SavedReading.encode(registry, ingest, tailer, scope: .fedByLogs, isWhole: false)
  }

  /// Begins anew with what was saved; nil: with nothing.
  package func restart(_ yaml: String, from saved: [UInt8]?) throws {
    try begin(yaml, from: saved.map { SavedState($0[...]) })
  }

  package func begin(_ yaml: String, from saved: SavedState?) throws {
    (registry, ingest, tailer) = try begun(yaml)
    if let saved { try SavedReading(saved).restore(registry, ingest, tailer) }
  }

  /// Goes on with another catalog, or the same one.
  package func reload(_ yaml: String) throws {
    let (saved, former) = (save(.all), tailer)
    try restart(yaml, from: saved)
    tailer.takeOver(from: former)
    tailer.catchUp()
  }

  /// What another reading of the same files shows that goes on from what was saved: at once, and when it has looked.
  package func goneOn(_ yaml: String, from saved: SavedState) throws -> (atOnce: Set<String>, later: Set<String>) {
    let (registry, ingest, tailer) = try begun(yaml)
    try SavedReading(saved).restore(registry, ingest, tailer)
    let atOnce = Self.samples(registry)
    for _ in 0..<3 { tailer.turn(looksEverywhere: true) }
    return (Set(atOnce), Set(Self.samples(registry)))
  }

  /// Goes on in another place, with all files.
  package func move(_ yaml: String) throws {
    let saved = save()
    try folder.move()
    try restart(yaml, from: saved)
  }

  // MARK: Looks

  package func look() {
    tailer.turn(looksEverywhere: true)
    while tailer.hasMore { tailer.turn() }
  }

  /// Lets time pass, and looks.
  package func rest(_ seconds: Int64 = 3) {
    clock.pass(nanoseconds: seconds * 1_000_000_000)
    look()
  }

  /// Lets time go on, by which series end, and nobody look at a log.
  package func pass(_ seconds: Int64) {
    clock.pass(nanoseconds: seconds * 1_000_000_000)
    _ = ingest.sweep(clock.now)
  }

  /// Looks until all that can be read has been read, and has rested.
  package func settle() {
    var before: Int
    repeat {
      before = bytesBehind
      rest()
    } while bytesBehind > 0 && bytesBehind != before
    for _ in 0..<2 { rest() }
  }

  private var bytesBehind: Int { tailer.counters.reduce(0) { $0 + $1.bytesBehind.load(ordering: .relaxed) } }

  /// The exposition's samples, without HELP and TYPE.
  package var samples: [String] { Self.samples(registry) }

  private static func samples(_ registry: Registry) -> [String] {
    String(decoding: ExpositionRenderer(registry).bytes(), as: UTF8.self)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  // MARK: What writers do

  package func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }
  package func append(_ text: String, to name: String) throws { try folder.append(text, to: name) }
  package func rename(_ name: String, _ other: String) throws { try folder.rename(name, other) }
  package func remove(_ name: String) throws { try folder.remove(name) }
}
