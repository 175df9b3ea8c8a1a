import Foundation
import LogFormats
import MetricModel
import PatternSyntax
import Testing

@testable import Ingest
@testable import MetricCatalog

/// Two catalogs with the same prints feed the same values.
@Suite struct CatalogPrintTests {
  private static let yaml = """
    version: 1
    labels:
      run: { help: Run, max_values: 10, evict: oldest }
      part: { help: Part, values: [box, cls, other], otherwise: other, named: { B: box, C: cls } }
      epoch: { values: 0..9 }
    metrics:
      loss: { type: gauge, help: Loss, labels: [run, part] }
      any: { type: gauge, help: Any, labels: [run] }
      step_seconds: { type: histogram, help: Step, labels: [run], buckets: [1, 2], native: { factor: 1.1 } }
      wait_seconds: { type: summary, help: Wait, labels: [run], quantiles: [0.5], window: 100 }
      rows_total: { type: counter, help: Rows, labels: [run, epoch], created: true }
      phase: { type: stateset, help: Phase, labels: [run], states: [train, eval] }
      node_info: { type: info, help: Node, labels: [run], constant: { kind: a } }
      cpu_percent: { type: gauge, help: CPU, allow: [metric/base-unit] }
    watchers:
      w:
        files: "{run}.csv"
        exclude: "tmp*.csv"
        format: csv
        labels: { epoch: "{.epoch}" }
        where: { kind: [a, b] }
        each_record: [rows_total, node_info]
        fields:
          "{part}_loss": 'loss{part="{part}"}'
          "{_}": any
          step: { metric: step_seconds, exemplar: { step: "{.step}" } }
          wait: wait_seconds
          phase: phase
    collectors:
      system: { readings: { cpu.usage_percent: cpu_percent } }
    """

  private static func catalog() throws -> Catalog {
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml")
    let errors = loading.diagnostics.map(\.message)
    return try #require(loading.catalog, "\(errors)")
  }

  /// A change of one property, and whether it decides about values.
  private struct Change {
    var property: String
    var decides: Bool
    var apply: (inout Catalog) throws -> Void

    static func decides(_ property: String, _ apply: @escaping (inout Catalog) throws -> Void) -> Change {
      Change(property: property, decides: true, apply: apply)
    }

    static func doesNot(_ property: String, _ apply: @escaping (inout Catalog) throws -> Void) -> Change {
      Change(property: property, decides: false, apply: apply)
    }
  }

  /// Fails where a type has a property that no change is named for, or the prints differ where they should not, or not.
  private func check<T>(_ value: T, _ changes: [Change]) throws {
    let properties = Mirror(reflecting: value).children.compactMap(\.label)
    #expect(Set(properties) == Set(changes.map(\.property)), "\(T.self)")
    let catalog = try Self.catalog()
    let before = CatalogPrints(catalog)
    for change in changes {
      var changed = catalog
      try change.apply(&changed)
      let after = CatalogPrints(changed)
      let isSame = before.metrics == after.metrics && before.watchers == after.watchers
      #expect(isSame != change.decides, "\(T.self).\(change.property)")
    }
  }

  private func pattern(_ text: String) throws -> Pattern { try Pattern(parsing: text) }

  @Test func everyPropertyOfAMetricDecidesOrIsNamedHere() throws {
    try check(
      Self.catalog().metrics[2],
      [
        .decides("name") { $0.metrics[2].name = "other_seconds" },
        .decides("type") { $0.metrics[2].type = .gauge },
        .doesNot("help") { $0.metrics[2].help = "Other" },
        .decides("unit") { $0.metrics[2].unit = "seconds" },
        .decides("labels") { $0.metrics[2].labels = [] },
        .doesNot("maxSeries") { $0.metrics[2].maxSeries = 7 },
        .doesNot("expireAfter") { $0.metrics[2].expireAfter = .seconds(7) },
        .doesNot("deprecated") { $0.metrics[2].deprecated = "old" },
        .decides("buckets") { $0.metrics[2].buckets = [1, 3] },
        .decides("nativeHistogram") { $0.metrics[2].nativeHistogram = nil },
        .decides("quantiles") { $0.metrics[3].quantiles = [0.9] },
        .decides("window") { $0.metrics[3].window = 10 },
        .doesNot("exposesCreated") { $0.metrics[2].exposesCreated = true },
        .doesNot("constant") { $0.metrics[6].constant = [] },
        .decides("states") { $0.metrics[5].states = ["train"] },
      ]
    )
    try check(
      LabelDescriptor(name: ""),
      [
        .decides("name") { $0.metrics[0].labels[1].name = "piece" },
        .doesNot("help") { $0.metrics[0].labels[1].help = "Other" },
        .decides("allowed") { $0.metrics[0].labels[1].allowed = .list(["cls", "box", "other"]) },
        .doesNot("maxValues") { $0.metrics[0].labels[0].maxValues = 9 },
        .decides("otherwise") { $0.metrics[0].labels[1].otherwise = nil },
        .doesNot("evictsOldest") { $0.metrics[0].labels[0].evictsOldest = false },
        .decides("named") { $0.metrics[0].labels[1].named = ["B": "cls", "C": "box"] },
      ]
    )
  }

  @Test func everyPropertyOfAWatcherDecidesOrIsNamedHere() throws {
    let watcher = try Self.catalog().watchers[0]
    try check(
      watcher,
      [
        .decides("name") { $0.watchers[0].name = "v" },
        .decides("files") { $0.watchers[0].files = [try pattern("{run}.log")] },
        .decides("exclude") { $0.watchers[0].exclude = [] },
        .doesNot("ignoreOlder") { $0.watchers[0].ignoreOlder = .seconds(7) },
        .doesNot("links") { $0.watchers[0].links = .follow },
        .decides("format") { $0.watchers[0].format = LogFormat("csv", options: ["separator": .text(";")]) },
        .decides("conditions") { $0.watchers[0].conditions = [] },
        .decides("decimal") { $0.watchers[0].decimal = "," },
        .decides("thousands") { $0.watchers[0].thousands = "," },
        .decides("naValues") { $0.watchers[0].naValues = ["-"] },
        .decides("eachRecord") { $0.watchers[0].eachRecord.removeFirst() },
        .decides("fields") { $0.watchers[0].fields.removeLast() },
        .doesNot("run") { $0.watchers[0].run = Watcher.Run(epoch: ["epoch"]) },
        .doesNot("expireAfter") { $0.watchers[0].expireAfter = .seconds(7) },
      ]
    )
    try check(
      watcher.fields[0],
      [
        .decides("pattern") { catalog in
          catalog.watchers[0].fields[0].pattern = catalog.watchers[0].fields[1].pattern
        },
        .decides("targets") { $0.watchers[0].fields[0].targets = [] },
      ]
    )
    try check(
      watcher.fields[2].targets[0],
      [
        .decides("metric") { $0.watchers[0].fields[2].targets[0].metric = 1 },
        .decides("labels") { $0.watchers[0].fields[2].targets[0].labels = [LabelText(parts: [.literal("x")])] },
        .decides("from") { $0.watchers[0].fields[2].targets[0].from = .difference },
        .decides("restartsWith") { $0.watchers[0].fields[2].targets[0].restartsWith = "epoch" },
        .decides("scale") { $0.watchers[0].fields[2].targets[0].scale = 2 },
        .decides("offset") { $0.watchers[0].fields[2].targets[0].offset = 1 },
        .decides("isReciprocal") { $0.watchers[0].fields[2].targets[0].isReciprocal = true },
        .decides("pattern") { $0.watchers[0].fields[2].targets[0].pattern = try Pattern(parsing: "{value}/{_}") },
        .doesNot("exemplar") { $0.watchers[0].fields[2].targets[0].exemplar = [] },
      ]
    )
  }

  @Test func everyPropertyOfACatalogDecidesOrIsNamedHere() throws {
    let catalog = try Self.catalog()
    try check(
      catalog,
      [
        .doesNot("path") { $0.path = "other/metrics.yaml" },
        .doesNot("text") { $0.text = [] },
        .decides("limits") { $0.limits.lineBytes = 100 },
        .decides("metrics") { $0.metrics[0].type = .counter },
        .decides("watchers") { $0.watchers = [] },
        .decides("collectors") { $0.collectors = [] },
        .doesNot("state") { $0.state.path = "elsewhere" },
      ]
    )
    try check(
      catalog.limits,
      [.doesNot("registry") { $0.limits.registry.series = 7 }, .decides("lineBytes") { $0.limits.lineBytes = 100 }]
    )
    try check(
      catalog.collectors[0],
      [
        .decides("name") { $0.collectors[0].name = "cgroup" },
        .doesNot("interval") { $0.collectors[0].interval = .seconds(7) },
        .doesNot("timeout") { $0.collectors[0].timeout = .seconds(7) },
        .decides("readings") { $0.collectors[0].readings[0].targets[0].scale = 2 },
        .decides("options") { $0.collectors[0].options = ["paths": .texts(["/"])] },
      ]
    )
  }

  /// A pattern leaves a field to the next where what its captures took is not allowed, so what another metric makes of
  /// them decides, too.
  @Test func whatRivalPatternsMakeOfTheirCapturesDecides() throws {
    var catalog = try Self.catalog()
    let before = CatalogPrints(catalog)
    catalog.watchers[0].fields[0].targets[0].labels[1] = LabelText(parts: [.literal("box")])
    let after = CatalogPrints(catalog)
    #expect(before.metrics["any"] != after.metrics["any"])
    #expect(before.metrics["step_seconds"] == after.metrics["step_seconds"], "an exact name has no rivals")
  }

  /// A field that the catalog names goes there in any case: what else it feeds decides nothing for a pattern.
  @Test func whatANamedFieldFeedsDecidesForNoPattern() throws {
    var catalog = try Self.catalog()
    let before = CatalogPrints(catalog)
    // `step`, which the catalog names.
    catalog.watchers[0].fields[2].targets += catalog.watchers[0].fields[3].targets
    let after = CatalogPrints(catalog)
    #expect(before.metrics["any"] == after.metrics["any"])
    #expect(before.metrics["loss"] == after.metrics["loss"])
  }

  /// Every property of a plain value is in its bytes, and the order of sets is not.
  @Test func bytesAreOfAllThatAValueHolds() throws {
    func rule(_ line: String = "loss {x}", _ set: [String: String] = [:], _ numeric: Set<String> = ["x"]) throws
      -> LogFormat.LineRule
    {
      let set = set.map { LogFormat.SetField(field: $0, text: $1) }
      return LogFormat.LineRule(line: try pattern(line), set: set, numericCaptures: numeric)
    }
    let formats: [FormatMeaning] = [
      .csv(separator: nil, columns: nil, comment: nil), .csv(separator: 44, columns: nil, comment: nil),
      .csv(separator: nil, columns: [], comment: nil), .csv(separator: nil, columns: nil, comment: ""),
      .jsonLines, .json(records: nil), .json(records: ""), .pythonDictionary, .yaml,
      .text(.lines([])), .text(.lines([try rule()])), .text(.lines([try rule("loss {y}")])),
      .text(.lines([try rule("loss {x}", ["a": "b"])])), .text(.lines([try rule("loss {x}", ["a": "c"])])),
      .text(.lines([try rule("loss {x}", [:], [])])), .text(.lines([try rule(), try rule()])),
      .text(.pairs(pair: try pattern("{key}:{value}"), between: " ")),
      .text(.pairs(pair: try pattern("{key}:{value}"), between: ",")),
      .other(LogFormat("toml")), .other(LogFormat("logfmt")), .other(LogFormat("toml", options: ["a": .text("")])),
    ]
    try check(formats)
    let many = Set((0..<100).map { "capture\($0)" })
    #expect(many.meaningBytes == Set(many.sorted().reversed()).meaningBytes)
    try check([many, []])
    let tests: [Condition.Test] = [
      .present, .absent, .oneOf([]), .oneOf(["a"]), .oneOf(["a", "b"]), .oneOf(["b", "a"]),
    ]
    try check(tests)
    let ranges: [LabelDescriptor.AllowedValues] = [.any, .range(0...1), .range(0...2), .range(1...2), .list(["0"])]
    try check(ranges)
    try check([Duration.seconds(1), .milliseconds(1)])

    func check(_ values: [some Meaning]) throws {
      #expect(Set(values.map(\.meaningBytes)).count == values.count)
      for value in values { #expect(value.meaningBytes == MirroredBytes.of(value)) }
    }
  }

  /// A property that a type does not put down is found by reflection.
  @Test(arguments: try catalogs()) func whatIsPutDownIsAllThatThereIs(_ path: String) throws {
    let catalog = try #require(CatalogLoader.load(path: path).catalog)
    for index in catalog.metrics.indices {
      let meaning = MetricMeaning(index, in: catalog)
      #expect(meaning.meaningBytes == MirroredBytes.of(meaning), "\(catalog.metrics[index].name)")
    }
    for watcher in catalog.watchers {
      let records = RecordsMeaning(watcher, in: catalog)
      #expect(records.meaningBytes == MirroredBytes.of(records), "\(watcher.name)")
    }
  }

  /// Those of the project.
  private static func catalogs() throws -> [String] {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let examples = root.appending(path: "examples")
    let folders = try FileManager.default.contentsOfDirectory(atPath: examples.path).sorted()
    return [root.appending(path: "metrics.yaml").path]
      + folders.map { examples.appending(path: "\($0)/metrics.yaml").path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }

  /// They are in states: where these change without need, an upgrade reads all logs anew. A property or case that is only
  /// renamed has to keep its name in the bytes.
  @Test func printsOfThisVersionStayWhatTheyAre() throws {
    let prints = CatalogPrints(try Self.catalog())
    let digests = prints.metrics.sorted { $0.key < $1.key }.map { "\($0) \(Self.digest($1))" }
    #expect(
      digests == [
        "any 56028460ecb7b8b4", "cpu_percent d8d0592b37f75c9d", "loss 425f5f15d061c9e3", "node_info 1765e8787ddae71a",
        "phase 461c2e07fb0c3886", "rows_total a72a2cc38fb079d5", "step_seconds 87d39e274fabcf1e",
        "wait_seconds a8042525267bb1f2",
      ]
    )
    let watcher = try #require(prints.watchers["w"])
    #expect(Self.digest(watcher.records + watcher.files) == "791884d75a504c1d")
  }

  /// Of every format and key there was in version 4, with the bytes of version 2 behind those of today.
  @Test func printsOfFormatsStayWhatTheyAre() throws {
    let formats = [
      "format: csv", "format: csv, separator: ';', columns: [a, x], comment: '#'", "format: jsonl", "format: json",
      "format: json, records: log.history", "format: pydict", "format: yaml", "format: tensorboard",
      "format: text, lines: '{x} of {y}'",
      "format: text, lines: ['{t}: {x}', { line: '{x} of {_}', set: { phase: train, kind: a } }]",
      "format: text, pairs: '{key}={value}'", "format: text, pairs: '[{key}: {value}]', between: ' | '",
    ]
    let digests = try formats.map { format in
      let yaml = """
        version: 1
        metrics: { m: { type: gauge, help: M }, d_seconds: { type: gauge, help: D }, p_info: { type: info, help: P } }
        watchers: { w: { files: f, \(format), each_record: p_info, fields: { x: m\(format.contains("{t}") ? ", t: d_seconds" : "") } } }
        """
      let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml")
      let catalog = try #require(loading.catalog, "\(loading.diagnostics.map(\.message))")
      let records = CatalogPrints(catalog).watchers["w"]?.records ?? []
      return Self.digest(records + (CatalogPrints.Version2(catalog).records["w"] ?? []))
    }
    #expect(
      digests == [
        "cf33af8eeedca367", "e8ffb4939320a723", "1b916e64ba527778", "830cd148362818db", "75ca657a6b5429e8",
        "91e0f167a9b8ab90", "71191c23450b80b", "46d0a8d3010443c2", "433fc784431c3bb6", "3fecda9945f57b67",
        "292cbeb7fc413602", "146821317cd9f6",
      ]
    )
  }

  private static func digest(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }

  /// A watcher's keys say of themselves whether they decide; its prints pick what does.
  @Test func aWatchersPrintHasNothingOfKeysThatDoNotDecide() throws {
    var catalog = try Self.catalog()
    catalog.watchers[0].ignoreOlder = .seconds(60)
    catalog.watchers[0].links = .follow
    catalog.watchers[0].expireAfter = .seconds(60)
    catalog.watchers[0].run = Watcher.Run(epoch: ["epoch"])
    let prints = CatalogPrints(catalog)
    let keys = WatcherDeclaration.keys(LogFormats.all).filter { $0.forget != nil }
    #expect(keys.map(\.name) == ["ignore_older", "links", "run", "expire_after", "allow"])
    for key in keys { key.forget?(&catalog.watchers[0]) }
    let watcher = catalog.watchers[0]
    #expect(watcher.ignoreOlder == nil && watcher.expireAfter == nil && watcher.links == .owner && watcher.run == nil)
    #expect(CatalogPrints(catalog).watchers == prints.watchers && CatalogPrints(catalog).metrics == prints.metrics)
  }
}
