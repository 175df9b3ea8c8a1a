import LogStations
import MetricModel
import Testing

@testable import MetricCatalog

@Suite struct SeriesBudgetTests {
  /// Boxes of a few values each, counted in the obvious way.
  @Test func theUnionOfFeedsIsCountedAsIfByEnumeration() {
    let seed = UInt64.random(in: 0..<1_000_000)
    var random = SplitMix(state: seed)
    for round in 0..<300 {
      let sizes = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 1...4, using: &random) }
      let labels = sizes.enumerated().map { index, size in
        LabelDescriptor(name: "l\(index)", allowed: .list((0..<size).map { "\($0)" }))
      }
      let feeds = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        FeedLabels(
          values: sizes.map { size in
            Bool.random(using: &random) ? .any : .constant("\(Int.random(in: 0..<size, using: &random))")
          }
        )
      }
      let metric = MetricDescriptor(name: "m", type: .gauge, help: "h", labels: labels)
      let counted = SeriesCount(of: metric, Set(feeds)).combinations
      #expect(counted == Self.enumerated(sizes, feeds), "SEED=\(seed) round \(round): \(sizes) \(feeds)")
    }
  }

  private static func enumerated(_ sizes: [Int], _ feeds: [FeedLabels]) -> Int {
    let combinations = sizes.reduce([[String]()]) { combinations, size in
      combinations.flatMap { combination in (0..<size).map { combination + ["\($0)"] } }
    }
    return combinations.count { combination in
      feeds.contains { feed in
        zip(feed.values, combination).allSatisfy { $0 == .any || $0 == .constant($1) }
      }
    }
  }

  private static let collector = CollectorDescriptor(
    name: "system",
    help: "h",
    records: [
      RecordDescriptor(
        "gpu",
        help: "h",
        labels: [.init("number", "h", identifies: false), .init("uuid", "h")],
        readings: [ReadingDescriptor("gpu.a_ratio", .gauge, help: "h", source: "s")]
      ),
      RecordDescriptor(
        "link",
        help: "h",
        labels: [.init("number", "h", identifies: false), .init("uuid", "h"), .init("link", "h")],
        readings: [
          ReadingDescriptor("link.sent", .gauge, help: "h", source: "s"),
          ReadingDescriptor("link.received", .gauge, help: "h", source: "s"),
        ]
      ),
    ]
  )

  private static let labels = """
    labels:
      run: { max_values: 7 }
      alias: { max_values: 9 }
      few: { values: [a, b, c, d, e], max_values: 2 }
      part: { values: [box, cls, other], otherwise: other }
      split: { max_values: 100 }
      epoch: { values: 0..9 }
      number: { values: 0..63 }
      uuid: { max_values: 8 }
      link: { values: 0..3 }
      way: { max_values: 50 }

    """

  /// What a watcher says beside its files, and what the metric can have at most.
  @Test(arguments: [
    ("[run]", "format: csv, fields: { x: m }", 7),
    ("[run, part]", "format: csv, fields: { '{part}': m }", 21),
    ("[few]", "format: csv, fields: { '{few}': m }", 2),
    ("[part]", "format: csv, fields: { x: 'm{part=\"box\"}', y: 'm{part=\"cls\"}', z: 'm{part=\"box\"}' }", 2),
    ("[run, part]", "format: csv, labels: { part: box }, fields: { x: m }", 7),
    ("[part]", "format: csv, labels: { part: unheard-of }, fields: { x: m }", 1),
    ("[run, alias]", "format: csv, labels: { alias: '{run}' }, fields: { x: m }", 7),
    ("[split]", "format: csv, columns: [a/x, b/x, c], fields: { '{split}/x': m }", 2),
    ("[part, split]", "format: csv, columns: [a/x, b/x], labels: { part: '{split}' }, fields: { '{split}/x': m }", 2),
    ("[split]", "format: csv, where: { k: [u, v] }, labels: { split: '{.k}' }, fields: { x: m }", 2),
    ("[split]", "format: csv, where: { k: [1, v] }, labels: { split: '{.k}' }, fields: { x: m }", 100),
    ("[split]", "format: csv, where: { k: [u, v] }, labels: { split: '{.k}-{.l}' }, fields: { x: m }", 100),
    (
      "[split]",
      "format: text, lines: [{ line: 'a {x}', set: { k: u } }, { line: 'b {x}', set: { k: v } }], "
        + "fields: { x: 'm{split=\"{.k}\"}' }", 2
    ),
  ])
  func aWatcherMakesNoMoreThanItCan(names: String, watcher: String, most: Int) throws {
    let text = """
      version: 1
      \(Self.labels)metrics: { m: { type: gauge, help: h, labels: \(names) } }
      watchers: { w: { files: '{run}.csv', \(watcher) } }

      """
    #expect(try Self.most(text) == most)
  }

  @Test(arguments: [
    ("gauge", "[number, uuid]", "gpu.a_ratio: m", 8), ("gauge", "[number]", "gpu.a_ratio: m", 64),
    ("gauge", "[number, uuid]", "link.sent: m", 8), ("gauge", "[number, uuid, link]", "link.sent: m", 32),
    ("summary", "[number, uuid]", "gpu.a_ratio: m", 512),
    ("gauge", "[number, uuid, way]", "\"link.{way}\": m", 16),
    ("gauge", "[way]", "link.sent: 'm{way=\"out\"}', link.received: 'm{way=\"in\"}'", 2),
  ])
  func aCollectorMakesNoMoreThanItCan(type: String, names: String, readings: String, most: Int) throws {
    let text = """
      version: 1
      \(Self.labels)metrics: { m: { type: \(type), help: h, labels: \(names) } }
      collectors: { system: { readings: { \(readings) } } }

      """
    #expect(try Self.most(text) == most)
  }

  /// Whatever feeds it may be outside the catalog.
  @Test func aMetricThatNothingFeedsCountsInFull() throws {
    let text = "version: 1\n" + Self.labels + "metrics: { m: { type: gauge, help: h, labels: [run, part] } }\n"
    #expect(try Self.most(text) == 21)
  }

  @Test(arguments: [
    ("{ type: gauge, help: h }", 1), ("{ type: histogram, help: h, buckets: [1, 2] }", 5),
    ("{ type: histogram, help: h, native: { factor: 1.1 } }", 3),
    ("{ type: summary, help: h, quantiles: [0.5], created: true }", 4),
    ("{ type: stateset, help: h, states: [a, b] }", 2),
  ])
  func eachTypeCostsWhatTheExpositionShows(metric: String, most: Int) throws {
    let loading = load("version: 1\nmetrics: { m: \(metric) }\n")
    let budget = SeriesBudget(try #require(loading.catalog), collectors: [])
    #expect(budget.worstCase == most && !budget.isOver)
  }

  @Test func productsThatNobodyCanCountAreFarMore() throws {
    let labels = (0..<12).map { LabelDescriptor(name: "l\($0)", allowed: .range(0...99_999_999)) }
    let metric = MetricDescriptor(name: "m", type: .gauge, help: "h", labels: labels, maxSeries: 5)
    let budget = SeriesBudget(Catalog(path: "metrics.yaml", metrics: [metric]), collectors: [])
    #expect(budget.metrics[0].worstCase == Int.max && budget.worstCase == 5)
  }

  @Test(arguments: BudgetID.all.map(\.name)) func anExampleGivesItsIdAlone(name: String) throws {
    let id = try #require(BudgetID.all.first { $0.name == name })
    var (loading, passing) = (load(RuleID.catalog(of: id.triggers)), load(RuleID.catalog(of: id.passes)))
    #expect(loading.checkBudget(collectors: offered)?.metrics.isEmpty == false)
    #expect(loading.diagnostics.map(\.id) == [name], "\(render(loading))")
    _ = passing.checkBudget(collectors: offered)
    #expect(passing.diagnostics.isEmpty, "\(render(passing))")
  }

  private static func most(_ text: String) throws -> Int {
    let loading = CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml", collectors: [collector])
    let catalog = try #require(loading.catalog, "\(render(loading))")
    return SeriesBudget(catalog, collectors: [collector]).metrics[0].combinations
  }
}
