import Foundation
import LogStations
import Tailing

/// A tailer without a catalog, as a scene sees it: through the lines that it hands over, and what it says became of each
/// log.
final class FollowStage {
  private let scene: Scene
  private let events: Events
  /// Whether a scene is told how many bytes were read, lost, and are not consumed yet, and how often logs were overwritten.
  private let countsBytes: Bool
  private var countsBefore: [String: Int] = [:]
  private var warningsTold = 0

  /// `PATTERN… [excluding PATTERN…] [younger than TIME] [as documents] [counting bytes]`
  init(_ words: [String], in folder: LogFolder, clock: StationClock) throws {
    let parts = words.split(omittingEmptySubsequences: false) {
      ["excluding", "younger", "as", "counting"].contains($0)
    }
    let kinds = words.filter { ["excluding", "younger", "as", "counting"].contains($0) }
    func part(_ kind: String) -> [String] { kinds.firstIndex(of: kind).map { Array(parts[$0 + 1]) } ?? [] }
    countsBytes = kinds.contains("counting")
    let events = Events(folder)
    self.events = events
    scene = try Scene(
      Array(parts[0]),
      excluding: part("excluding"),
      ignoreOlder: part("younger").last.map { .nanoseconds(try StepText.nanoseconds($0)) },
      documents: kinds.contains("as"),
      in: folder,
      clock: clock,
      onTold: events.note
    )
  }

  func turn() { scene.look() }

  func wait(nanoseconds: Int64) { scene.rest(.nanoseconds(nanoseconds)) }

  /// Time passes, and what is due is done, as the timers say.
  func glance(after nanoseconds: Int64) { scene.rest(.nanoseconds(nanoseconds), looksEverywhere: false) }

  func once() { scene.tailer.readOnce() }

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
    var seen = sorted.map { $0.name + $0.text + Self.shown($0.lines) }
    seen += scene.warnings[warningsTold...].map { "warning: " + $0.replacing(scene.root.path + "/", with: "") }
    (events.all, warningsTold) = ([], scene.warnings.count)
    if countsBytes, let counted = countChanges() { seen.append((seen.popLast().map { $0 + " " } ?? "") + counted) }
    return seen
  }

  private func countChanges() -> String? {
    let counters = scene.counters
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

/// What consumers of logs were told since the scene looked last, in words.
private final class Events {
  struct Event {
    /// Which log it is, in the order in which they were found.
    var log: Int
    /// What it is called, until this happens.
    var name: String
    var text: String
    /// Whether it was handed lines.
    var isOfLines: Bool
  }

  var all: [Event] = []
  private var logs: [RecordingConsumer] = []
  private let folder: LogFolder

  init(_ folder: LogFolder) { self.folder = folder }

  func note(_ consumer: RecordingConsumer, _ told: RecordingConsumer.Told) {
    if case .opened = told { logs.append(consumer) }
    guard let text = words(told, consumer) else { return }
    let isOfLines = if case .lines = told { true } else { false }
    let number = logs.firstIndex { $0 === consumer } ?? 0
    all.append(Event(log: number, name: name(consumer.path), text: text, isOfLines: isOfLines))
  }

  private func words(_ told: RecordingConsumer.Told, _ consumer: RecordingConsumer) -> String? {
    switch told {
    case .opened:
      let captures = consumer.file.captures.sorted { $0.key < $1.key }
      return "opens" + captures.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
    case .lines(let lines): return lines.joined(separator: ", ")
    case .rest(let text): return "shows \(text)"
    case .event(.willRead), .event(.passedBy), .event(.caughtUp): return nil
    case .event(.restarted): return "begins anew"
    case .event(.refused): return "is too large"
    case .event(.restVanished): return "takes its last line back"
    case .event(.vanished): return "ends"
    case .event(.moved(let file)): return "becomes \(name(file.path))"
    case .event(.succeeds(let log)): return "comes after \((log as? RecordingConsumer).map { name($0.path) } ?? "?")"
    }
  }

  private func name(_ path: String) -> String { Self.quoted(folder.name(path)) }

  private static func quoted(_ text: String) -> String {
    text.replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing(" ", with: "\\x20")
  }
}
