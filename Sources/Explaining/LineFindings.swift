internal import Ingest
package import LogFormats
internal import MetricCatalog
internal import PatternSyntax

/// Lines, rows and documents that were no records.
extension WatcherView {
  var linesWithoutRecord: [Finding] {
    var findings: [Finding] = []
    if let sample = sight.unmatched, readCount == 0, isSettled, count(.unmatched) >= count(.malformed) {
      findings.append(
        finding(
          .noMatch,
          "no line of \(count(.unmatched)) gives a record: \"\(sample.what.text)\" in \(sample.file) "
            + sample.what.reason.text,
          file: sample.file,
          text: sample.what.text,
          help: NearestLine.help(for: sample.what.text, watcher.format) ?? otherFormat(sample.what.text)
        )
      )
    }
    // The last frame of a program that was killed is nothing that anybody could mend.
    for sample in sight.malformed where sample.what.reason != .isHalf {
      let count = count(.malformed)
      if case .cells(let cells, let columns) = sample.what.reason {
        findings.append(
          finding(
            .rowWidth,
            "\(counted(count, "row")) could not be read: the row \"\(sample.what.text)\" of \(sample.file) "
              + sample.what.reason.text,
            file: sample.file,
            text: sample.what.text,
            help: widthHelp(sample.what.text, isWider: cells > columns)
          )
        )
      } else if count * Self.shareOfMalformed >= allCount {
        findings.append(
          finding(
            .malformed,
            "\(counted(count, whatIsRead(sample.what))) of \(allCount) could not be read: "
              + (sample.what.text.isEmpty ? "" : "\"\(sample.what.text)\" in ")
              + "\(sample.file) \(sample.what.reason.text)",
            file: sample.file,
            text: sample.what.text,
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
      guess(line.text) ?? "if the file has no header, name its columns in `columns`, in their order"
    case .isDamaged: "the frames around it are read: the disk lost it, or the file was copied while it was written"
    case .tooLong where !isOfDocuments: "longer lines are read with `limits: { line_bytes: … }`"
    case .isNot where isElement(line):
      "records are objects such as `{\"loss\": 0.5}`: bare values have no names. Arrays side by side are read with `orient: columns`"
    default: guess(line.text)
    }
  }

  private func widthHelp(_ row: String, isWider: Bool) -> String {
    if watcher.format.text("separator") == "blanks" {
      return
        "blanks part columns: if a name or a cell has several words, name the columns in `columns`, one for each word"
    }
    if let guess = guess(row) { return guess }
    return isWider
      ? "it was cut while it was written and another went on behind it, or more columns are written now: those need a new header, or a file of their own"
      : "whoever wrote it wrote fewer columns, or a part of the row is lost"
  }

  /// Another format is meant hardly where most of a log could be read.
  private func guess(_ text: String) -> String? { count(.malformed) > readCount ? otherFormat(text) : nil }

  /// Whether it is an element of an array of records.
  private func isElement(_ line: BadLine) -> Bool {
    watcher.format.name == "json" && line.reason == .isNot("a JSON object")
  }

  private func whatIsRead(_ line: BadLine) -> String {
    isElement(line) ? "element" : isOfDocuments ? "document" : LogFormats.isBinary(watcher.format) ? "frame" : "line"
  }

  private var isOfDocuments: Bool {
    LogFormats.all.first { $0.name == watcher.format.name }.map {
      if case .document = $0.content { true } else { false }
    } ?? false
  }

  /// One line of so many may be torn without a word.
  private static let shareOfMalformed = 20

  private func counted(_ count: Int, _ what: String) -> String { count == 1 ? "one \(what)" : "\(count) \(what)s" }

  /// What a text of the log looks like, if that is not how the watcher reads it.
  func otherFormat(_ text: String) -> String? {
    let names = watcher.fields.compactMap(\.pattern.pattern.literalText)
    guard let guess = FormatGuess(of: text, names: names) else { return nil }
    let isOwn = guess.format == watcher.format.name
    switch guess {
    case .csv(let separator) where isOwn:
      let reads = watcher.format.text("separator")
      return (reads == "blanks") == (separator == "blanks") ? nil : Self.separatorHelp(separator)
    case .csv("blanks"): return "it looks like `format: csv` with `separator: blanks`"
    case .text(let pairs) where isOwn:
      guard let reads = watcher.format.pattern("pairs"), reads.source != pairs else { return nil }
      guard let pairs else { return "it has no pairs: describe its lines in `lines`" }
      return "did you mean `pairs: \"\(pairs)\"`?"
    case .text(let pairs):
      return "it looks like `format: text`, with " + (pairs.map { "`pairs: \"\($0)\"`" } ?? "its lines in `lines`")
    default: return isOwn ? nil : "it looks like `format: \(guess.format)`"
    }
  }

  static func separatorHelp(_ separator: String) -> String {
    if separator == "blanks" { return "its columns are parted by blanks: write `separator: blanks`" }
    let shown = separator == "\t" ? "\\t" : separator
    return "its columns are parted by \"\(shown)\": write `separator: \"\(shown)\"`, or leave it out"
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
    let reach = reach(into: line, format)
    if let folded = foldedReach(into: line, format), folded.found > reach?.found ?? 0 {
      return "`\(folded.pattern)` comes nearest, but the line has other letters in capitals: write them as it has them"
    }
    guard let reach, reach.found > 0 else { return nil }
    guard let missing = reach.missing else {
      return "`\(reach.pattern)` comes nearest: all of its text is there, but nothing where a capture stands"
    }
    return "`\(reach.pattern)` comes nearest: its text \"\(missing)\" does not come"
  }

  /// How far a pattern leads if capitals and small letters are the same.
  private static func foldedReach(into line: String, _ format: LogFormat) -> Reach? {
    let line = Array(line.lowercased().utf8)
    let reaches = format.linePatterns.compactMap { pattern -> Reach? in
      guard let folded = try? Pattern(parsing: pattern.source.lowercased()) else { return nil }
      let progress = LinePattern(folded).progress(in: line)
      return Reach(pattern: pattern.source, found: progress.found, missing: progress.missing)
    }
    return reaches.max { $0.found < $1.found }
  }
}
