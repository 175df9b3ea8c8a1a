import Diagnostics
import Foundation
import LogStations
import Testing

@testable import MetricCatalog

/// Changes that people make to the shipped catalogs, made from a seed, and what is to be said of each.
struct ChangeJudgingTests {
  /// What is changed, the rule and the severity that have to tell it, and the rules that may tell more.
  struct Kind {
    var name: String
    var rule: String
    var severity: Diagnostic.Severity
    var more: Set<String> = []
    /// nil: there is nothing of the kind in the text.
    var make: (String, inout SplitMix) -> (old: String, new: String)?

    init(
      _ name: String,
      _ severity: Diagnostic.Severity,
      _ rule: String,
      more: Set<String> = [],
      _ make: @escaping (String, inout SplitMix) -> String?
    ) {
      self.init(pair: name, severity, rule, more: more) { text, random in make(text, &random).map { (text, $0) } }
    }

    init(
      pair name: String,
      _ severity: Diagnostic.Severity,
      _ rule: String,
      more: Set<String> = [],
      _ make: @escaping (String, inout SplitMix) -> (old: String, new: String)?
    ) {
      (self.name, self.severity, self.rule, self.more, self.make) = (name, severity, "diff/\(rule)", more, make)
    }
  }

  private static let breaking = Diagnostic.Severity.error
  private static let caution = Diagnostic.Severity.warning
  private static let note = Diagnostic.Severity.note
  /// Where a catalog has a pattern for all other fields, a new line takes something from it.
  private static let taken: Set = ["diff/field-taken", "diff/pattern-order"]

  static var kinds: [Kind] {
    [
      // Metrics
      Kind("a metric is renamed", breaking, "metric-renamed") { $0.renamingMetric(&$1) },
      Kind("a metric is removed with its targets", breaking, "metric-removed") { text, random in
        text.removingMetric(text.entries(of: "metrics").randomElement(using: &random)?.name)
      },
      Kind(pair: "a deprecated metric is removed", note, "deprecated-metric-removed") { text, random in
        guard let name = text.entries(of: "metrics").randomElement(using: &random)?.name else { return nil }
        let old = text.adding("deprecated: { since: '1.4' }", toMetric: name)
        return old?.removingMetric(name).map { (old ?? "", $0) }
      },
      Kind("a metric is added", note, "metric-added") { text, random in
        text.inserting("  wholly_new: { type: gauge, help: Wholly new }\n", beforeEntryOf: "metrics", &random)
      },
      Kind("a metric is deprecated", note, "deprecated") { text, random in
        text.entries(of: "metrics").randomElement(using: &random).flatMap {
          text.adding("deprecated: { since: '1.4' }", toMetric: $0.name)
        }
      },
      Kind("a gauge becomes a summary", breaking, "type") { $0.edit(/type: gauge/, &$1) { _ in "type: summary" } },
      Kind("a unit is no longer declared", caution, "unit") {
        $0.edit(/(    unit: \w+\n)|(, unit: \w+)/, &$1) { _ in "" }
      },
      Kind("a help text is another", note, "help") { $0.edit(/help: (\w+)/, &$1) { "help: Other \($0.1)" } },
      Kind("the bound of a bucket is removed", breaking, "bucket-removed") {
        $0.edit(#/buckets: \[[\d.]+, /#, &$1) { _ in "buckets: [" }
      },
      Kind("a bucket is added", caution, "bucket-added") {
        $0.edit(/(buckets: \[[^\]]+)\]/, &$1) { "\($0.1), 123456]" }
      },
      Kind("a histogram becomes native, too", caution, "native-added") {
        $0.edit(/( +)(buckets: .+\n)/, &$1) { "\($0.1)\($0.2)\($0.1)native: { factor: 1.1 }\n" }
      },
      // Labels of metrics
      Kind("a label is removed from a metric", breaking, "label-removed") {
        $0.edit(/(labels: \[.*?), \w+\]/, &$1) { "\($0.1)]" }
      },
      Kind("a label is added to a metric", caution, "label-added") { text, random in
        guard let label = text.entries(of: "labels").randomElement(using: &random)?.name else { return nil }
        return text.edit(/labels: \[([^\]]+)\]/, &random) { $0.1.contains(label) ? nil : "labels: [\($0.1), \(label)]" }
      },
      Kind("a label is renamed everywhere", breaking, "label-renamed", more: ["diff/run-labels"]) {
        $0.renamingLabel(&$1)
      },
      Kind("labels are shown in another order", note, "order") {
        $0.edit(/labels: \[(\w+), (\w+)/, &$1) { "labels: [\($0.2), \($0.1)" }
      },
      // What labels allow
      Kind("an allowed value is removed", breaking, "value-removed") {
        $0.edit(/(values: \[.*?), [^,\]]+\]/, &$1) { "\($0.1)]" }
      },
      Kind("a value is allowed, too", note, "value-added") {
        $0.edit(/(values: \[[^\]]+)\]/, &$1) { "\($0.1), further]" }
      },
      Kind("a range becomes shorter", breaking, "value-removed") {
        $0.edit(/values: 0\.\.\d+/, &$1) { _ in "values: 0..2" }
      },
      Kind("other values are no longer folded", breaking, "otherwise-removed") {
        $0.edit(/, otherwise: \w+|    otherwise: \w+\n/, &$1) { _ in "" }
      },
      Kind("other values are folded", caution, "otherwise-added") {
        $0.edit(/values: \[(\w+)([^\]]*)\] }/, &$1) { "values: [\($0.1)\($0.2)], otherwise: \($0.1) }" }
      },
      Kind("a text of the log has another value", breaking, "named") {
        $0.edit(/named: { (\w+): (\w+), (\w+): (\w+)/, &$1) { "named: { \($0.1): \($0.4), \($0.3): \($0.4)" }
      },
      Kind("fewer values may exist", caution, "limit-lowered") {
        $0.edit(/max_values: \d\d+/, &$1) { _ in "max_values: 3" }
      },
      Kind("more values may exist", note, "limit-raised") {
        $0.edit(/max_values: (\d+)/, &$1) { "max_values: \($0.1)0" }
      },
      Kind("there may be fewer series", caution, "limit-lowered") { text, random in
        text.edit(/series: 100000/, &random) { _ in "series: 99999" }
          ?? text.edit(/version: 1\n/, &random) { _ in "version: 1\nlimits: { series: 50 }\n" }
      },
      Kind("old values no longer make room", caution, "eviction") { $0.edit(/, evict: oldest/, &$1) { _ in "" } },
      // What feeds metrics
      Kind("another field feeds a metric", breaking, "field", more: taken) {
        $0.edit(field, &$1) { "\($0.1)x_\($0.2): \($0.3)" }
      },
      Kind("a field feeds nothing any more", breaking, "feed-removed") { $0.edit(field, &$1) { _ in "" } },
      Kind("another field feeds a metric, too", caution, "feed-added", more: taken) {
        $0.edit(field, &$1) { $0.2.contains("{") ? nil : "\($0.0)\($0.1)x_\($0.2): \($0.3)" }
      },
      Kind("a metric is scaled", breaking, "scale") {
        $0.edit(plainField, &$1) { "\($0.1): { metric: \($0.2), scale: 0.5 }" }
      },
      Kind("something is added to a metric", breaking, "scale") {
        $0.edit(plainField, &$1) { "\($0.1): { metric: \($0.2), offset: 1 }" }
      },
      Kind("a running total is taken as differences", breaking, "from") {
        $0.edit(/from: running_total/, &$1) { _ in "from: difference" }
      },
      Kind("a label gets another text", breaking, "label-text") { $0.edit(/"{\.(\w+)}"/, &$1) { "\"{.x_\($0.1)}\"" } },
      Kind("other files are read", breaking, "files") { $0.edit(/files: "?([\w{*])/, &$1) { "files: x/\($0.1)" } },
      Kind("further files are read", caution, "files-added") {
        $0.edit(/files: ([^\[\n #]+)/, &$1) { "files: [\"\($0.1)\", \"more/\($0.1)\"]" }
      },
      Kind("files are read as another format", breaking, "format") {
        $0.edit(/format: (csv|jsonl)/, &$1) { "format: \($0.1 == "csv" ? "jsonl" : "csv")" }
      },
      Kind("only some records count", breaking, "where") {
        $0.edit(/(    format: \w+\n)(?!    where)/, &$1) { "\($0.1)    where: { rank: 0 }\n" }
      },
      Kind("a watcher is renamed", caution, "watcher-renamed") { text, random in
        guard let entry = text.entries(of: "watchers").randomElement(using: &random) else { return nil }
        return text.replacing("\n  \(entry.name):", with: "\n  x_\(entry.name):")
      },
      Kind("a collector reads less often", caution, "interval") {
        $0.edit(/interval: 15s/, &$1) { _ in "interval: 1m" }
      },
      Kind("series end", caution, "expiry") {
        $0.edit(/(    format: \w+\n)/, &$1) { "\($0.1)    expire_after: 1h\n" }
      },
    ]
  }

  @Test func twoHundredChangesHaveTheirSeverityAtTheirLine() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? 14
    var random = SplitMix(state: seed)
    let texts = try Self.shipped()
    let kinds = Self.kinds
    var made: [String: Int] = [:]
    for round in 0..<200 {
      let kind = kinds[round % kinds.count]
      let change = try #require(Self.change(kind, texts, &random), "SEED=\(seed): \(kind.name)")
      let found = CatalogChanges.between(change.old, change.new)
      let context: Comment = "SEED=\(seed) round \(round): \(kind.name)\n\(Self.render(found, change.new))"
      #expect(found.contains { $0.id == kind.rule }, context)
      #expect(found.allSatisfy { $0.id == kind.rule || kind.more.contains($0.id) }, context)
      #expect(found.allSatisfy { $0.id != kind.rule || $0.severity == kind.severity }, context)
      let lines = Self.changedLines(change.old.source, change.new.source)
      // What tells runs apart is said at `run:`, which may stay as it was.
      let places = found.filter { $0.id != "diff/run-labels" }.compactMap { found in
        found.range.map { change.new.source.position(ofByte: $0.start).line }
      }
      #expect(places.allSatisfy { lines.contains($0) }, context)
      #expect(found.flatMap(\.related).allSatisfy { $0.source == change.old.source }, context)
      made[kind.name, default: 0] += 1
    }
    #expect(made.count >= 30 && made.values.allSatisfy { $0 >= 5 })
  }

  /// Order, comments, quotes, flow style, anchors, other writings of a number, and defaults that are written out.
  static var harmless: [(name: String, make: (String, inout SplitMix) -> String?)] {
    [
      ("a comment", { $0.edit(/\n( *)(\w+:)/, &$1) { "\n# A comment: { [\n\($0.1)\($0.2)" } }),
      ("a comment behind a line", { $0.edit(/([\]}])\n/, &$1) { "\($0.1)    # A comment\n" } }),
      ("metrics in another order", { $0.shuffling("metrics", &$1) }),
      ("labels in another order", { $0.shuffling("labels", &$1) }),
      ("watchers in another order", { $0.shuffling("watchers", &$1) }),
      ("values in another order", { $0.edit(/values: \[([^,\]]+), ([^,\]]+)/, &$1) { "values: [\($0.2), \($0.1)" } }),
      ("keys in another order", { $0.edit(#/{ (type: \w+), (help: [^,"]+), /#, &$1) { "{ \($0.2), \($0.1), " } }),
      ("a text in quotes", { $0.edit(/help: ([\w ]+)(?=[,\n ]*[,\n}])/, &$1) { "help: '\($0.1.trimming())'" } }),
      ("a name in quotes", { $0.edit(/type: (\w+)/, &$1) { "\"type\": \"\($0.1)\"" } }),
      ("a value in quotes", { $0.edit(/values: \[([a-z]\w*)/, &$1) { "values: ['\($0.1)'" } }),
      ("a number with a fraction", { $0.edit(/max_values: (\d+)/, &$1) { "max_values: \($0.1).0" } }),
      ("a bound as a power", { $0.edit(/buckets: \[0\.1,/, &$1) { _ in "buckets: [1e-1," } }),
      ("a duration in another unit", { $0.edit(/interval: 15s/, &$1) { _ in "interval: 15000ms" } }),
      (
        "the default limits",
        { text, random in
          text.contains("limits:")
            ? nil
            : text.edit(/version: 1\n/, &random) { _ in "version: 1\nlimits: { series: 100000, line_bytes: 4194304 }\n"
            }
        }
      ),
      ("the default of `created`", { $0.edit(/{ type: counter,/, &$1) { _ in "{ type: counter, created: false," } }),
      ("the default of `from`", { $0.edit(plainField, &$1) { "\($0.1): { metric: \($0.2), from: value }" } }),
      (
        "the default of `scale`", { $0.edit(plainField, &$1) { "\($0.1): { scale: 1.0, offset: 0, metric: \($0.2) }" } }
      ),
      ("the default timeout", { $0.edit(/(    )readings:\n/, &$1) { "\($0.1)timeout: 5s\n\($0.1)readings:\n" } }),
      ("a target in a list", { $0.edit(plainField, &$1) { "\($0.1): [\($0.2)]" } }),
      ("a path in a list", { $0.edit(/files: ([^\[\n #]+)/, &$1) { "files: [ \"\($0.1)\" ]" } }),
      ("lists in lines", { $0.edit(/(\n +)labels: \[(\w+)\]\n/, &$1) { "\($0.1)labels:\($0.1)- \($0.2)\n" } }),
      (
        "an anchor",
        { text, random in
          guard let list = text.firstMatch(of: /labels: (\[[^\]]+\])/)?.1 else { return nil }
          let parts = text.components(separatedBy: "labels: \(list)")
          return parts.count < 3
            ? nil : parts[0] + "labels: &same \(list)" + parts.dropFirst().joined(separator: "labels: *same")
        }
      ),
      ("an unused label", { $0.edit(/\nlabels:\n/, &$1) { _ in "\nlabels:\n  nobody: { max_values: 5 }\n" } }),
    ]
  }

  @Test func aHundredChangesThatMeanNothingGiveNoLine() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? 15
    var random = SplitMix(state: seed)
    let texts = try Self.shipped()
    let harmless = Self.harmless
    for round in 0..<100 {
      let first = harmless[round % harmless.count]
      let kind = Kind(first.name, .note, "") { text, random in
        guard var new = first.make(text, &random), new != text else { return nil }
        // With others on top.
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let made = harmless.randomElement(using: &random)?.make(new, &random)
          if let made, load(made).catalog != nil { new = made }
        }
        return new
      }
      let change = try #require(Self.change(kind, texts, &random), "SEED=\(seed): \(first.name)")
      let found = CatalogChanges.between(change.old, change.new)
      #expect(found.isEmpty, "SEED=\(seed) round \(round): \(first.name)\n\(Self.render(found, change.new))")
    }
  }

  // MARK: Making

  /// A line of `fields:` or `readings:`: its indentation, what feeds, and what is fed.
  private static var field: Regex<(Substring, Substring, Substring, Substring)> {
    /(?m)(^      )([\w.\/{}()-]+): ((?:[a-z]\w+|{ metric: .*}|[a-z]\w+{.*})\n)/
  }

  /// One whose target is a metric's name alone.
  private static var plainField: Regex<(Substring, Substring, Substring)> {
    /(      [\w.\/{}()-]+): ([a-z]\w+)(?=\n)/
  }

  static func shipped() throws -> [String] {
    let examples = repository.appending(path: "examples")
    let folders = try FileManager.default.contentsOfDirectory(atPath: examples.path).sorted()
    let files =
      folders.map { examples.appending(path: "\($0)/metrics.yaml") } + [repository.appending(path: "metrics.yaml")]
    return files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }
  }

  /// A change of the kind that gives a valid catalog; nil: none of many tries did.
  private static func change(
    _ kind: Kind,
    _ texts: [String],
    _ random: inout SplitMix
  ) -> (old: CatalogLoading, new: CatalogLoading)? {
    for _ in 0..<300 {
      guard let text = texts.randomElement(using: &random), let (old, new) = kind.make(text, &random), old != new else {
        continue
      }
      // What collectors there are makes no difference here.
      let loadings = [old, new].map { CatalogLoader.load(bytes: Array($0.utf8), path: "metrics.yaml") }
      if loadings.allSatisfy({ $0.catalog != nil }) { return (loadings[0], loadings[1]) }
    }
    return nil
  }

  private static func render(_ found: [Diagnostic], _ loading: CatalogLoading) -> String {
    ConsoleRenderer(source: loading.source).render(found)
  }

  /// The lines of the new file from the first to the last that differ, and those beside lines that are gone.
  private static func changedLines(_ old: SourceFile, _ new: SourceFile) -> ClosedRange<Int> {
    let (before, after) = (lines(old), lines(new))
    let start = zip(before, after).prefix { $0 == $1 }.count
    let room = min(before.count, after.count) - start
    let end = zip(before.reversed(), after.reversed()).prefix { $0 == $1 }.prefix(room).count
    return start...max(after.count - end + 1, start)
  }

  private static func lines(_ file: SourceFile) -> [Substring] {
    String(decoding: file.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }
}

extension String {
  /// One of the matches replaced; nil: there is none, or the replacement is.
  fileprivate func edit<Output>(
    _ pattern: Regex<Output>,
    _ random: inout SplitMix,
    _ replace: (Regex<Output>.Match) -> String?
  ) -> String? {
    guard let match = matches(of: pattern).randomElement(using: &random), let text = replace(match) else { return nil }
    return replacingCharacters(in: match.range, with: text)
  }

  /// The entries of a section, each with its lines.
  fileprivate func entries(of section: String) -> [(name: String, text: String)] {
    guard let start = range(of: "\n\(section):\n") else { return [] }
    var entries: [(name: String, text: String)] = []
    for line in self[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false) {
      if line.firstMatch(of: /^\S/) != nil { break }
      if let match = line.firstMatch(of: /^  (\w+):/) {
        entries.append((String(match.1), "\(line)\n"))
      } else if !entries.isEmpty, line.hasPrefix("   ") {
        entries[entries.count - 1].text += "\(line)\n"
      }
    }
    return entries
  }

  /// The lines of a section's entries in another order. Comments and empty lines stay.
  fileprivate func shuffling(_ section: String, _ random: inout SplitMix) -> String? {
    let entries = entries(of: section)
    guard entries.count > 1 else { return nil }
    let first = Int.random(in: 0..<entries.count - 1, using: &random)
    let (a, b) = (entries[first].text, entries[first + 1].text)
    return replacing(a, with: "\u{1}").replacing(b, with: a).replacing("\u{1}", with: b)
  }

  fileprivate func inserting(_ line: String, beforeEntryOf section: String, _ random: inout SplitMix) -> String? {
    guard let entry = entries(of: section).randomElement(using: &random) else { return nil }
    return replacing(entry.text, with: line + entry.text)
  }

  fileprivate func adding(_ key: String, toMetric name: String) -> String? {
    guard let entry = entries(of: "metrics").first(where: { $0.name == name }) else { return nil }
    let isFlow = entry.text.hasPrefix("  \(name): {")
    let text = isFlow ? entry.text.replacing("  \(name): {", with: "  \(name): { \(key),") : "\(entry.text)    \(key)\n"
    return replacing(entry.text, with: text)
  }

  fileprivate func removingMetric(_ name: String?) -> String? {
    guard let name, let entry = entries(of: "metrics").first(where: { $0.name == name }) else { return nil }
    let fed = try? Regex("(?m)^ +\\S+: (\(name)|\(name)\\{.*|\\{ metric: \(name)\\b.*)\\n")
    return fed.map { replacing(entry.text, with: "").replacing($0, with: "") }
  }

  fileprivate func renamingMetric(_ random: inout SplitMix) -> String? {
    guard let name = entries(of: "metrics").randomElement(using: &random)?.name,
      let use = try? Regex("(: |\\[|, )\(name)(?=[ ,\\]}{\\n])")
    else { return nil }
    let parts = components(separatedBy: "\n  \(name):")
    guard parts.count == 2 else { return nil }
    // Behind the declaration targets follow, and help texts.
    let rest = parts[1].replacing(use) { match in
      String(parts[1][match.range]).replacing(name, with: "x_\(name)")
    }
    return parts[0] + "\n  x_\(name):" + rest
  }

  fileprivate func renamingLabel(_ random: inout SplitMix) -> String? {
    guard let name = entries(of: "labels").randomElement(using: &random)?.name,
      let declared = try? Regex("(?m)^  \(name): "), let list = try? Regex("labels: \\[[^\\]]*\\b\(name)\\b[^\\]]*\\]"),
      let listed = try? Regex("\\b\(name)\\b"), let given = try? Regex("\\b\(name)(: \"|=\")"),
      contains(list)
    else { return nil }
    func renamed(_ text: Substring) -> String { String(text).replacing(name, with: "x_\(name)", maxReplacements: 1) }
    return replacing(declared, maxReplacements: 1) { renamed(self[$0.range]) }
      .replacingMatches(of: list) { text in String(text).replacingMatches(of: listed) { _ in "x_\(name)" } }
      .replacingMatches(of: given) { renamed($0) }
      .replacing("{\(name)}", with: "{x_\(name)}")
  }

  private func replacingMatches(of pattern: Regex<AnyRegexOutput>, _ replace: (Substring) -> String) -> String {
    replacing(pattern) { replace(self[$0.range]) }
  }
}

extension Substring {
  fileprivate func trimming() -> String { trimmingCharacters(in: .whitespaces) }
}
