import ArgumentParser
import ExporterKit
import MetricCatalog

/// `--config.file`: where the catalog is, the same in every command.
struct ConfigOptions: ParsableArguments {
  @Option(
    name: .customLong("config.file"),
    help: ArgumentHelp("The catalog. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var paths: [String] = []

  func validate() throws {
    if paths.count > 1 {
      throw ValidationError(
        "--config.file is given \(paths.count) times (\(paths.joined(separator: ", "))): a program has one catalog."
      )
    }
  }

  static let pathByDefault = "metrics.yaml"
}

/// The one catalog of a command that does something with it, and how its diagnostics are shown.
struct CatalogOptions: ParsableArguments {
  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  /// nil: none is named.
  var path: String? { config.paths.first }

  /// Loads the catalog; says its diagnostics, and ends the command with status 1 where there are errors.
  func load(say: (String) -> Void = writeToStandardError) throws -> Catalog {
    let loading = loadCatalog(path: path ?? ConfigOptions.pathByDefault)
    if !loading.diagnostics.isEmpty { say(color.renderer(of: loading.source).render(loading.diagnostics)) }
    guard let catalog = loading.catalog else { throw ExitCode(1) }
    return catalog
  }
}
