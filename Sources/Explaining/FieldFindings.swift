internal import Diagnostics
internal import Ingest
internal import LogFormats
internal import MetricCatalog

/// Fields that the catalog names and no record has.
extension WatcherView {
  var fieldsMissing: [Finding] {
    // Whoever began in the middle has not seen what came before.
    guard !sight.fields.isEmpty, !sight.isPartial, isSettled || isTable else { return [] }
    // What was looked at as a header and was none has no names.
    if readCount == 0, sight.malformed.contains(where: { $0.what.reason == .noHeader }) { return [] }
    let unmet = watcher.fields.filter { !isMet($0) }
    if !watcher.fields.isEmpty, unmet.count == watcher.fields.count { return [noFieldAtAll] }
    var findings = unmet.filter { !hasAlternative($0) }.compactMap { mapping -> Finding? in
      let name = mapping.pattern.pattern.source
      guard mapping.pattern.pattern.literalText != nil else {
        guard isMuch else { return nil }
        let help = placeInDocument(of: [mapping]) ?? whatThereIs
        return finding(.noField, "no field\(soFar) has a name that `\(name)` matches", field: name, help: help)
      }
      return missing(name, "feed a metric", help: placeInDocument(of: [mapping]))
    }
    for condition in watcher.conditions where condition.test != .absent && !sight.has(condition.field) {
      if let finding = missing(condition.field, "meet `where`") { findings.append(finding) }
    }
    for name in labelFields where !sight.has(name) {
      if let finding = missing(name, "give a label its value") { findings.append(finding) }
    }
    return findings
  }

  /// Where more may come.
  private var soFar: String { isWhole ? "" : " so far" }

  /// Whether the names of all fields are known from the start.
  private var isTable: Bool { watcher.format.name == "csv" }

  private func isMet(_ mapping: FieldMapping) -> Bool {
    if let name = mapping.pattern.pattern.literalText { return sight.has(name) }
    return sight.fields.contains { mapping.pattern.match($0) != nil }
  }

  /// Whether each target's series is fed by a field under another name, too: logs of several versions of a tool are often
  /// covered so.
  private func hasAlternative(_ mapping: FieldMapping) -> Bool {
    mapping.targets.allSatisfy { target in
      watcher.fields.contains { other in
        isMet(other) && other.targets.contains { $0.metric == target.metric && $0.labels == target.labels }
      }
    }
  }

  /// The fields that labels of targets name.
  private var labelFields: [String] {
    var names: [String] = []
    for target in watcher.eachRecord + watcher.fields.flatMap(\.targets) {
      for part in target.labels.compactMap(\.self).flatMap(\.parts) {
        if case .field(let name) = part, !names.contains(name) { names.append(name) }
      }
    }
    return names
  }

  /// A field that is missing; nil: it may yet come, as what is measured once an epoch does. One that is there under almost
  /// that name will not.
  private func missing(_ name: String, _ purpose: String, help: String? = nil) -> Finding? {
    let near = NearestName.closest(to: name, among: sight.fields.filter { $0 != name })
    guard isMuch || help != nil || near != nil else { return nil }
    return finding(
      .noField,
      "no record\(soFar) has the field `\(name)`, which is to \(purpose)",
      field: name,
      help: help ?? near.map { "did you mean `\($0)`?" } ?? whatThereIs
    )
  }

  private var noFieldAtAll: Finding {
    let wanted = watcher.fields.map { "`\($0.pattern.pattern.source)`" }
    let named = wanted.prefix(Self.namesMax).joined(separator: ", ") + (wanted.count > Self.namesMax ? ", …" : "")
    let help = placeInDocument(of: watcher.fields) ?? otherFormatOfFields
    return finding(
      .noField,
      "no record\(soFar) has a field that `fields` names (\(named))",
      field: watcher.fields.count == 1 ? watcher.fields[0].pattern.pattern.literalText : nil,
      help: help ?? nearestOfAll ?? whatThereIs
    )
  }

  private var nearestOfAll: String? {
    for mapping in watcher.fields {
      guard let name = mapping.pattern.pattern.literalText,
        let near = NearestName.closest(to: name, among: sight.fields)
      else { continue }
      return "did you mean `\(near)` where it says `\(name)`?"
    }
    return nil
  }

  /// What the names of a table's columns look like, which are its first line, or the keys of pairs.
  private var otherFormatOfFields: String? {
    if isTable {
      let header = sight.fields.joined(separator: ",")
      let hasSeparator = sight.fields.count > 1
      if hasSeparator, FormatGuess(of: header)?.format == "csv" { return nil }
      return otherFormat(header) ?? (hasSeparator ? nil : wrongSeparator)
    }
    let isQuoted = watcher.format.name == "text" && sight.fields.contains { $0.hasSuffix("'") || $0.hasSuffix("\"") }
    return isQuoted ? "it looks like `format: pydict`" : nil
  }

  /// A table of one column whose name has the real separator in it.
  private var wrongSeparator: String? {
    guard let header = sight.fields.first else { return nil }
    let counts = [",", ";", "\t", "|"].map { separator in (separator, header.count { String($0) == separator }) }
    guard let best = counts.max(by: { $0.1 < $1.1 }), best.1 > 0 else { return nil }
    return Self.separatorHelp(best.0)
  }

  private static let namesMax = 5

  /// The names of the fields that logs have.
  private var whatThereIs: String {
    let names = sight.fields.sorted()
    let rest = names.count - Self.namesMax
    return "its records have " + names.prefix(Self.namesMax).map { "`\($0)`" }.joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }
}

/// The name that someone probably meant.
enum NearestName {
  static func closest(to name: String, among names: [String]) -> String? {
    // JSONPath, and what people write for a field's name: `$.loss`, `train_loss` for `Train Loss`.
    var bare = name
    if bare.hasPrefix("$.") { bare.removeFirst(2) }
    let folded = fold(bare)
    if let same = names.first(where: { fold($0) == folded }) { return same }
    if let near = Spelling.closest(to: bare, among: names) { return near }
    let ending = names.filter { isEnding(bare, of: $0) || isEnding($0, of: bare) }
    return ending.count == 1 ? ending[0] : nil
  }

  private static func isEnding(_ short: String, of long: String) -> Bool {
    ["/", ".", "_"].contains { long.hasSuffix($0 + short) }
  }

  /// Letters and digits alone.
  private static func fold(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
