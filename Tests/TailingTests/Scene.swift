import Budgets
import Clocks
import Foundation
import PatternSyntax
import Synchronization

@testable import Tailing

/// Collects the lines it is given; consumes up to the last newline.
final class RecordingConsumer: LogConsumer {
  let file: LogFile
  let readsWholeDocuments: Bool
  let documentBytesMax = 1 << 20
  let budget: MemoryBudget?
  private(set) var path: String
  /// Since the last restart.
  private(set) var lines: [String] = []
  private(set) var documents: [String] = []
  private(set) var provisional: [String] = []
  private(set) var restedSizes: [Int] = []
  private(set) var restarts = 0
  private(set) var timesVanished = 0
  private(set) var timesRestVanished = 0
  private(set) var timesCaughtUp = 0
  /// The log that went along with a copy, and left its name to this one.
  private(set) var predecessor: RecordingConsumer?

  init(_ file: LogFile, readsWholeDocuments: Bool = false, budget: MemoryBudget? = nil) {
    self.budget = budget
    self.file = file
    path = file.path
    self.readsWholeDocuments = readsWholeDocuments
  }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if readsWholeDocuments {
      if case .rested = ending { return 0 }
      documents.append(String(decoding: bytes, as: UTF8.self))
      return bytes.count
    }
    if case .rested(let fileSize) = ending {
      restedSizes.append(fileSize)
      provisional.append(String(decoding: bytes, as: UTF8.self))
      return 0
    }
    let end = ending == .closed ? bytes.count : (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    lines += RecordingConsumer.lines(of: bytes[..<end])
    return end
  }

  /// By bytes: to `Character` a CRLF is one.
  static func lines(of bytes: some Collection<UInt8>) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  func handle(_ event: LogEvent) {
    switch event {
    case .willRead: break
    case .restarted:
      restarts += 1
      lines = []
    case .caughtUp: timesCaughtUp += 1
    case .restVanished: timesRestVanished += 1
    case .vanished: timesVanished += 1
    case .moved(let file): path = file.path
    case .succeeds(let log): predecessor = log as? RecordingConsumer
    }
  }
}

/// A temporary directory and a tailer on it whose timers stand still but for `rest`, without inotify: every `look` is
/// one turn that looks everywhere.
final class Scene {
  let root: URL
  private(set) var tailer: Tailer!
  let watchers: [TailedWatcher]
  private let opened = Opened()
  private let clock = Clock()

  final class Opened {
    var consumers: [RecordingConsumer] = []
    var warnings: [String] = []
  }

  /// Time stands, but for `rest`; the clock that people set goes on, and may be off.
  final class Clock {
    var monotonic: Int64 = 1_000_000_000
    var wallError: Int64 = 0

    var now: Moment { Moment(monotonic: monotonic, wall: Moment.now.wall + wallError) }
  }

  var now: Moment { clock.now }

  /// How far the clock that people set is off.
  var wallError: Duration {
    get { .nanoseconds(clock.wallError) }
    set { clock.wallError = newValue.wholeNanoseconds }
  }

  var consumers: [RecordingConsumer] { opened.consumers }
  /// What people were told.
  var warnings: [String] { opened.warnings }
  var only: RecordingConsumer? { consumers.count == 1 ? consumers[0] : nil }
  var counters: TailerCounters { tailer.counters[0] }

  init(
    _ patterns: String...,
    exclude: [String] = [],
    ignoreOlder: Duration? = nil,
    documents: Bool = false,
    budget: MemoryBudget? = nil,
    files: any FileSystem = RealFileSystem(),
    notifier: (any ChangeNotifier)? = nil
  ) throws {
    root = try Self.makeDirectory()
    let watcher = TailedWatcher(
      name: "test",
      root: root.path,
      files: try patterns.map { try Pattern(parsing: $0) },
      exclude: try exclude.map { try Pattern(parsing: $0) },
      ignoreOlder: ignoreOlder
    )
    watchers = [watcher]
    var options = TailerOptions()
    options.usesInotify = false
    // One look reads all, however busy the machine is.
    options.turnTimeMax = .seconds(3600)
    let opened = opened
    let clock = clock
    tailer = Tailer(
      watchers: [watcher],
      options: options,
      files: files,
      notifier: notifier,
      clock: { clock.now },
      log: { opened.warnings.append($0) },
      open: { file in
        let consumer = RecordingConsumer(file, readsWholeDocuments: documents, budget: budget)
        opened.consumers.append(consumer)
        return consumer
      }
    )
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  static func makeDirectory() throws -> URL {
    let root = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("tailing-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    return root
  }

  /// - Parameter looksEverywhere: false: as the timers say.
  func look(looksEverywhere: Bool = true) {
    tailer.turn(looksEverywhere: looksEverywhere)
  }

  /// Lets time pass, and looks.
  func rest(_ duration: Duration = .seconds(3), looksEverywhere: Bool = true) {
    clock.monotonic += duration.wholeNanoseconds
    look(looksEverywhere: looksEverywhere)
  }

  func consumer(_ name: String) -> RecordingConsumer? {
    consumers.last { $0.path == path(name) }
  }

  /// The one that follows the file of that name now.
  func follower(of name: String) -> RecordingConsumer? {
    guard let log = tailer.tables[0].logs[LogPath(path(name))], log.isPresent else { return nil }
    return log.consumer as? RecordingConsumer
  }

  // MARK: What writers do

  func path(_ name: String) -> String { root.path + "/" + name }

  func append(_ text: String, to name: String) throws {
    try write(text, to: name, flags: O_WRONLY | O_CREAT | O_APPEND)
  }

  func overwrite(_ text: String, in name: String) throws {
    try write(text, to: name, flags: O_WRONLY)
  }

  func truncateAndWrite(_ text: String, to name: String) throws {
    try write(text, to: name, flags: O_WRONLY | O_CREAT | O_TRUNC)
  }

  func replace(_ name: String, with text: String) throws {
    try write(text, to: ".new", flags: O_WRONLY | O_CREAT | O_TRUNC)
    try rename(".new", name)
  }

  func rename(_ name: String, _ other: String) throws {
    try check(Glibc.rename(path(name), path(other)))
  }

  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path(name))
  }

  func link(_ name: String, to target: String) throws {
    try check(Glibc.symlink(target, path(name)))
  }

  private func write(_ text: String, to name: String, flags: Int32) throws {
    let descriptor = open(path(name), flags, 0o644)
    try check(descriptor)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try check(Int32(clamping: Glibc.write(descriptor, bytes, bytes.count) - bytes.count))
  }

  private func check(_ result: Int32) throws {
    if result < 0 { throw SystemError(code: errno) }
  }
}
