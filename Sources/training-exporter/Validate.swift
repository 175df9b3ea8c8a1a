import ArgumentParser
import CatalogReferences
import Diagnostics
import Explaining
import ExporterKit
import MetricCatalog
import Queries

/// `validate`: check catalogs and say what is wrong with them.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check metrics.yaml, and show every mistake in it.",
    usage: "training-exporter validate [<option> ...] [<file> ...]",
    discussion: """
      Each mistake is shown as FILE:LINE:COLUMN: error: message [rule], with the line and what to do about it. The \
      exit status is 1 if there are errors, and 0 if there are none, or only warnings. Without --logs no log is read.

      With --against, each catalog that has no errors is also compared with an older version of it: what breaks queries \
      is an error. `training-exporter diff --help` says what versions there are, and what is compared.

      With --logs, each catalog that has no errors is tried on logs, as `training-exporter explain` does.

      With --rules and --dashboards, the queries of alert rules and of Grafana's dashboards are held against the \
      catalogs: metrics, labels and values that there are not, and more. docs/dashboards.md says what is checked.

      Examples:

        training-exporter validate
        training-exporter validate --logs 'fixtures/**'
        training-exporter validate examples/*/metrics.yaml
        training-exporter validate --against git:main
        training-exporter validate --against https://trainer:8000
        training-exporter validate --budget
        training-exporter validate --rules 'alerts/*.yml' --dashboards 'grafana/**/*.json'
      """
  )

  @Argument(
    help: ArgumentHelp("Catalogs to check, also beside --config.file. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var files: [String] = []

  @OptionGroup var catalog: ConfigOptions

  @Option(
    help: ArgumentHelp(
      "The version to compare with: git:REF, git:REF:PATH, a file, or the URL of an exporter.",
      valueName: "ref"
    ),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var against: String?

  @OptionGroup var comparison: ComparisonOptions
  @OptionGroup var diagnostics: DiagnosticOptions

  @Flag(help: "Fail on warnings too.")
  var strict = false

  @Option(
    name: .customLong("logs"),
    help: ArgumentHelp(
      "Logs to try the catalog on: a file, a folder or a pattern in quotes; may be given more than once.",
      valueName: "log"
    ),
    completion: .file()
  )
  var logs: [String] = []

  @Option(name: .customLong("logs.fail-on"), help: ExplanationFailure.help)
  var logsFailOn = ExplanationFailure.unfed

  @OptionGroup var queries: QueryOptions
  @OptionGroup var budget: BudgetOptions
  @OptionGroup var web: WebOptions

  func validate() throws {
    _ = try reference
    try ConfigOptions.refuseSecondStream(catalog.paths + files + (against.map { [$0] } ?? []))
    if against == nil, comparison.isGiven {
      throw ValidationError("--fail-on and --against.… are about a comparison: name a version with --against")
    }
  }

  private var reference: CatalogReference? {
    get throws {
      guard let against else { return nil }
      let reference: CatalogReference
      do {
        reference = try CatalogReference(parsing: against)
      } catch {
        throw ValidationError(error.description)
      }
      if (catalog.paths + files).count > 1, !reference.fitsSeveral {
        throw ValidationError("several catalogs cannot be compared with the one version `\(against)`: use git:REF")
      }
      return reference
    }
  }

  mutating func run() throws {
    let reference = try reference
    var isFailing = false
    var checked: [FileDiagnostics] = []
    var valid: [String] = []
    var catalogs: [Catalog] = []
    if let path = web.path {
      let check = WebConfigurationCheck(path: path)
      let file = FileDiagnostics(source: check.source, diagnostics: check.diagnostics)
      checked.append(file)
      isFailing = fails(file)
      if !isFailing { valid.append("\(path): valid") }
    }
    let named = catalog.paths + files
    for path in named.isEmpty ? [ConfigOptions.pathByDefault] : named {
      var loading = catalog.load(path)
      try budget.check(&loading, diagnostics)
      var file = FileDiagnostics(source: loading.source, diagnostics: loading.diagnostics)
      catalogs += loading.catalog.map { [$0] } ?? []
      if let catalog = loading.catalog, !fails(file) {
        valid.append("\(file.source.path): valid, \(summary(of: catalog, file))")
      }
      isFailing = isFailing || fails(file)
      if !logs.isEmpty, let catalog = loading.catalog {
        let explanation = LogExplainer(catalog: catalog, root: WorkingFolder.absolute(catalog.folder), shownCount: 1)
          .explain(named: logs)
        valid.append(String(ExplanationText(hasColors: diagnostics.color.isOn).text(explanation).dropLast()))
        isFailing = isFailing || logsFailOn.fails(explanation)
      }
      if let reference, loading.catalog != nil {
        let place = StreamFile.isNamed(by: path) ? catalog.stdinName : path
        let found = comparison.compare(loading, at: place, with: reference)
        file.diagnostics = (file.diagnostics + found.diagnostics).sorted(by: Diagnostic.isOrderedBefore)
        valid += found.line.map { [$0] } ?? []
        isFailing = isFailing || found.fails
      }
      checked.append(file)
    }
    // What a catalog with errors declares is not known.
    let count = named.isEmpty ? 1 : named.count
    if queries.isGiven, catalogs.count == count {
      let findings = try queries.check(against: catalogs)
      checked += findings.files
      valid += queries.lines(findings)
      isFailing = isFailing || findings.files.contains(where: fails)
    }
    try diagnostics.report(checked, lines: valid, fails: isFailing)
  }

  /// Whether something in the file makes it fail: an error, or with `--strict` a warning.
  private func fails(_ file: FileDiagnostics) -> Bool {
    file.diagnostics.contains { $0.severity == .error || strict && $0.severity == .warning }
  }

  /// How much there is in a catalog that can be used.
  private func summary(of catalog: Catalog, _ file: FileDiagnostics) -> String {
    let warnings = file.diagnostics.count { $0.severity == .warning }
    let counts = [
      counted(catalog.metrics.count, "metric"), counted(catalog.watchers.count, "watcher"),
      catalog.collectors.isEmpty ? nil : counted(catalog.collectors.count, "collector"),
      warnings == 0 ? nil : counted(warnings, "warning"),
    ]
    return counts.compactMap(\.self).joined(separator: ", ")
  }
}
