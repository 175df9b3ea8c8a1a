internal import Ingest
package import LogFormats
internal import MetricCatalog
internal import PatternSyntax

/// Lines, rows and documents that were no records.
extension WatcherView {
  var linesWithoutRecord: [Finding] {
    var findings: [Finding] = []
    if let sample = sight.unmatched, readCount == 0, isMuch {
      findings.append(
        finding(
          .noMatch,
          "no line of \(count(.unmatched)) gives a record: \"\(sample.what.text)\" in \(sample.file) "
            + sample.what.reason.text,
          file: sample.file,
          help: NearestLine.help(for: sample.what.text, watcher.format) ?? otherFormat(sample.what.text)
        )
      )
    }
    for sample in sight.malformed {
      let count = count(.malformed)
      if case .cells(let cells, let columns) = sample.what.reason {
        findings.append(
          finding(
            .rowWidth,
            "\(counted(count, "row")) could not be read: the row \"\(sample.what.text)\" of \(sample.file) "
              + sample.what.reason.text,
            file: sample.file,
            help: otherFormat(sample.what.text)
              ?? (cells > columns
                ? "whoever wrote it began to write more columns: it needs a new header, or a file of its own"
                : "whoever wrote it wrote fewer columns, or a part of the row is lost")
          )
        )
      } else if count * Self.shareOfMalformed >= allCount {
        findings.append(
          finding(
            .malformed,
            "\(counted(count, isOfDocuments ? "document" : "line")) of \(allCount) could not be read: "
              + (sample.what.text.isEmpty ? "" : "\"\(sample.what.text)\" in ")
              + "\(sample.file) \(sample.what.reason.text)",
            file: sample.file,
            help: help(for: sample.what)
          )
        )
      }
    }
    return findings
  }

  private func help(for line: BadLine) -> String? {
    switch line.reason {
    case .noRecords: recordsHelp(line.text)
    case .noHeader:
      otherFormat(line.text) ?? "if the file has no header, name its columns in `columns`, in their order"
    default: otherFormat(line.text)
    }
  }

  private var isOfDocuments: Bool {
    LogFormats.all.first { $0.name == watcher.format.name }.map {
      if case .document = $0.content { true } else { false }
    } ?? false
  }

  /// Which key of a document is probably meant by `records`, as far as the document's beginning has it.
  private func recordsHelp(_ beginning: String) -> String? {
    let keys = beginning.split(separator: "\"").map(String.init)
    let path = watcher.format.text("records") ?? ""
    guard let near = NearestName.closest(to: path.split(separator: ".").last.map(String.init) ?? "", among: keys) else {
      return "name the array of records in `records`, or leave `records` out if the whole document is one record"
    }
    return "did you mean `records: \(near)`?"
  }

  /// One line of so many may be torn without a word.
  private static let shareOfMalformed = 20

  private func counted(_ count: Int, _ what: String) -> String { count == 1 ? "one \(what)" : "\(count) \(what)s" }

  /// What a line looks like, if it is not the watcher's format.
  func otherFormat(_ line: String) -> String? {
    guard let guess = FormatGuess.format(of: line), guess != watcher.format.name else { return nil }
    return "it looks like `format: \(guess)`"
  }
}

/// What a line looks like.
enum FormatGuess {
  /// The format that a log has with such a line, as far as a line tells.
  static func format(of line: String) -> String? {
    let bytes = Array(line.utf8)
    guard let first = bytes.first else { return nil }
    switch first {
    case UInt8(ascii: "["):
      return bytes.dropFirst().first { $0 != 0x20 }.map { "{\"".utf8.contains($0) } ?? true ? "json" : nil
    case UInt8(ascii: "{"):
      let next = bytes.dropFirst().first { $0 != 0x20 }
      if next == UInt8(ascii: "'") { return "pydict" }
      if next == nil { return "json" }
      guard next == UInt8(ascii: "\"") else { return nil }
      return line.hasSuffix("}") || line.hasSuffix("…") ? "jsonl" : "json"
    default:
      if line.contains("{'") { return "pydict" }
      let commas = bytes.count { $0 == UInt8(ascii: ",") }
      let blanks = bytes.count { $0 == 0x20 }
      let isTable = commas >= 1 && blanks == 0 || commas >= 2 && blanks <= commas
      return isTable && !bytes.contains(UInt8(ascii: ":")) ? "csv" : nil
    }
  }
}

/// The line pattern that comes nearest to a line, and where it stops to match.
package enum NearestLine {
  /// A pattern's way into a line.
  package struct Reach: Sendable, Hashable {
    package var pattern: String
    /// How many of its texts stand in the line, in their order.
    package var found: Int
    /// The text that does not come; nil: all come, and a capture is at fault.
    package var missing: String?
  }

  /// nil: the format has no line patterns.
  package static func reach(into line: String, _ format: LogFormat) -> Reach? {
    var best: Reach?
    for pattern in format.linePatterns {
      let progress = LinePattern(pattern).progress(in: Array(line.utf8))
      if let best, best.found >= progress.found { continue }
      best = Reach(pattern: pattern.source, found: progress.found, missing: progress.missing)
    }
    return best
  }

  static func help(for line: String, _ format: LogFormat) -> String? {
    guard let reach = reach(into: line, format), reach.found > 0 else { return nil }
    guard let missing = reach.missing else {
      return "`\(reach.pattern)` comes nearest: all of its text is there, but nothing where a capture stands"
    }
    return "`\(reach.pattern)` comes nearest: its text \"\(missing)\" does not come"
  }
}
