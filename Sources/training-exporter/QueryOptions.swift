import ArgumentParser
import Diagnostics
import MetricCatalog
import Queries

/// `--rules`, `--dashboards` and what belongs to them: files with queries that are held against catalogs.
struct QueryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Alert and recording rules to hold against the catalog: a file, a folder or a pattern in quotes; may be given more "
        + "than once.",
      valueName: "path"
    ),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var rules: [String] = []

  @Option(
    help: ArgumentHelp("Dashboards of Grafana to hold against the catalog, named the same way.", valueName: "path"),
    completion: .file(extensions: ["json", "yaml", "yml"])
  )
  var dashboards: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the names of another program's metrics begin with; may be given more than once.",
      valueName: "prefix"
    )
  )
  var foreign: [String] = []

  @Option(
    help: ArgumentHelp(
      "A label that Prometheus adds to all series, besides job and instance; may be given more than once.",
      valueName: "label"
    )
  )
  var targetLabel: [String] = []

  @Option(
    help: ArgumentHelp(
      "How often Prometheus scrapes the exporter, such as 30s: ranges that are too short for that are told.",
      valueName: "duration"
    )
  )
  var scrapeInterval: String?

  @Flag(help: "List the metrics of the catalog that no rule and no dashboard looks at.")
  var unused = false

  var isGiven: Bool { !rules.isEmpty || !dashboards.isEmpty }

  func validate() throws {
    _ = try interval
    if isGiven { return }
    for (name, isUsed) in [
      ("--foreign", !foreign.isEmpty), ("--target-label", !targetLabel.isEmpty),
      ("--scrape-interval", scrapeInterval != nil), ("--unused", unused),
    ] where isUsed {
      throw ValidationError("\(name) is about queries: name files with --rules or --dashboards")
    }
  }

  private var interval: Duration? {
    get throws {
      guard let scrapeInterval else { return nil }
      guard let duration = DurationText.parse(scrapeInterval), duration > .zero else {
        let problem = "is a whole number and a unit, such as 30s, and not `\(scrapeInterval)`."
        throw ValidationError("--scrape-interval \(problem)")
      }
      return duration
    }
  }

  /// Reads the files, and checks them together.
  func check(against catalogs: [Catalog]) throws -> QueryChecks.Findings {
    QueryChecks.check(
      QueryPaths.read(rules: rules, dashboards: dashboards),
      against: catalogs,
      .init(targetLabels: targetLabel, foreign: foreign, scrapeInterval: try interval)
    )
  }

  /// How much was checked, and what nobody looks at.
  func lines(_ findings: QueryChecks.Findings) -> [String] {
    let queries = "\(findings.queryCount) \(findings.queryCount == 1 ? "query" : "queries")"
    let count = "\(counted(findings.readCount, "file")) with \(queries) checked"
    guard unused else { return [count] }
    if findings.unused.isEmpty { return [count, "each metric is looked at"] }
    return [count] + findings.unused.map { "no query looks at \($0)" }
  }
}
