import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog

/// `validate`: check catalogs and say what is wrong with them.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check metrics.yaml, and show every mistake in it.",
    usage: "training-exporter validate [<option> ...] [<file> ...]",
    discussion: """
      Each mistake is shown as FILE:LINE:COLUMN: error: message [rule], with the line and what to do about it. The \
      exit status is 1 if there are errors, and 0 if there are none, or only warnings. No log is read.

      Examples:

        training-exporter validate
        training-exporter validate examples/*/metrics.yaml
        training-exporter validate --budget
      """
  )

  @Argument(
    help: ArgumentHelp("Catalogs to check, also beside --config.file. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var files: [String] = []

  @OptionGroup var catalog: ConfigOptions
  @OptionGroup var diagnostics: DiagnosticOptions
  @OptionGroup var budget: BudgetOptions
  @OptionGroup var web: WebOptions

  func validate() throws {
    let streams = (catalog.paths + files).filter { $0 == StreamFile.standardInput }
    if streams.count > 1 { throw ValidationError("`-` is given \(streams.count) times: standard input is read once.") }
  }

  mutating func run() throws {
    var checked: [FileDiagnostics] = []
    var valid: [String] = []
    if let path = web.path {
      let check = WebConfigurationCheck(path: path)
      let file = FileDiagnostics(source: check.source, diagnostics: check.diagnostics)
      checked.append(file)
      if !diagnostics.fails(file) { valid.append("\(path): valid") }
    }
    let named = catalog.paths + files
    for path in named.isEmpty ? [ConfigOptions.pathByDefault] : named {
      var loading = catalog.load(path)
      try budget.check(&loading, diagnostics)
      let file = FileDiagnostics(source: loading.source, diagnostics: loading.diagnostics)
      checked.append(file)
      if let catalog = loading.catalog, !diagnostics.fails(file) {
        valid.append("\(file.source.path): valid, \(summary(of: catalog, file))")
      }
    }
    try diagnostics.report(checked, lines: valid)
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

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
