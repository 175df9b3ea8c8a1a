import Diagnostics
import Foundation
import LogStations
import MetricCatalog
import Testing

@testable import PromQL
@testable import Queries

// Foundation has one, too.
private typealias Expression = PromQL.Expression

/// A mistake that somebody might make in a file, and how it has to be told.
struct QueryMutant {
  /// Where it has to be told.
  enum Place {
    /// Within what was changed.
    case there
    /// Somewhere in the query or in the texts that belong to it, since something is missing.
    case query(SourceRange)
    /// Wherever this label is asked for.
    case label(String)
  }

  /// Bytes of the file.
  var range: SourceRange
  var text: String
  var ids: Set<String>
  var place: Place
}

/// A kind of mistake.
enum QueryMistake: String, CaseIterable {
  case metricMisspelt, suffixDropped, suffixOfAnotherType, bucketDropped
  case labelOfMatcherMisspelt, labelOfGroupingMisspelt, labelOfMatchingMisspelt, labelTakenOverMisspelt
  case labelOfLegendMisspelt, labelOfAnnotationMisspelt, valueMisspelt
  case rateRemoved, rateOfGauge, boundDropped, ratioAsPercent, labelAggregatedAway, labelNotRecorded
  case bracketLost, argumentOfWrongType, operatorDoubled, functionMisspelt, intervalForRate
}

/// Looks for the places of a file where mistakes can be made.
struct MutantSites {
  private let source: SourceFile
  private let known: KnownMetrics
  private let labels: Set<String>
  private(set) var mutants: [QueryMistake: [QueryMutant]] = [:]
  private var random: SplitMix

  /// - Parameter files: what the file belongs to.
  init(_ source: SourceFile, of files: CheckedFiles, random: SplitMix) {
    self.source = source
    self.random = random
    known = KnownMetrics(files.catalogs, targetLabels: files.setting.targetLabels, foreign: [])
    labels = known.targetLabels.union(known.series.values.flatMap { $0.labels.map { Array($0.keys) } ?? [] })
    let wrong = files.told([source])[0].compactMap(\.range)
    for query in QueryFile(source).queries {
      guard let parsed = try? Parser.parse(query.query, variables: query.variables) else { continue }
      let area = query.place(of: 0..<query.query.count)
      // Where something is wrong already, one more mistake could not be told from it.
      guard !wrong.contains(where: { $0.start < area.end && area.start < $0.end }) else { continue }
      add(query, parsed.expression)
    }
  }

  private mutating func add(_ query: FoundQuery, _ expression: Expression) {
    let area = query.place(of: 0..<query.query.count)
    addTokens(query, area)
    var isKnown = true
    expression.walk { part in
      if case .placeholder = part.kind { isKnown = false }
      guard let selector = part.selector else { return }
      // What others have too may have any label.
      isKnown =
        isKnown && (selector.metric?.name.text).map { known.series[$0]?.labels != nil || $0.contains(":") } ?? false
    }
    guard isKnown else { return }
    visit(expression, [], query)
    for template in query.templates {
      let isLegend = query.isOfDashboard
      for use in isLegend ? LabelUse.inLegend(template.text) : LabelUse.inTemplate(template.text) {
        add(
          isLegend ? .labelOfLegendMisspelt : .labelOfAnnotationMisspelt,
          template.place(of: use.range),
          misspelt(use.name, labels),
          ["missing-label"]
        )
      }
    }
  }

  private mutating func add(
    _ mistake: QueryMistake,
    _ range: SourceRange,
    _ text: String,
    _ ids: Set<String>,
    _ place: QueryMutant.Place = .there
  ) {
    mutants[mistake, default: []].append(QueryMutant(range: range, text: text, ids: ids, place: place))
  }

  /// The bytes of a part of a query.
  private func text(_ part: Range<Int>, _ query: FoundQuery) -> String {
    String(decoding: query.query[part], as: UTF8.self)
  }

  /// Where a part stands in the file; nil where it is written in another way.
  private func place(_ part: Range<Int>, _ query: FoundQuery) -> SourceRange? {
    let range = query.place(of: part)
    return source.bytes[range.start..<range.end].elementsEqual(query.query[part]) ? range : nil
  }

  // MARK: Mistakes in the text

  private mutating func addTokens(_ query: FoundQuery, _ area: SourceRange) {
    var lexer = Lexer(query.query, hasVariables: query.variables == .grafana)
    while let token = try? lexer.next(), token.kind != .end {
      guard let place = place(token.range, query) else { continue }
      switch token.kind {
      case .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace, .leftBracket, .rightBracket:
        add(.bracketLost, place, "", ["syntax"], .query(area))
      case .comma, .times, .divide, .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual:
        let sign = text(token.range, query)
        add(.operatorDoubled, place, "\(sign) \(sign)", ["syntax"], .query(area))
      default: break
      }
    }
  }

  // MARK: Mistakes in the tree

  private mutating func visit(_ part: Expression, _ above: [Expression], _ query: FoundQuery) {
    switch part.kind {
    case .selector(let selector):
      visit(selector, query)
      addWrongType(part, above, query)
      addRateOfGauge(part, selector, query)
    case .rangeSelector(let range):
      visit(range.selector, query)
      if case .any = query.shortestStep, let place = place(range.range.place.range, query),
        text(range.range.place.range, query) == "$__rate_interval"
      {
        add(.intervalForRate, place, "$__interval", ["short-range"])
      }
      addRateRemoved(part, range, above, query)
    case .call(let call):
      if let place = place(call.namePlace.range, query) {
        add(.functionMisspelt, place, misspelt(call.name.text ?? "", Set(Function.all.keys)), ["syntax"])
      }
    case .aggregation(let aggregation):
      for label in aggregation.grouping?.labels ?? [] { visit(label, of: aggregation, above, query) }
    case .binary(let binary):
      for label in binary.matching?.labels ?? [] { misspell(label, .labelOfMatchingMisspelt, query) }
      for label in binary.group?.labels ?? [] { misspell(label, .labelTakenOverMisspelt, query) }
      addPercent(binary, query)
    default: break
    }
    for child in part.children { visit(child, above + [part], query) }
  }

  private mutating func visit(_ selector: Selector, _ query: FoundQuery) {
    if let (name, place) = selector.metric, let name = name.text, selector.name != nil,
      let range = self.place(place.range, query)
    {
      let names = Set(known.series.keys).union(known.histograms)
      add(.metricMisspelt, range, misspelt(name, names), ["unknown-metric"])
      let suffixes = ["_total", "_bucket", "_sum", "_count", "_bytes", "_seconds"]
      if let suffix = suffixes.first(where: name.hasSuffix), known.series[name] != nil {
        let bare = String(name.dropLast(suffix.count))
        if known.series[bare] == nil {
          add(suffix == "_bucket" ? .bucketDropped : .suffixDropped, range, bare, ["unknown-metric"])
        }
        for other in suffixes where known.series[bare + other] == nil {
          add(.suffixOfAnotherType, range, bare + other, ["unknown-metric"])
        }
      }
    }
    for matcher in selector.matchers {
      guard case .label(let label, _, let value) = matcher.kind, let name = label.name.text else { continue }
      misspell(label, .labelOfMatcherMisspelt, query)
      guard case .quoted(let template) = value, let text = template.text, !text.isEmpty,
        case .list(let values)? = known.series(of: selector)?.labels?[name], let place = matcher.valuePlace,
        let range = self.place(place.range, query)
      else { continue }
      let words = values.filter(text.contains)
      guard let word = words.max(by: { $0.count < $1.count }) else { continue }
      let quote = self.text(place.range, query).prefix(1)
      let wrong = text.replacing(word, with: misspelt(word, Set(values)), maxReplacements: 1)
      add(.valueMisspelt, range, quote + wrong + quote, ["impossible-value"])
    }
  }

  private mutating func misspell(_ label: Label, _ mistake: QueryMistake, _ query: FoundQuery) {
    guard let name = label.name.text, let range = place(label.place.range, query) else { return }
    add(mistake, range, misspelt(name, labels), ["unknown-label"])
  }

  /// A function that wants a range gets none, or the reverse.
  private mutating func addWrongType(_ part: Expression, _ above: [Expression], _ query: FoundQuery) {
    guard let place = place(part.place.range, query), let last = above.last else { return }
    switch last.kind {
    case .call, .aggregation, .binary:
      add(.argumentOfWrongType, place, text(part.place.range, query) + "[5m]", ["syntax"])
    default: break
    }
  }

  private mutating func addRateOfGauge(_ part: Expression, _ selector: Selector, _ query: FoundQuery) {
    guard let series = known.series(of: selector), series.isGauge, let place = place(part.place.range, query) else {
      return
    }
    add(.rateOfGauge, place, "rate(\(text(part.place.range, query))[5m])", ["rate-of-gauge"])
  }

  private mutating func addRateRemoved(
    _ part: Expression,
    _ range: RangeSelector,
    _ above: [Expression],
    _ query: FoundQuery
  ) {
    let whole = text(part.place.range, query)
    guard let bracket = whole.lastIndex(of: "["), let call = above.last, case .call(let inner) = call.kind,
      let name = inner.function?.name, let placeOfRange = place(part.place.range, query)
    else { return }
    let bare = String(whole[..<bracket])
    add(.argumentOfWrongType, placeOfRange, bare, ["syntax"])
    guard ["rate", "irate", "increase"].contains(name), case .alert = query.purpose,
      known.series(of: range.selector)?.grows ?? false, let place = place(call.place.range, query),
      above.contains(where: isComparedWithNumber)
    else { return }
    // Buckets without a rate are another mistake than a counter without one.
    guard !above.contains(where: { if case .call(let call) = $0.kind { call.arguments.count > 1 } else { false } })
    else { return }
    add(.rateRemoved, place, bare, ["raw-counter"])
  }

  private func isComparedWithNumber(_ expression: Expression) -> Bool {
    guard case .binary(let binary) = expression.kind, binary.operation.isComparison else { return false }
    return [binary.left, binary.right].contains { Bound.number($0).map { $0 != 0 } ?? false }
  }

  private mutating func addPercent(_ binary: Expression.Binary, _ query: FoundQuery) {
    guard binary.operation.isComparison else { return }
    for (side, other) in [(binary.left, binary.right), (binary.right, binary.left)] {
      guard let number = Bound.number(other), let selector = Bound.selector(side, overTime: true),
        known.series(of: selector)?.isRatio ?? false, let place = place(other.place.range, query)
      else { continue }
      add(.ratioAsPercent, place, "\(Int(number * 100))", ["ratio-as-percent"])
    }
  }

  private mutating func visit(
    _ label: Label,
    of aggregation: Expression.Aggregation,
    _ above: [Expression],
    _ query: FoundQuery
  ) {
    misspell(label, .labelOfGroupingMisspelt, query)
    guard let grouping = aggregation.grouping, grouping.kind == .by, let name = label.name.text,
      let place = place(grouping.place.range, query)
    else { return }
    let left = grouping.labels.compactMap(\.name.text).filter { $0 != name }.joined(separator: ", ")
    let area = areas(query)
    if name == "le" {
      if case .recording = query.purpose { return }
      add(.boundDropped, place, "by (\(left))", ["quantile-without-le"], .query(area))
    } else if case .recording = query.purpose {
      add(.labelNotRecorded, place, "by (\(left))", ["missing-label", "unknown-label"], .label(name))
    } else if isNeeded(name, above, query) {
      add(.labelAggregatedAway, place, "by (\(left))", ["missing-label", "lost-label"], .query(area))
    }
  }

  /// From the first to the last byte of a query and of the texts that show its labels.
  private func areas(_ query: FoundQuery) -> SourceRange {
    let places = [query.text.place] + query.templates.map(\.place)
    return SourceRange(places.map(\.start).min() ?? 0, places.map(\.end).max() ?? 0)
  }

  /// Whether a label that an inner part gives is asked for further out.
  private func isNeeded(_ name: String, _ above: [Expression], _ query: FoundQuery) -> Bool {
    for outer in above.reversed() {
      switch outer.kind {
      case .parentheses, .unary: continue
      case .aggregation(let aggregation):
        return aggregation.grouping.map { $0.kind == .by && $0.labels.contains { $0.name.text == name } } ?? false
      case .binary(let binary):
        guard binary.left.type != .scalar, binary.right.type != .scalar else { continue }
        return binary.matching.map { $0.kind == .on && $0.labels.contains { $0.name.text == name } } ?? false
      case .call(let call):
        if ["label_replace", "label_join", "scalar", "absent"].contains(call.function?.name) { return false }
      default: return false
      }
    }
    return query.templates.contains { template in
      (query.isOfDashboard ? LabelUse.inLegend(template.text) : LabelUse.inTemplate(template.text))
        .contains { $0.name == name }
    }
  }

  /// A word with a letter that is lost, doubled, wrong or swapped with its neighbour, and that is none of the others.
  private mutating func misspelt(_ word: String, _ others: Set<String>) -> String {
    while true {
      var letters = Array(word)
      let at = Int.random(in: 0..<letters.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0 where letters.count > 2: letters.remove(at: at)
      case 1: letters.insert(letters[at], at: at)
      case 2 where at + 1 < letters.count: letters.swapAt(at, at + 1)
      default: letters[at] = "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) ?? "x"
      }
      let wrong = String(letters)
      if wrong != word, !others.contains(wrong), letters[0].isLetter || letters[0] == "_" { return wrong }
    }
  }
}

/// Seeded mistakes in dashboards and alerts, those of others and those that are made of catalogs: each is told where it is.
/// `SEEDS` says how many of each kind.
struct SeededMutantTests {
  private static let seeds = Int(ProcessInfo.processInfo.environment["SEEDS"] ?? "")

  @Test(.enabled(if: CephFiles.areThere, "ceph-grafana-dashboards and ceph-prometheus-alerts are not installed"))
  func eachMistakeInOthersFilesIsTold() throws {
    var files = CephFiles.all
    files.sources.append(CephFiles.more)
    #expect(mistakes(in: files, Self.seeds ?? 10) == Set(QueryMistake.allCases))
  }

  @Test(arguments: ["metrics.yaml", "examples/gpu-node/metrics.yaml", "examples/ultralytics/metrics.yaml"])
  func eachMistakeInGeneratedFilesIsTold(catalog: String) throws {
    let files = try CheckedFiles(generatedFor: catalog)
    let told = files.told(files.sources).flatMap(\.self)
    #expect(told == [])
    #expect(mistakes(in: files, Self.seeds ?? 4).count > 10)
  }

  /// Makes mistakes of each kind for which there is a place.
  private func mistakes(in files: CheckedFiles, _ seeds: Int) -> Set<QueryMistake> {
    var random = SplitMix(state: 1)
    var made: Set<QueryMistake> = []
    // Each look at the files finds the same places, with other misspellings there.
    for round in 0..<(seeds + 9) / 10 {
      let sites = files.sources.map { MutantSites($0, of: files, random: SplitMix(state: UInt64(round * 100 + 1))) }
      for mistake in QueryMistake.allCases {
        let all = zip(files.sources, sites).flatMap { source, sites in
          (sites.mutants[mistake] ?? []).map { (source, $0) }
        }
        for _ in 0..<min(10, seeds - round * 10) {
          guard let (source, mutant) = all.randomElement(using: &random) else { continue }
          made.insert(mistake)
          expect(mistake, source, mutant, files)
        }
      }
    }
    return made
  }

  private func expect(
    _ mistake: QueryMistake,
    _ source: SourceFile,
    _ mutant: QueryMutant,
    _ files: CheckedFiles
  ) {
    let new = Array(mutant.text.utf8)
    let bytes = source.bytes[..<mutant.range.start] + new + source.bytes[mutant.range.end...]
    let changed = SourceFile(path: source.path, bytes: Array(bytes))
    // What a file of rules records another may ask for.
    let others = files.sources.filter { $0.path != source.path && $0.path.hasSuffix("rules.yml") }
    let told = files.told([changed] + others)[0]
    let isTold = told.contains { (diagnostic: Diagnostic) -> Bool in
      // A line that loses its only bracket may change the indentation of a block.
      let isOfYAML = mistake == .bracketLost && diagnostic.id.hasPrefix("yaml/")
      guard isOfYAML || mutant.ids.contains(String(diagnostic.id.dropFirst("query/".count))),
        let range = diagnostic.range
      else { return false }
      switch mutant.place {
      case .there: return range.start >= mutant.range.start && range.start <= mutant.range.start + new.count
      case .query(let area):
        let growth = new.count - (mutant.range.end - mutant.range.start)
        return range.start >= area.start && range.end <= area.end + max(0, growth) + 1
      case .label(let name): return changed.bytes[range.start..<range.end].elementsEqual(name.utf8)
      }
    }
    let old = String(decoding: source.bytes[mutant.range.start..<mutant.range.end], as: UTF8.self)
    let position = source.position(ofByte: mutant.range.start)
    let shown = told.map { (diagnostic: Diagnostic) -> String in
      let place = diagnostic.range.map { changed.position(ofByte: $0.start) }
      return "\(place?.line ?? 0):\(place?.column ?? 0) \(diagnostic.id)"
    }
    #expect(
      isTold,
      "\(mistake) at \(source.path):\(position.line):\(position.column): `\(old)` became `\(mutant.text)`: \(shown)"
    )
  }
}
