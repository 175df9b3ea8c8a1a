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

  @Flag(help: "List the metrics of the catalog that no rule and no dashboard looks at.")
  var unused = false

  var isGiven: Bool { !rules.isEmpty || !dashboards.isEmpty }

  func validate() throws {
    if isGiven { return }
    for (name, isUsed) in [
      ("--foreign", !foreign.isEmpty), ("--target-label", !targetLabel.isEmpty), ("--unused", unused),
    ] where isUsed {
      throw ValidationError("\(name) is about queries: name files with --rules or --dashboards")
    }
  }

  /// Reads the files, and checks them together.
  func check(against catalogs: [Catalog]) -> QueryChecks.Findings {
    QueryChecks.check(
      QueryPaths.read(rules: rules, dashboards: dashboards),
      against: catalogs,
      .init(targetLabels: targetLabel, foreign: foreign)
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
