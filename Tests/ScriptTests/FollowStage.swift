import Foundation
import LogStations
import PatternSyntax
import Tailing

/// A tailer without a catalog, as a scene sees it: through the lines that it hands over, and what it says became of each
/// log.
final class FollowStage {
  private let folder: LogFolder
  private let clock: StationClock
  private let events = Events()
  private(set) var tailer: Tailer
  /// Whether a scene is told how many bytes were read, lost, and are not consumed yet, and how often logs were overwritten.
  private let countsBytes: Bool
  private var countsBefore: [String: Int] = [:]

  /// What has happened since the scene was told last.
  final class Events {
    var all: [Event] = []
    var told: [String] = []
    var logs = 0
  }

  struct Event {
    /// Which log it is, in the order in which they were found.
    var log: Int
    /// What it is called, until this happens.
    var name: String
    var text: String
    /// Whether it was handed lines.
    var isOfLines: Bool
  }

  /// `PATTERN… [excluding PATTERN…] [younger than TIME] [as documents] [counting bytes]`
  init(_ words: [String], in folder: LogFolder, clock: StationClock) throws {
    self.folder = folder
    self.clock = clock
    var watcher = TailedWatcher(name: "test", root: folder.url.path, files: [])
    var part = ""
    for word in words {
      if ["excluding", "younger", "as", "counting"].contains(word) {
        part = word
      } else if part == "younger" {
        if word != "than" { watcher.ignoreOlder = .nanoseconds(try StepText.nanoseconds(word)) }
      } else if part == "excluding" {
        watcher.exclude.append(try Pattern(parsing: word))
      } else if part.isEmpty {
        watcher.files.append(try Pattern(parsing: word))
      }
    }
    let documents = words.contains("documents")
    countsBytes = words.contains("counting")
    var options = TailerOptions()
    options.usesInotify = false
    options.turnTimeMax = .seconds(3600)
    let (events, isOfDocuments) = (events, documents)
    tailer = Tailer(
      watchers: [watcher],
      options: options,
      clock: { clock.now },
      log: { events.told.append("warning: " + $0.replacing(folder.url.path + "/", with: "")) },
      open: { Listener($0, in: folder, events, readsWholeDocuments: isOfDocuments) }
    )
  }

  func turn() { tailer.turn(looksEverywhere: true) }

  func wait(nanoseconds: Int64) {
    clock.pass(nanoseconds: nanoseconds)
    turn()
  }

  /// Time passes, and what is due is done, as the timers say.
  func glance(after nanoseconds: Int64) {
    clock.pass(nanoseconds: nanoseconds)
    tailer.turn()
  }

  /// What happened, a line a log: in the order of their names, those that are new behind the others.
  func changes() -> [String] {
    var lines: [Int: (name: String, text: String, lines: String)] = [:]
    for event in events.all {
      guard var line = lines[event.log] else {
        lines[event.log] = event.isOfLines ? (event.name, "", event.text) : (event.name, " " + event.text, "")
        continue
      }
      if event.isOfLines {
        // Lines that were handed over in several pieces are told of together.
        line.lines += (line.lines.isEmpty ? "" : ", ") + event.text
      } else {
        line.text += Self.shown(line.lines) + (line.lines.isEmpty ? ", " : "; ") + event.text
        line.lines = ""
      }
      lines[event.log] = line
    }
    let sorted = lines.sorted { ($0.value.name, $0.key) < ($1.value.name, $1.key) }.map(\.value)
    var seen = sorted.map { $0.name + $0.text + Self.shown($0.lines) } + events.told
    (events.all, events.told) = ([], [])
    if countsBytes, let counted = countChanges() { seen.append((seen.popLast().map { $0 + " " } ?? "") + counted) }
    return seen
  }

  private func countChanges() -> String? {
    let counters = tailer.counters[0]
    let counts = [
      "bytes behind": counters.bytesBehind.load(ordering: .relaxed),
      "bytes lost": counters.bytesLost.load(ordering: .relaxed),
      "bytes read": counters.bytesRead.load(ordering: .relaxed),
      "overwritten": counters.restarts.load(ordering: .relaxed),
    ]
    defer { countsBefore = counts }
    let changed = counts.sorted { $0.key < $1.key }.compactMap { name, count -> String? in
      let before = countsBefore[name, default: 0]
      // How many there were since; of what is behind, how many there are.
      return count == before ? nil : "\(name == "bytes behind" ? count : count - before) \(name)"
    }
    return changed.isEmpty ? nil : "(\(changed.joined(separator: ", ")))"
  }

  /// Of many lines the first and the last, of a long one its beginning.
  private static func shown(_ lines: String) -> String {
    guard !lines.isEmpty else { return "" }
    var parts = lines.split(separator: ", ", omittingEmptySubsequences: false).map { part in
      part.utf8.count > 200 ? "\(part.prefix(3))...\(part.suffix(3)) (\(part.utf8.count) bytes)" : String(part)
    }
    if parts.count > 12 {
      parts = [parts[0], "...", parts[parts.count - 1] + " (\(parts.count) lines)"]
    }
    return ": " + parts.joined(separator: ", ").replacing("\0", with: "\\0")
  }
}

/// What follows one log: tells the scene what it is told.
final class Listener: LogConsumer {
  let readsWholeDocuments: Bool
  let documentBytesMax = 1 << 20
  private(set) var name: String
  private let number: Int
  private let folder: LogFolder
  private let events: FollowStage.Events

  init(_ file: LogFile, in folder: LogFolder, _ events: FollowStage.Events, readsWholeDocuments: Bool) {
    self.folder = folder
    self.events = events
    self.readsWholeDocuments = readsWholeDocuments
    number = events.logs
    events.logs += 1
    name = Self.quoted(folder.name(file.path))
    let captures = file.captures.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
    tell("opens" + captures)
  }

  private func tell(_ text: String, isOfLines: Bool = false) {
    events.all.append(FollowStage.Event(log: number, name: name, text: text, isOfLines: isOfLines))
  }

  private static func quoted(_ text: String) -> String {
    text.replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing(" ", with: "\\x20")
  }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if case .rested = ending {
      if !readsWholeDocuments { tell("shows \(String(decoding: bytes, as: UTF8.self))") }
      return 0
    }
    let isAll = readsWholeDocuments || ending == .closed
    let end = isAll ? bytes.count : (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    let lines = bytes[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    if !lines.isEmpty { tell(lines.joined(separator: ", "), isOfLines: true) }
    return end
  }

  func handle(_ event: LogEvent) {
    switch event {
    case .willRead, .caughtUp: break
    case .restarted: tell("begins anew")
    case .restVanished: tell("takes its last line back")
    case .vanished: tell("ends")
    case .moved(let file):
      tell("becomes \(Self.quoted(folder.name(file.path)))")
      name = Self.quoted(folder.name(file.path))
    case .succeeds(let log): tell("comes after \((log as? Listener)?.name ?? "?")")
    }
  }
}
