internal import Diagnostics
internal import LogFormats
internal import PatternSyntax

/// A proposed catalog as YAML, with comments that say what each part is and where to change it.
package struct CatalogText {
  /// What a line was made of.
  package enum Origin: Sendable {
    case metric(String)
    /// A target of `fields`, or of `each_record`: the watcher, and its place there.
    case field(watcher: String, Int)
    case info(watcher: String, Int)
  }

  private let catalog: ProposedCatalog
  private var lines: [String] = []
  private var origins: [Int: Origin] = [:]

  package init(_ catalog: ProposedCatalog) {
    self.catalog = catalog
    header()
    labels()
    metrics()
    watchers()
  }

  /// What a line was made of, counted from 1; nil: neither of a metric nor of what feeds one.
  package func origin(ofLine line: Int) -> Origin? { origins[line] }

  private mutating func add(_ line: String, of origin: Origin) {
    lines.append(line)
    origins[lines.count] = origin
  }

  package var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func header() {
    lines.append(
      "# Proposed by `training-exporter init \(PrintableText.escape(catalog.source))`. It is yours now: rename, add and delete."
    )
    lines.append(
      "# `training-exporter validate` checks what you change, `training-exporter explain` says where each number goes."
    )
    lines.append("version: 1")
    if let count = catalog.seriesMax { lines += ["", "limits: { series: \(count) }"] }
  }

  private mutating func labels() {
    guard !catalog.labels.isEmpty else { return }
    lines += ["", "labels:  # each has a bound, which keeps the number of time series small"]
    for (name, label) in catalog.labels {
      let bound: String
      switch label.bound {
      case .count(let count, let evicts): bound = "max_values: \(count)" + (evicts ? ", evict: oldest" : "")
      case .range(let last): bound = "values: 0..\(last)"
      case .values(let values):
        let list = values.map(Self.inFlow).joined(separator: ", ")
        bound = "values: [\(list)]" + (values.contains("other") ? ", otherwise: other" : "")
      }
      lines.append("  \(name): { help: \(Self.inFlow(label.help)), \(bound) }")
    }
  }

  private mutating func metrics() {
    guard !catalog.metrics.isEmpty else { return }
    lines += ["", "metrics:"]
    for metric in catalog.metrics {
      let unit = metric.unit.map { ", unit: \($0)" } ?? ""
      let labels = metric.labels.isEmpty ? "" : ", labels: [\(metric.labels.joined(separator: ", "))]"
      let most = metric.seriesMax.map { ", max_series: \($0)" } ?? ""
      add(
        "  \(metric.name): { type: \(metric.kind.rawValue)\(unit), help: \(Self.inFlow(metric.help))\(labels)\(most) }",
        of: .metric(metric.name)
      )
    }
  }

  private mutating func watchers() {
    lines += ["", "watchers:"]
    for (index, watcher) in catalog.watchers.enumerated() {
      if index > 0 { lines.append("") }
      lines.append("  \(watcher.name):  # \(Self.comment(watcher))")
      list("files", watcher.files)
      if !watcher.exclude.isEmpty { list("exclude", watcher.exclude) }
      format(watcher)
      if let run = watcher.run { runs(run) }
      if !watcher.labels.isEmpty {
        let list = watcher.labels.map { "\($0.name): \(Self.inFlow($0.text))" }.joined(separator: ", ")
        lines.append("    labels: { \(list) }")
      }
      if !watcher.infos.isEmpty {
        lines.append("    each_record:")
        for (place, info) in watcher.infos.enumerated() {
          let texts = info.labels.map { "\($0.label): \(Self.inFlow($0.text))" }.joined(separator: ", ")
          add("      - { metric: \(info.metric), labels: { \(texts) } }", of: .info(watcher: watcher.name, place))
        }
      }
      if !watcher.fields.isEmpty {
        lines.append("    fields:")
        for (place, field) in watcher.fields.enumerated() {
          add("      " + Self.line(field), of: .field(watcher: watcher.name, place))
        }
      }
      leftOut(watcher)
    }
  }

  private static func comment(_ watcher: ProposedCatalog.Watcher) -> String {
    if watcher.isSettings { return "\(watcher.tool): how far it is to go" }
    return "\(watcher.tool), \(watcher.logCount) log\(watcher.logCount == 1 ? "" : "s")"
  }

  private mutating func list(_ key: String, _ paths: [String]) {
    if paths.count == 1 {
      lines.append("    \(key): \(Self.inBlock(paths[0]))")
    } else {
      lines.append("    \(key):")
      for path in paths { lines.append("      - \(Self.inBlock(path))") }
    }
  }

  private mutating func format(_ watcher: ProposedCatalog.Watcher) {
    let format = watcher.format
    lines.append("    format: \(format.name)")
    let keys = LogFormats.all.first { $0.name == format.name }?.keys ?? []
    for key in keys {
      guard let option = format.options[key.name], option != key.byDefault else { continue }
      switch option {
      case .text(let text): lines.append("    \(key.name): \(Self.inFlow(text))")
      case .fieldNames(let names):
        lines.append("    # The logs have no header: give the columns names that say something.")
        lines.append("    \(key.name): [\(names.map(Self.inFlow).joined(separator: ", "))]")
      case .pattern(let pattern): lines.append("    \(key.name): \(Self.quoted(pattern.source))")
      case .lines(let rules):
        lines.append("    \(key.name):  # the first that matches a line counts")
        for rule in rules { lines.append("      - \(Self.quoted(rule.line.source))") }
      case .words, .duration: break
      }
    }
    if !watcher.absent.isEmpty {
      lines.append("    # `add_hparams` writes the final scores once more, at step 0.")
      lines.append("    where: { \(watcher.absent.map { "\(Self.inFlow($0)): absent" }.joined(separator: ", ")) }")
    }
    if let decimal = watcher.decimal { lines.append("    decimal: \(Self.quoted(decimal))") }
  }

  private mutating func runs(_ run: [(key: String, value: String)]) {
    let list = run.map { key, value in
      "\(key): \(key == "by" ? value : Self.inFlow(value))"
    }.joined(separator: ", ")
    lines.append(list.isEmpty ? "    run: {}" : "    run: { \(list) }")
  }

  private static func line(_ field: ProposedCatalog.Field) -> String {
    let sorted = field.labels.sorted { $0.key < $1.key }
    let labels = sorted.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ", ")
    let plain = field.metric + (labels.isEmpty ? "" : "{\(labels)}")
    var target = labels.isEmpty ? plain : inBlock(plain, quotedBy: "'")
    if field.scale != nil || field.from != nil || field.textPattern != nil {
      target = "{ metric: \(field.metric)"
      if !sorted.isEmpty {
        target += ", labels: { \(sorted.map { "\($0.key): \(inFlow($0.value))" }.joined(separator: ", ")) }"
      }
      if let from = field.from { target += ", from: \(from)" }
      if let scale = field.scale { target += ", scale: \(scale)" }
      if let pattern = field.textPattern { target += ", pattern: \(quoted(pattern))" }
      target += " }"
    }
    return "\(key(field.pattern)): \(target)"
  }

  private mutating func leftOut(_ watcher: ProposedCatalog.Watcher) {
    let groups = ProposedCatalog.LeftOut.grouped(watcher.leftOut.filter { !$0.field.isEmpty })
    guard !groups.isEmpty else { return }
    lines.append("      # Left out:")
    for (fields, reason) in groups.prefix(Self.leftOutMax) {
      lines.append("      #   \(PrintableText.escape(fields)): \(PrintableText.escape(reason))")
    }
    if groups.count > Self.leftOutMax {
      lines.append("      #   and more, for \(groups.count - Self.leftOutMax) other reasons")
    }
  }

  private static let leftOutMax = 20

  // MARK: - Texts

  private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./()@+%$'=~; -".utf8)

  /// What YAML, or an older version of it, takes for something else than a text.
  private static let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

  /// Whether a text may stand without quotes, beside brackets too.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.allSatisfy(plain.contains) else {
      return false
    }
    let isWord = first &- 97 <= 25 || first &- 65 <= 25 || first == 95
    return isWord && last != 32 && !words.contains(text.lowercased())
  }

  static func inFlow(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// Where braces and commas stand for themselves.
  static func inBlock(_ text: String, quotedBy quote: Character = "\"") -> String {
    let bare = text.filter { !"{}*,\"".contains($0) }
    guard let first = text.first, first.isLetter || first == "_" || first == "/",
      isPlain(first == "/" ? "x" + bare : bare)
    else {
      return quote == "'" && !text.contains("'") && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        ? "'\(text)'" : quoted(text)
    }
    return text
  }

  private static func key(_ text: String) -> String {
    let bare = text.filter { !"{}".contains($0) }
    guard let first = text.first, first.isLetter || first == "_", isPlain(bare) else { return quoted(text) }
    return text
  }

  /// What JSON has between quotes, YAML has, too.
  static func quoted(_ text: String) -> String { JSON.string(text).line }
}
