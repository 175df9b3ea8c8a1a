import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog

/// `--config.file`: where the catalog is, the same in every command. A path may also name a stream, such as `-` for
/// standard input.
struct ConfigOptions: ParsableArguments {
  @Option(
    name: .customLong("config.file"),
    help: ArgumentHelp("The catalog. (default: metrics.yaml)", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "What messages call a catalog that is read from standard input (-) or a pipe; paths in it are relative to the "
        + "folder of that name.",
      valueName: "name"
    )
  )
  var stdinName: String?

  func validate() throws { try Self.refuseSeveral(paths, by: "--config.file") }

  /// Ends the command where there is more than one catalog.
  static func refuseSeveral(_ paths: [String], by name: String = "the catalog") throws {
    guard paths.count > 1 else { return }
    let list = paths.joined(separator: ", ")
    throw ValidationError("\(name) is given \(paths.count) times (\(list)): a program has one catalog.")
  }

  /// Ends the command where more than one of the paths is standard input.
  static func refuseSecondStream(_ paths: [String]) throws {
    let count = paths.count { $0 == StreamFile.standardInput }
    if count > 1 { throw ValidationError("`-` is given \(count) times: standard input is read once.") }
  }

  /// Whether a word of the command line names a file or stream, rather than a subcommand or a collector. A file without
  /// a dot in its name is written `./NAME`.
  static func isPath(_ word: String) -> Bool {
    word == StreamFile.standardInput || word.contains(".") || word.contains("/")
  }

  /// Loads a catalog from a file or a stream.
  func load(_ path: String) -> CatalogLoading { Self.load(path, stdinName: stdinName) }

  static func load(_ path: String, stdinName: String? = nil) -> CatalogLoading {
    guard StreamFile.isNamed(by: path) else { return loadCatalog(path: path) }
    var loading = loadCatalog(stream: path, name: stdinName ?? StreamFile.name(of: path))
    // `/dev` is not the folder of a catalog.
    if stdinName == nil, StreamFile.isDescriptor(path) {
      loading.catalog?.path = StreamFile.name(of: StreamFile.standardInput)
    }
    return loading
  }

  /// Loads a catalog; says its diagnostics, and ends the command with that status where there are errors.
  func catalog(
    at path: String,
    _ color: ColorOptions,
    failingWith status: Int32 = 1,
    say: (String) -> Void = writeToStandardError
  ) throws -> Catalog {
    let loading = load(path)
    // Notes are for whoever checks a catalog.
    let shown = loading.diagnostics.filter { $0.severity != .note }
    if !shown.isEmpty { say(color.renderer(of: loading.source).render(shown)) }
    guard let catalog = loading.catalog else { throw ExitCode(status) }
    return catalog
  }

  static let pathByDefault = "metrics.yaml"
}

/// The one catalog of a command that does something with it, and how its diagnostics are shown.
struct CatalogOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The catalog; the same as --config.file <file>.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var file: String?

  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  var path: String { file ?? config.paths.first ?? ConfigOptions.pathByDefault }

  func validate() throws {
    try ConfigOptions.refuseSeveral((file.map { [$0] } ?? []) + config.paths)
  }

  /// Loads the catalog; says its diagnostics, and ends the command with status 1 where there are errors.
  func load(say: (String) -> Void = writeToStandardError) throws -> Catalog {
    try config.catalog(at: path, color, say: say)
  }
}
