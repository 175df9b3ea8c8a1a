import Budgets
import Clocks
import Foundation
import PatternSyntax
import Tailing

/// Collects the lines it is given; consumes up to the last newline.
package final class RecordingConsumer: LogConsumer {
  package enum Told {
    case opened
    case lines([String])
    case rest(String)
    case event(LogEvent)
  }

  package let file: LogFile
  package let readsWholeDocuments: Bool
  package let documentBytesMax = 1 << 20
  package let budget: MemoryBudget?
  package private(set) var path: String
  /// Since the last restart.
  package private(set) var lines: [String] = []
  package private(set) var documents: [String] = []
  package private(set) var restarts = 0
  package private(set) var timesVanished = 0
  package private(set) var timesCaughtUp = 0
  /// Called with all that it is told, before it is so.
  private let onTold: (RecordingConsumer, Told) -> Void

  package init(
    _ file: LogFile,
    readsWholeDocuments: Bool = false,
    budget: MemoryBudget? = nil,
    onTold: @escaping (RecordingConsumer, Told) -> Void = { _, _ in }
  ) {
    self.budget = budget
    self.file = file
    self.readsWholeDocuments = readsWholeDocuments
    self.onTold = onTold
    path = file.path
    onTold(self, .opened)
  }

  package func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if case .rested = ending {
      if !readsWholeDocuments { onTold(self, .rest(String(decoding: bytes, as: UTF8.self))) }
      return 0
    }
    let isAll = readsWholeDocuments || ending == .closed
    let end = isAll ? bytes.count : (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    let lines = RecordingConsumer.lines(of: bytes[..<end])
    if readsWholeDocuments { documents.append(String(decoding: bytes, as: UTF8.self)) } else { self.lines += lines }
    if !lines.isEmpty { onTold(self, .lines(lines)) }
    return end
  }

  /// By bytes: to `Character` a CRLF is one.
  package static func lines(of bytes: some Collection<UInt8>) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  package func handle(_ event: LogEvent) {
    onTold(self, .event(event))
    switch event {
    case .willRead, .passedBy, .refused, .restVanished, .succeeds: break
    case .restarted:
      restarts += 1
      lines = []
    case .caughtUp: timesCaughtUp += 1
    case .vanished: timesVanished += 1
    case .moved(let file): path = file.path
    }
  }
}

/// A folder with logs and a tailer on it, without a thread: every `look` is one turn that looks everywhere. Timers stand
/// still but for `rest`.
package final class Scene {
  package let folder: LogFolder
  package private(set) var tailer: Tailer!
  package let watchers: [TailedWatcher]
  package let clock: StationClock
  private let opened = Opened()

  private final class Opened {
    var consumers: [RecordingConsumer] = []
    var warnings: [String] = []
  }

  package var root: URL { folder.url }
  package var now: Moment { clock.now }
  package var consumers: [RecordingConsumer] { opened.consumers }
  /// What people were told.
  package var warnings: [String] { opened.warnings }
  package var only: RecordingConsumer? { consumers.count == 1 ? consumers[0] : nil }
  package var counters: TailerCounters { tailer.counters[0] }

  package convenience init(_ patterns: String..., documents: Bool = false, files: any FileSystem = RealFileSystem())
    throws
  {
    try self.init(patterns, documents: documents, files: files)
  }

  package init(
    _ patterns: [String],
    excluding exclude: [String] = [],
    ignoreOlder: Duration? = nil,
    documents: Bool = false,
    budget: MemoryBudget? = nil,
    files: any FileSystem = RealFileSystem(),
    notifier: (any ChangeNotifier)? = nil,
    usesInotify: Bool = false,
    vanishedLogsMax: Int? = nil,
    followsLinks: Bool = false,
    _ adjust: (inout TailerOptions) -> Void = { _ in },
    in folder: LogFolder? = nil,
    clock: StationClock = StationClock(),
    onTold: @escaping (RecordingConsumer, RecordingConsumer.Told) -> Void = { _, _ in }
  ) throws {
    let folder = try folder ?? LogFolder()
    self.folder = folder
    self.clock = clock
    let watcher = TailedWatcher(
      name: "test",
      root: folder.url.path,
      files: try patterns.map { try Pattern(parsing: $0) },
      exclude: try exclude.map { try Pattern(parsing: $0) },
      ignoreOlder: ignoreOlder,
      followsLinks: followsLinks
    )
    watchers = [watcher]
    var options = TailerOptions()
    options.usesInotify = usesInotify
    // One look reads all, however busy the machine is.
    options.turnTimeMax = .seconds(3600)
    if let vanishedLogsMax { options.vanishedLogsMax = vanishedLogsMax }
    adjust(&options)
    tailer = Tailer(
      watchers: [watcher],
      options: options,
      files: files,
      notifier: notifier,
      clock: { clock.now },
      log: { [opened] in opened.warnings.append($0) },
      open: { [opened] file in
        let consumer = RecordingConsumer(file, readsWholeDocuments: documents, budget: budget, onTold: onTold)
        opened.consumers.append(consumer)
        return consumer
      }
    )
  }

  /// - Parameter looksEverywhere: false: as the timers and the events say.
  package func look(looksEverywhere: Bool = true) {
    tailer.turn(looksEverywhere: looksEverywhere)
    while tailer.hasMore { tailer.turn() }
  }

  /// Lets time pass, and looks.
  package func rest(_ duration: Duration = .seconds(3), looksEverywhere: Bool = true) {
    clock.pass(nanoseconds: Int64(duration / .nanoseconds(1)))
    look(looksEverywhere: looksEverywhere)
  }

  package func consumer(_ name: String) -> RecordingConsumer? {
    consumers.last { $0.path == path(name) }
  }

  package func lines(_ name: String) -> [String]? { consumer(name)?.lines }

  // MARK: What writers do

  package func path(_ name: String) -> String { folder.path(name) }
  package func append(_ text: String, to name: String) throws { try folder.append(text, to: name) }
  package func overwrite(_ text: String, in name: String) throws { try folder.overwrite(text, in: name) }
  package func truncateAndWrite(_ text: String, to name: String) throws { try folder.write(text, to: name) }
  package func replace(_ name: String, with text: String) throws { try folder.replace(name, with: text) }
  package func rename(_ name: String, _ other: String) throws { try folder.rename(name, other) }
  package func makeDirectory(_ name: String) throws { try folder.makeDirectory(name) }
  package func remove(_ name: String) throws { try folder.remove(name) }
  package func link(_ name: String, to target: String) throws { try folder.link(name, to: target) }
}
