package import Ingest
internal import LogFormats
package import MetricCatalog

/// A watcher with all that is known of what became of its logs. Findings are made of it.
package struct WatcherView {
  let watcher: Watcher
  let sight: WatcherSight
  let records: RecordCounters
  /// How many files are followed.
  let files: Int
  /// Why there are none.
  let missing: () -> [MissingFiles]
  /// Whether logs are read to their ends and nothing more comes: then little is as good as much.
  let isWhole: Bool
  /// Whether nothing has come for a while, though something may yet.
  let isAtRest: Bool

  package init(
    watcher: Watcher,
    sight: WatcherSight,
    records: RecordCounters,
    files: Int,
    isWhole: Bool,
    isAtRest: Bool = false,
    missing: @escaping () -> [MissingFiles]
  ) {
    self.watcher = watcher
    self.sight = sight
    self.records = records
    self.files = files
    self.isWhole = isWhole
    self.isAtRest = isAtRest
    self.missing = missing
  }

  func count(_ outcome: RecordOutcome) -> Int { records.count(outcome) }

  /// Records that were read as such.
  var readCount: Int { count(.mapped) + count(.filtered) }

  /// All lines, rows and documents.
  var allCount: Int { readCount + count(.unmatched) + count(.malformed) }

  /// Whether there is so much that what has not come by now hardly will.
  var isMuch: Bool { isWhole || allCount >= Self.muchCount }

  /// Whether it can be said of what is there that all of it is wrong.
  var isSettled: Bool { isMuch || isAtRest }

  private static let muchCount = 100

  /// All findings, those first without which the others would not be.
  package func findings() -> [Finding] {
    if watcher.readsEvents { return files == 0 ? filesMissing : [] }
    return FindingChecks.all.flatMap { $0(self) }
  }

  func finding(
    _ kind: Finding.Kind,
    _ message: String,
    file: String? = nil,
    text: String? = nil,
    field: String? = nil,
    metric: String? = nil,
    help: String? = nil
  ) -> Finding {
    Finding(
      kind: kind,
      watcher: watcher.name,
      file: file,
      text: text,
      field: field,
      metric: metric,
      message: message,
      help: help
    )
  }
}

/// All checks, in the order in which what they find is told. A new one is one more line here.
enum FindingChecks {
  static let all: [@Sendable (WatcherView) -> [Finding]] = [
    { $0.filesMissing }, { $0.linesWithoutRecord }, { $0.recordsLeftOut }, { $0.fieldsMissing }, { $0.textsForNumbers },
    { $0.samplesRefused },
  ]
}

extension WatcherView {
  /// No file matches.
  var filesMissing: [Finding] {
    guard files == 0 else { return [] }
    return missing().map { reason in
      var finding = finding(.noFile, reason.message, help: reason.help)
      finding.pattern = reason.pattern
      return finding
    }
  }

  /// `where` leaves out everything.
  var recordsLeftOut: [Finding] {
    guard count(.mapped) == 0, count(.filtered) > 0, isSettled, let sample = sight.filtered else { return [] }
    let field = sample.what.field
    // A field that no record has is a finding of its own.
    if sample.what.text == nil, !sight.has(field), !sight.isPartial { return [] }
    let said = sample.what.text.map { "`\(field)` is \"\($0)\"" } ?? "`\(field)` is missing"
    return [
      finding(
        .filtered,
        "`where` leaves out every record of \(count(.filtered)): in the first of \(sample.file) \(said)",
        file: sample.file,
        field: field,
        help: "change `where`, or leave it out"
      )
    ]
  }

  /// Texts where metrics want numbers.
  var textsForNumbers: [Finding] {
    sight.notNumbers.sorted { $0.key < $1.key }.map { field, found in
      let times = found.count == 1 ? "once" : "\(found.count) times"
      return finding(
        .noNumber,
        "`\(field)` was no number \(times), such as \"\(found.first.what)\" in \(found.first.file)",
        file: found.first.file,
        field: field,
        help: found.first.what == WatcherSight.NotANumber.container
          ? containerHelp(field)
          : TextAdvice.help(for: found.first.what, ofCapture: watcher.format.lines("lines") != nil ? field : nil)
      )
    }
  }
}

/// What to do about a text that is no number.
enum TextAdvice {
  /// - Parameter capture: the capture of a line pattern whose text it is.
  static func help(for text: String, ofCapture capture: String? = nil) -> String {
    let bare = String(text.reversed().drop { ",;.)]".contains($0) }.reversed())
    let behind = text.dropFirst(bare.count)
    if let capture, !behind.isEmpty, bare.contains(where: \.isNumber),
      bare.allSatisfy({ "0123456789.,-+eE%".contains($0) })
    {
      return "write what stands behind the number into the pattern: `{\(capture)}\(behind)`"
    }
    let bytes = Array(text.utf8)
    let digits = bytes.count { $0 &- 48 <= 9 }
    guard digits > 0 else {
      return
        "if it means that nothing was measured, name it in `na_values`; if it is a label or a state, feed a label or a stateset"
    }
    if bytes.contains(UInt8(ascii: ",")), bytes.allSatisfy({ $0 &- 48 <= 9 || ",.-+ %".utf8.contains($0) }) {
      let groups = text.split(separator: ",", omittingEmptySubsequences: false).dropFirst()
      let isOfThousands = groups.allSatisfy { $0.prefix { $0.isNumber }.count == 3 }
      return "say what the comma is: `decimal: \",\"`" + (isOfThousands ? " or `thousands: \",\"`" : "")
    }
    if isDuration(text) { return "it is a duration, which a metric that ends in `_seconds` takes as it is" }
    return "give the target a `pattern` that takes the number out of it, such as `pattern: \"{value}/{_}\"`"
  }

  /// Whether it is like `1:30:00` or `1h 5m`.
  private static func isDuration(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 1 { return parts.allSatisfy { Double($0) != nil } }
    let words = text.split(separator: " ")
    return !words.isEmpty
      && words.allSatisfy { word in "hms".contains(word.last ?? " ") && Double(word.dropLast()) != nil }
  }
}
