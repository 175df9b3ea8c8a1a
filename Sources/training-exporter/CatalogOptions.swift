import ArgumentParser
import ExporterKit
import MetricCatalog

/// Where the catalog is, and how its diagnostics are shown: the same in every command.
struct CatalogOptions: ParsableArguments {
  @Option(
    name: .customLong("config.file"),
    help: ArgumentHelp("The catalog. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var paths: [String] = []

  @OptionGroup var color: ColorOptions

  /// nil: none is named.
  var path: String? { paths.first }

  func validate() throws {
    if paths.count > 1 {
      throw ValidationError(
        "--config.file is given \(paths.count) times (\(paths.joined(separator: ", "))): a program has one catalog."
      )
    }
  }

  /// Loads the catalog; says its diagnostics, and ends the command with status 1 where there are errors.
  func load(say: (String) -> Void = writeToStandardError) throws -> Catalog {
    let loading = loadCatalog(path: path ?? Self.pathByDefault)
    showDiagnostics(of: loading, say: say)
    guard let catalog = loading.catalog else { throw ExitCode(1) }
    return catalog
  }

  /// Says what a catalog's loading found, on standard error where nothing else is given.
  func showDiagnostics(of loading: CatalogLoading, say: (String) -> Void = writeToStandardError) {
    if !loading.diagnostics.isEmpty { say(color.renderer(of: loading.source).render(loading.diagnostics)) }
  }

  static let pathByDefault = "metrics.yaml"
}
