import ArgumentParser
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
      """
  )

  @Argument(
    help: ArgumentHelp("Catalogs to check, also beside --config.file. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var files: [String] = []

  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var web: WebOptions

  mutating func run() throws {
    var hasErrors = !web.check(catalog.color)
    if !hasErrors, let path = web.path { try writeToStandardOutput("\(path): valid\n") }
    let named = catalog.paths + files
    for file in named.isEmpty ? [CatalogOptions.pathByDefault] : named {
      let loading = loadCatalog(path: file)
      self.catalog.showDiagnostics(of: loading)
      guard let catalog = loading.catalog else {
        hasErrors = true
        continue
      }
      let warnings = loading.diagnostics.count
      let end = warnings == 0 ? "" : ", \(counted(warnings, "warning"))"
      let collectors = catalog.collectors.isEmpty ? "" : ", \(counted(catalog.collectors.count, "collector"))"
      try writeToStandardOutput(
        "\(file): valid, \(counted(catalog.metrics.count, "metric")), "
          + "\(counted(catalog.watchers.count, "watcher"))\(collectors)\(end)\n"
      )
    }
    if hasErrors { throw ExitCode(1) }
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
