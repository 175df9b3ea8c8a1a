import Clocks
import Exposition
import Foundation
import Ingest
import LogFormats
import MetricCatalog
import MetricRegistry
import PatternSyntax
import StateStore
import Testing

@testable import Tailing

/// A folder with logs, and the reading of it, which can be thrown away and begun anew from what it saved: what a restart
/// and a reload do, without a process. Time stands still but for `rest`, which lets both clocks go on.
final class Station {
  private(set) var folder = FileManager.default.temporaryDirectory.appending(path: "station-\(UUID().uuidString)")
  private(set) var registry: Registry
  private(set) var ingest: LogIngest
  private(set) var tailer: Tailer
  private let clock = Clock()

  /// How far the times lag that files get, in seconds, as where they come by `rsync -a`.
  var lag: Int64 = 0

  /// The real one, and what `rest` has added to it.
  private final class Clock: @unchecked Sendable {
    var added: Int64 = 0
    /// What people have set the wall clock forward by.
    var set: Int64 = 0
    /// What the monotonic clock is ahead since the machine was started anew.
    var ahead: Int64 = 0
    var boot = BootIdentity(1)

    var now: Moment {
      let now = Moment.now
      return Moment(monotonic: now.monotonic + added + ahead, wall: now.wall + added + set, boot: boot)
    }
  }

  /// Somebody sets the wall clock.
  func setClock(by seconds: Int64) { clock.set += seconds * 1_000_000_000 }

  /// The machine is started anew: its monotonic clock is another.
  func reboot() {
    clock.boot = BootIdentity(clock.boot.value + 1)
    clock.ahead += 1_000_000_000_000
  }

  private let turnBytesMax: Int?
  private let formats: [FormatDescriptor]

  init(_ yaml: String, turnBytesMax: Int? = nil, formats: [FormatDescriptor] = LogFormats.all) throws {
    self.turnBytesMax = turnBytesMax
    self.formats = formats
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    (registry, ingest, tailer) = try Self.begin(yaml, in: folder, turnBytesMax, formats, clock)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  private static func begin(
    _ yaml: String,
    in folder: URL,
    _ turnBytesMax: Int?,
    _ formats: [FormatDescriptor],
    _ clock: Clock
  ) throws -> (Registry, LogIngest, Tailer) {
    let path = folder.path + "/metrics.yaml"
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: path, formats: formats)
    let errors = loading.diagnostics.map(\.message)
    let catalog = try #require(loading.catalog, "\(errors)")
    let registry = Registry(
      metrics: catalog.metrics,
      limits: catalog.limits.registry,
      now: { clock.now.wall }
    )
    let ingest = LogIngest(catalog: catalog, registry: registry, formats: formats, clock: { clock.now })
    var options = TailerOptions()
    options.usesInotify = false
    options.turnTimeMax = .seconds(3600)
    if let turnBytesMax { options.turnBytesMax = turnBytesMax }
    let watchers = catalog.watchers.map {
      TailedWatcher(name: $0.name, root: folder.path, files: $0.files, exclude: $0.exclude)
    }
    let tailer = Tailer(watchers: watchers, options: options, clock: { clock.now }, open: ingest.open)
    tailer.onTurn = ingest.expiry.sweep
    return (registry, ingest, tailer)
  }

  func save(_ scope: SavedReading.Scope = .fedByLogs) -> [UInt8] {
    SavedReading.encode(registry, ingest, tailer, scope: scope, isWhole: true).bytes
  }

  /// What has changed since the last time that something was saved.
  func saveChanges() -> StateChanges {
    SavedReading.encode(registry, ingest, tailer, scope: .fedByLogs, isWhole: false)
  }

  /// Begins anew with what was saved; nil: with nothing.
  func restart(_ yaml: String, from saved: [UInt8]?) throws {
    try begin(yaml, from: saved.map { SavedState($0[...]) })
  }

  func begin(_ yaml: String, from saved: SavedState?) throws {
    (registry, ingest, tailer) = try Self.begin(yaml, in: folder, turnBytesMax, formats, clock)
    if let saved { try SavedReading(saved).restore(registry, ingest, tailer) }
  }

  /// Goes on with another catalog, or the same one.
  func reload(_ yaml: String) throws {
    let (saved, former) = (save(.all), tailer)
    try restart(yaml, from: saved)
    tailer.takeOver(from: former)
    tailer.catchUp()
  }

  /// What another reading of the same files shows that goes on from what was saved: at once, and when it has looked.
  func goneOn(_ yaml: String, from saved: SavedState) throws -> (atOnce: Set<String>, later: Set<String>) {
    let (registry, ingest, tailer) = try Self.begin(yaml, in: folder, turnBytesMax, formats, clock)
    try SavedReading(saved).restore(registry, ingest, tailer)
    let atOnce = Self.samples(registry)
    for _ in 0..<3 { tailer.turn(looksEverywhere: true) }
    return (Set(atOnce), Set(Self.samples(registry)))
  }

  /// Goes on in another place, with all files.
  func move(_ yaml: String) throws {
    let saved = save()
    let other = FileManager.default.temporaryDirectory.appending(path: "station-\(UUID().uuidString)")
    try FileManager.default.moveItem(at: folder, to: other)
    folder = other
    try restart(yaml, from: saved)
  }

  func look() {
    tailer.turn(looksEverywhere: true)
  }

  func rest(_ seconds: Int64 = 3) {
    clock.added += seconds * 1_000_000_000
    look()
  }

  /// Lets time go on, by which series end, and nobody look at a log.
  func pass(_ seconds: Int64) {
    clock.added += seconds * 1_000_000_000
    _ = ingest.expiry.sweep(clock.now)
  }

  /// Looks until nothing is left to do.
  func settle() {
    repeat { rest() } while tailer.counters.contains { $0.bytesBehind.load(ordering: .relaxed) > 0 } && hasMore
    for _ in 0..<2 { rest() }
  }

  private var hasMore: Bool { tailer.tables.contains { $0.logs.values.contains { $0.pace == .behind } } }

  func write(_ text: String, to name: String) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try put(text, descriptor)
  }

  func append(_ text: String, to name: String) throws {
    try put(text, open(folder.appending(path: name).path, O_WRONLY | O_CREAT | O_APPEND, 0o644))
  }

  private func put(_ text: String, _ descriptor: Int32) throws {
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    let now = clock.now.wall - lag * 1_000_000_000
    let time = timespec(tv_sec: Int(now / 1_000_000_000), tv_nsec: Int(now % 1_000_000_000))
    try #require(futimens(descriptor, [time, time]) == 0)
  }

  func rename(_ name: String, _ other: String) throws {
    try #require(Glibc.rename(folder.appending(path: name).path, folder.appending(path: other).path) == 0)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: folder.appending(path: name))
  }

  /// The exposition's samples, without HELP and TYPE.
  var samples: [String] { Self.samples(registry) }

  private static func samples(_ registry: Registry) -> [String] {
    String(decoding: ExpositionRenderer(registry).bytes(), as: UTF8.self)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }
}
