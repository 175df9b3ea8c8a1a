import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog

/// Where the catalog is, and how its diagnostics are shown: the same in every command.
struct CatalogOptions: ParsableArguments {
  @Option(
    name: .customLong("config.file"),
    help: ArgumentHelp("The catalog.", valueName: "file")
  )
  var path = "metrics.yaml"

  /// Loads the catalog; says its diagnostics, and ends the command with status 1 where there are errors.
  func load(say: (String) -> Void = writeToStandardError) throws -> Catalog {
    let loading = loadCatalog(path: path)
    showDiagnostics(of: loading, say: say)
    guard let catalog = loading.catalog else { throw ExitCode(1) }
    return catalog
  }
}

/// Says what a catalog's loading found, on standard error where nothing else is given.
func showDiagnostics(of loading: CatalogLoading, say: (String) -> Void = writeToStandardError) {
  if !loading.diagnostics.isEmpty { say(ConsoleRenderer(source: loading.source).render(loading.diagnostics)) }
}
