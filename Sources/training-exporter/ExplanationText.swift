import Diagnostics
import Explaining
import Glibc
import Ingest
import MetricModel

/// An explanation for people.
struct ExplanationText {
  let hasColors: Bool
  private var lines: [String] = []

  private let folder: String

  init(hasColors: Bool) {
    self.hasColors = hasColors
    let current = WorkingFolder.absolute(".")
    folder = current.hasPrefix("/") && current != "/" ? current + "/" : ""
  }

  /// Fields without a target beyond are only counted.
  private static let unwantedMax = 8
  /// A log's text is cut here, in characters.
  private static let textMax = 100
  /// Logs of a watcher beyond are only counted.
  private static let logsMax = 20

  func text(_ explanation: Explanation) -> String {
    var copy = self
    var sections: [String] = []
    func end() {
      if !copy.lines.isEmpty { sections.append(copy.lines.map { $0 + "\n" }.joined()) }
      copy.lines = []
    }
    for part in explanation.watchers {
      copy.add(part)
      end()
    }
    for stray in explanation.strays {
      copy.add("\(bold(escaped(stray.path))): \(stray.message)")
      if let help = stray.help { copy.add("  help: \(escaped(help))") }
    }
    for trouble in explanation.troubles { copy.add("\(warning("warning:")) \(escaped(trouble))") }
    end()
    if !explanation.metricsWithoutFeed.isEmpty {
      copy.add("metrics that nothing feeds: " + explanation.metricsWithoutFeed.joined(separator: ", "))
    }
    end()
    return sections.joined(separator: "\n")
  }

  private mutating func add(_ part: Explanation.WatcherPart) {
    let patterns = part.patterns.joined(separator: ", ")
    add(bold("watcher \(part.name)") + " (\(part.format)): \(patterns): " + counted(part.logs.count, "log"))
    for log in part.logs.prefix(Self.logsMax) { add(log) }
    if part.logs.count > Self.logsMax { add("  and \(part.logs.count - Self.logsMax) more logs") }
    for finding in part.findings {
      add("  \(warning("warning:")) \(escaped(finding.message)) [\(finding.kind.rawValue)]")
      if let help = finding.help { add("    help: \(escaped(help))") }
    }
    for target in part.unfed where !part.findings.contains(where: { $0.tells(of: target) }) {
      let from = target.field.map { "`\($0)`" } ?? "each_record"
      add("  no log fed \(target.metric) from \(from)")
    }
  }

  private mutating func add(_ log: Explanation.Log) {
    let captures = log.captures.map { " \($0.name)=\(escaped($0.value))" }.joined()
    let read = log.isWhole ? "" : " at its beginning and end"
    add("  " + bold(escaped(log.path)) + "\(captures): \(counted(log.records, "record"))\(read)")
    if let root = log.root { add("    as if the catalog lay in \(escaped(root))") }
    if let failure = log.failure { add("    \(warning("warning:")) cannot read it: \(failure)") }
    for piece in log.pieces { add(piece) }
  }

  private mutating func add(_ piece: Explanation.Piece) {
    let place = piece.offset.map { "byte \($0)" } ?? (piece.line > 0 ? "line \(piece.line)" : "near the end")
    add("    \(place)" + (piece.text.isEmpty ? "" : ": " + dim(cut(escaped(piece.text)))))
    if let bad = piece.badLine {
      add("      no record: it \(bad.reason.text)")
      if let nearest = piece.nearest, nearest.found > 0 {
        let said = nearest.missing.map { "\"\($0)\" does not come" } ?? "nothing stands where a capture is"
        add("      the nearest pattern is `\(nearest.pattern)`: \(said)")
      }
    }
    for record in piece.records { add(record) }
  }

  private mutating func add(_ record: RecordExplanation) {
    if let (field, text) = record.filtered {
      let said = text.map { "`\(field)` is \"\(escaped($0))\"" } ?? "it lacks `\(field)`"
      add("      left out by `where`: \(said)")
      return
    }
    let wanted = record.fields.filter { !$0.uses.isEmpty }
    let nameWidth = min(30, wanted.map { escaped($0.name).count }.max() ?? 0)
    let textWidth = min(16, wanted.map { escaped($0.text).count }.max() ?? 0)
    for field in wanted {
      let head =
        "      " + padded(escaped(field.name), nameWidth) + "  " + padded(cut(escaped(field.text), 40), textWidth)
      for (index, use) in field.uses.enumerated() {
        let start = index == 0 ? head : String(repeating: " ", count: head.count)
        add(start + "  ► " + said(use))
      }
    }
    for use in record.eachRecord {
      add("      " + padded("(each record)", nameWidth + 2 + textWidth) + "  ► " + said(use))
    }
    let unwanted = record.fields.filter { $0.uses.isEmpty }.map { escaped($0.name) }
    if !unwanted.isEmpty {
      let more = unwanted.count > Self.unwantedMax ? " and \(unwanted.count - Self.unwantedMax) more" : ""
      add("      no target: " + dim(unwanted.prefix(Self.unwantedMax).joined(separator: ", ") + more))
    }
  }

  private func said(_ use: RecordExplanation.Use) -> String {
    let labels = use.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    let series = use.metric + (labels.isEmpty ? "" : "{\(labels)}")
    switch use.outcome {
    case .number(let number):
      switch use.type {
      case .counter: return "\(series) +\(Self.number(number))"
      case .histogram, .summary: return "\(series) observes \(Self.number(number))"
      default: return "\(series) \(Self.number(number))"
      }
    case .state(let state): return "\(series) is in the state \(escaped(state))"
    case .info: return "\(series) 1"
    case .firstTotal: return "\(series): nothing yet, the next is compared with it"
    case .notHigher: return "\(series): nothing, it is not above the highest so far"
    case .notANumber: return warning("\(series): nothing, this is no number")
    case .refused(let label, let reason):
      return warning("\(series): refused, \(RefusalText.text(reason, label))")
    }
  }

  /// A number as people read it: differences of decimals have no decimals of their own in the last places.
  private static func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return "\(whole)" }
    guard value.isFinite else { return "\(value)" }
    let scale = pow(10, Double(significantDigits - 1) - log10(value.magnitude).rounded(.down))
    let rounded = (value * scale).rounded() / scale
    return "\(rounded.isFinite && rounded != 0 ? rounded : value)"
  }

  private static let significantDigits = 12

  private func counted(_ count: Int, _ what: String) -> String {
    count == 0 ? "no \(what)" : count == 1 ? "1 \(what)" : "\(count) \(what)s"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func cut(_ text: String, _ length: Int = textMax) -> String {
    text.count > length ? text.prefix(length) + "…" : text
  }

  /// Paths below the working directory are shown as they are there.
  private mutating func add(_ line: String) {
    lines.append(folder.isEmpty ? line : line.replacing(folder, with: ""))
  }

  private func escaped(_ text: String) -> String { PrintableText.escape(text) }
  private func bold(_ text: String) -> String { hasColors ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func dim(_ text: String) -> String { hasColors ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  private func warning(_ text: String) -> String { hasColors ? "\u{1B}[33m\(text)\u{1B}[0m" : text }
}
