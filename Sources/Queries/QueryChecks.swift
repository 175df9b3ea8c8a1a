package import Diagnostics
package import MetricCatalog
internal import PromQL

/// One check of queries: one file in `Checks/`, and one line in `QueryChecks.all`.
protocol QueryCheck {
  /// All that it can report.
  static var ids: [RuleID] { get }
  static func check(_ query: CheckedQuery, _ report: QueryReport)
}

/// A query that was parsed, with what there is to ask for.
struct CheckedQuery {
  let found: FoundQuery
  let expression: Expression
  /// What Prometheus has to be started with.
  let features: [Query.FeatureUse]
  let known: KnownMetrics
  /// The seconds from one scrape to the next; nil: nobody has said.
  let scrapeInterval: Double?

  /// The selectors of known names, in the order of the text.
  var selected: [(selector: Selector, series: KnownMetrics.Series, place: Place)] {
    var all: [(Selector, KnownMetrics.Series, Place)] = []
    expression.walk { part in
      guard let selector = part.selector, let series = known.series(of: selector), let place = selector.metric?.place
      else { return }
      all.append((selector, series, place))
    }
    return all
  }

  /// What selectors ask of names by expressions, as `{__name__=~"train_.*"}` does.
  var expressionsForNames: Set<[NameMatcher]> {
    var all: Set<[NameMatcher]> = []
    expression.walk { part in
      guard let selector = part.selector, selector.metric == nil else { return }
      let matchers = selector.matchers.compactMap { matcher -> NameMatcher? in
        guard case .label(let label, let operation, .quoted(let value)) = matcher.kind,
          operation.isRegularExpression, label.name.text == Matcher.nameLabel
        else { return nil }
        return value.text.map { NameMatcher(text: $0, isNegated: operation == .matchesNot) }
      }
      if matchers.contains(where: { !$0.isNegated }) { all.insert(matchers) }
    }
    return all
  }

  struct NameMatcher: Hashable {
    var text: String
    var isNegated: Bool
  }
}

/// Holds the queries of rule files and dashboards against catalogs.
package enum QueryChecks {
  static var all: [any QueryCheck.Type] {
    [
      UnknownMetricCheck.self,
      UnknownLabelCheck.self,
      LabelValueCheck.self,
      LostLabelCheck.self,
      GaugeRateCheck.self,
      ShortRangeCheck.self,
      RawCounterCheck.self,
      NoForCheck.self,
      MissingBoundCheck.self,
      QuantileMeanCheck.self,
      PercentCheck.self,
      DeprecatedMetricCheck.self,
      FeatureCheck.self,
    ]
  }

  /// Every id that there is, in the order of docs/rules.md.
  package static let ruleIDs = FileIDs.all + all.flatMap { $0.ids } + WaiverIDs.all

  /// What is known besides the catalogs.
  package struct Setting: Sendable {
    /// Labels that Prometheus adds to all series, besides `job` and `instance`.
    package var targetLabels: [String]
    /// What the names of others' metrics begin with.
    package var foreign: [String]
    /// How often Prometheus scrapes the exporter; nil: nobody has said.
    package var scrapeInterval: Duration?

    package init(targetLabels: [String] = [], foreign: [String] = [], scrapeInterval: Duration? = nil) {
      self.targetLabels = targetLabels
      self.foreign = foreign
      self.scrapeInterval = scrapeInterval
    }
  }

  /// What was found.
  package struct Findings: Sendable {
    /// A file each, in the order in which they were given.
    package var files: [FileDiagnostics]
    /// How many of them could be read.
    package var readCount: Int
    package var queryCount: Int
    /// The metrics of the catalogs that no query names, in their order.
    package var unused: [String]
  }

  /// Checks all queries of some files together, since what the rules of one file record the others may ask for.
  package static func check(_ files: [QueryFile], against catalogs: [Catalog], _ setting: Setting) -> Findings {
    var known = KnownMetrics(catalogs, targetLabels: setting.targetLabels, foreign: setting.foreign)
    let reports = files.map { QueryReport($0) }
    let parsed = zip(files, reports).map { file, report in
      file.queries.map { query in (query, parse(query, report)) }
    }
    addRecorded(parsed.flatMap(\.self), to: &known)
    var used: Set<String> = []
    var expressions: Set<[CheckedQuery.NameMatcher]> = []
    for (queries, report) in zip(parsed, reports) {
      for case (let found, let parsed?) in queries {
        let query = CheckedQuery(
          found: found,
          expression: parsed.expression,
          features: parsed.features,
          known: known,
          scrapeInterval: setting.scrapeInterval.map { $0 / .seconds(1) }
        )
        let waivers = QueryWaiver.all(of: found)
        let needed = report.waiving(waivers) { for check in all { check.check(query, report) } }
        let isIntervalKnown = setting.scrapeInterval != nil
        QueryWaiver.report(waivers, needed: needed, of: found, isIntervalKnown: isIntervalKnown, report)
        used.formUnion(query.selected.map(\.series.metric))
        expressions.formUnion(query.expressionsForNames)
      }
    }
    for matchers in expressions { used.formUnion(known.metrics(matching: matchers)) }
    return Findings(
      files: reports.map { FileDiagnostics(source: $0.source, diagnostics: $0.finished) },
      readCount: files.count(where: \.isRead),
      queryCount: files.reduce(0) { $0 + $1.queries.count },
      unused: known.metrics.filter { used.insert($0).inserted }  // Several catalogs may declare the same one.
    )
  }

  private static func parse(_ query: FoundQuery, _ report: QueryReport) -> Query? {
    do throws(PromQLError) {
      return try Parser.parse(query.query, variables: query.variables)
    } catch {
      let related = error.related.map { (range: $0.range, note: $0.message) }
      report.add(FileIDs.syntax, error.message, at: error.range, of: query, related: related)
      return nil
    }
  }

  /// How often recording rules are gone through, since one may use what a later one records.
  private static let roundsMax = 4

  private static func addRecorded(_ queries: [(FoundQuery, Query?)], to known: inout KnownMetrics) {
    let rules = queries.compactMap { found, query -> (name: String, labels: [String], expression: Expression)? in
      guard case .recording(let name, let labels) = found.purpose, let query else { return nil }
      return (name, labels, query.expression)
    }
    for rule in rules { known.addRecorded(rule.name, labels: nil) }
    guard !rules.isEmpty else { return }
    for _ in 0..<roundsMax {
      let before = known
      var labels: [String: CarriedLabels] = [:]
      for rule in rules {
        let own = before.labels(of: rule.expression).with(rule.labels)
        labels[rule.name] = labels[rule.name].map { $0.joined(own) } ?? own
      }
      for (name, own) in labels { known.addRecorded(name, labels: own.isOpen ? nil : own.names) }
    }
  }
}

/// Collects what is wrong with the queries of a file.
final class QueryReport {
  /// Looking for close names costs time for each; nobody reads further suggestions.
  private static let suggestionsMax = 200
  /// Of errors, warnings and notes each: nobody reads the rest.
  static let diagnosticsMax = 1_000
  /// The most characters of a query that a message quotes.
  private static let quotedMax = 72

  let source: SourceFile
  private var diagnostics: [Diagnostic]
  private var suggestions = 0
  private var seen: Set<Diagnostic> = []
  /// Of the query that is checked.
  private var waivers: [QueryWaiver] = []
  private var needed: Set<Int> = []
  private var counts: [Diagnostic.Severity: Int] = [:]
  /// How many are left out because there are so many.
  private var omitted = 0

  init(_ file: QueryFile) {
    source = file.source
    diagnostics = file.diagnostics
  }

  /// In the order of the file, and how much is left out.
  var finished: [Diagnostic] {
    var diagnostics = diagnostics.sorted(by: Diagnostic.isOrderedBefore)
    if omitted > 0 {
      let id = FileIDs.more
      let message = "\(omitted) more are not shown"
      diagnostics.append(Diagnostic(id: id.name, severity: id.severity, message: message, range: nil))
    }
    return diagnostics
  }

  /// Whether a diagnostic is neither waived nor one too many. To find its place may take long.
  private func isShown(_ id: RuleID) -> Bool {
    if let index = waivers.firstIndex(where: { $0.id == id.name }) {
      needed.insert(index)
      return false
    }
    guard counts[id.severity, default: 0] < Self.diagnosticsMax else {
      omitted += 1
      return false
    }
    return true
  }

  /// Leaves out what some waivers allow.
  ///
  /// - Returns: the indices of those that something needed.
  func waiving(_ waivers: [QueryWaiver], _ check: () -> Void) -> Set<Int> {
    self.waivers = waivers
    needed = []
    check()
    self.waivers = []
    return needed
  }

  /// Reports what is wrong with a part of a query.
  ///
  /// - Parameter part: bytes of the query.
  func add(
    _ id: RuleID,
    _ message: String,
    at part: Range<Int>,
    of query: FoundQuery,
    related: (range: Range<Int>, note: String)? = nil,
    help: String? = nil
  ) {
    guard isShown(id) else { return }
    insert(
      id,
      "\(query.owner): \(message)" + (query.range.isEmpty ? "" : ", in `\(quoted(query))`"),
      at: query.place(of: part),
      related: related.map { [Diagnostic.Related(range: query.place(of: $0.range), note: $0.note)] } ?? [],
      help: help
    )
  }

  /// Reports what is wrong with a text of a file.
  func add(_ id: RuleID, _ message: @autoclosure () -> String, at range: @autoclosure () -> SourceRange, help: String?)
  {
    if isShown(id) { insert(id, message(), at: range(), related: [], help: help) }
  }

  private func insert(
    _ id: RuleID,
    _ message: String,
    at range: SourceRange,
    related: [Diagnostic.Related],
    help: String?
  ) {
    let diagnostic = Diagnostic(
      id: id.name,
      severity: id.severity,
      message: message,
      range: range,
      related: related,
      help: help
    )
    guard seen.insert(diagnostic).inserted else { return }
    counts[id.severity, default: 0] += 1
    diagnostics.append(diagnostic)
  }

  /// The beginning of a query, on one line and without its comments.
  func quoted(_ query: FoundQuery) -> String {
    // A long query may have as many mistakes as it has bytes.
    var beginning = Array(query.query.prefix(16 * Self.quotedMax))
    let isWhole = beginning.count == query.query.count
    if beginning.contains(UInt8(ascii: "#")) {
      for comment in Parser.comments(in: beginning, variables: query.variables).reversed() {
        beginning.removeSubrange(comment)
      }
    }
    let words = String(decoding: beginning, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let text = words.joined(separator: " ")
    let isCut = text.count > Self.quotedMax || !isWhole
    return isCut ? text.prefix(Self.quotedMax - 1) + "…" : text
  }

  /// ``there are `a`, `b` ``: the first of some names.
  func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
    return "there \(names.count == 1 ? "is" : "are") \(shown)"
      + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// ``did you mean `x`?`` for the closest of the candidates; nil where none is close.
  func suggestion(for text: String, among candidates: @autoclosure () -> [String]) -> String? {
    guard suggestions < Self.suggestionsMax else { return nil }
    suggestions += 1
    return Spelling.closest(to: text, among: candidates()).map { "did you mean `\($0)`?" }
  }
}
