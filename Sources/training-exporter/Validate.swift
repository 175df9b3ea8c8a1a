import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog

/// `validate`: check catalogs and say what is wrong with them.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check metrics.yaml, and show every mistake in it.",
    discussion: """
      Exit status 0: no errors (warnings are shown). 1: errors. Each is FILE:LINE:COLUMN: error: message [id], with \
      the line and what to do. No log is read.
      """
  )

  @Argument(help: ArgumentHelp("Catalogs to check.", valueName: "file"))
  var files: [String] = ["metrics.yaml"]

  @OptionGroup var web: WebOptions

  mutating func run() throws {
    var hasErrors = !web.check()
    if !hasErrors, let path = web.path { try writeToStandardOutput("\(path): valid\n") }
    for file in files {
      let loading = loadCatalog(path: file)
      showDiagnostics(of: loading)
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
