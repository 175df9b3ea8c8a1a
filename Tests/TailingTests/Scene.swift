import Budgets
import Clocks
import Foundation
import LogStations
import PatternSyntax

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

/// A folder with logs and a tailer on it, without a thread: every `look` is one turn that looks everywhere. Timers stand
/// still but for `rest`.
final class Scene {
  let folder: LogFolder
  private(set) var tailer: Tailer!
  let watchers: [TailedWatcher]
  let clock = StationClock()
  private let opened = Opened()

  final class Opened {
    var consumers: [RecordingConsumer] = []
    var warnings: [String] = []
  }

  var root: URL { folder.url }
  var now: Moment { clock.now }
  var consumers: [RecordingConsumer] { opened.consumers }
  /// What people were told.
  var warnings: [String] { opened.warnings }
  var only: RecordingConsumer? { consumers.count == 1 ? consumers[0] : nil }
  var counters: TailerCounters { tailer.counters[0] }

  convenience init(_ patterns: String..., documents: Bool = false, files: any FileSystem = RealFileSystem()) throws {
    try self.init(patterns, documents: documents, files: files)
  }

  init(
    _ patterns: [String],
    ignoreOlder: Duration? = nil,
    documents: Bool = false,
    budget: MemoryBudget? = nil,
    files: any FileSystem = RealFileSystem(),
    notifier: (any ChangeNotifier)? = nil,
    usesInotify: Bool = false,
    vanishedLogsMax: Int? = nil
  ) throws {
    folder = try LogFolder()
    let watcher = TailedWatcher(
      name: "test",
      root: folder.url.path,
      files: try patterns.map { try Pattern(parsing: $0) },
      ignoreOlder: ignoreOlder
    )
    watchers = [watcher]
    var options = TailerOptions()
    options.usesInotify = usesInotify
    // One look reads all, however busy the machine is.
    options.turnTimeMax = .seconds(3600)
    if let vanishedLogsMax { options.vanishedLogsMax = vanishedLogsMax }
    tailer = Tailer(
      watchers: [watcher],
      options: options,
      files: files,
      notifier: notifier,
      clock: { [clock] in clock.now },
      log: { [opened] in opened.warnings.append($0) },
      open: { [opened] file in
        let consumer = RecordingConsumer(file, readsWholeDocuments: documents, budget: budget)
        opened.consumers.append(consumer)
        return consumer
      }
    )
  }

  /// - Parameter looksEverywhere: false: as the timers and the events say.
  func look(looksEverywhere: Bool = true) {
    tailer.turn(looksEverywhere: looksEverywhere)
  }

  /// Lets time pass, and looks.
  func rest(_ duration: Duration = .seconds(3), looksEverywhere: Bool = true) {
    clock.pass(nanoseconds: duration.wholeNanoseconds)
    look(looksEverywhere: looksEverywhere)
  }

  func consumer(_ name: String) -> RecordingConsumer? {
    consumers.last { $0.path == path(name) }
  }

  func lines(_ name: String) -> [String]? { consumer(name)?.lines }

  /// The one that follows the file of that name now.
  func follower(of name: String) -> RecordingConsumer? {
    guard let log = tailer.logs[0][LogPath(path(name))], log.isPresent else { return nil }
    return log.consumer as? RecordingConsumer
  }

  // MARK: What writers do

  func path(_ name: String) -> String { folder.path(name) }
  func append(_ text: String, to name: String) throws { try folder.append(text, to: name) }
  func overwrite(_ text: String, in name: String) throws { try folder.overwrite(text, in: name) }
  func truncateAndWrite(_ text: String, to name: String) throws { try folder.write(text, to: name) }
  func replace(_ name: String, with text: String) throws { try folder.replace(name, with: text) }
  func rename(_ name: String, _ other: String) throws { try folder.rename(name, other) }
  func makeDirectory(_ name: String) throws { try folder.makeDirectory(name) }
  func remove(_ name: String) throws { try folder.remove(name) }
  func link(_ name: String, to target: String) throws { try folder.link(name, to: target) }
}
