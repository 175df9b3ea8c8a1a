import ArgumentParser
import CatalogReferences
import Diagnostics
import ExporterKit
import Glibc
import MetricCatalog

/// `report`: the page as one file.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the page with runs and their curves as one file.",
    usage: "training-exporter report [<option> ...] [<url> | <folder> | <file>] [<run> ...]",
    discussion: """
      The file shows what the page of a running exporter shows: runs, curves, sources and metrics. It needs nothing else, \
      and no network. With the URL of an exporter it has what that knows; with a folder that has a metrics.yaml, or with a \
      catalog, it has what the logs say. A run is named by the value of a label, or by those of all its labels with `/` \
      between them. Without a name all runs are kept, the first 100 of them with curves.

      The exit status is 0; 2 if there is nothing to keep.

      Examples:

        training-exporter report
        training-exporter report http://localhost:8000 exp1 exp2 --output comparison.html
        training-exporter report ~/trainings --output ~/trainings.html
      """
  )

  @Argument(help: ArgumentHelp("An exporter's URL, a folder or a catalog; then runs.", valueName: "url"))
  var words: [String] = []

  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  @Option(
    help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"),
    completion: .file(extensions: ["html"])
  )
  var output = "report.html"

  @Option(help: ArgumentHelp("How many values a curve has at most: 2 to 2000.", valueName: "count"))
  var points = 500

  @OptionGroup var exporter: ExporterOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    guard (2...2000).contains(points) else { throw ValidationError("--points is a number from 2 to 2000") }
    if source != nil, !config.paths.isEmpty {
      throw ValidationError("give a URL, a folder or a catalog once: --config.file is another one")
    }
    try ConfigOptions.refuseSeveral(config.paths)
  }

  /// The first word, if it is no run.
  private var source: String? {
    words.first.flatMap { ExporterOptions.isURL($0) || access($0, F_OK) == 0 ? $0 : nil }
  }

  private var runs: [String] { Array(words.dropFirst(source == nil ? 0 : 1)) }

  mutating func run() throws {
    do {
      let page = try page()
      guard page.runCount > 0 else {
        throw CommandProblem(message: "there are no runs", help: "`run: {}` in a watcher tells of them: docs/runs.md")
      }
      if output == "-" { return try writeToStandardOutput(page.html) }
      try write(Array(page.html.utf8), toFile: output)
      let runs = page.runCount == 1 ? "1 run" : "\(page.runCount) runs"
      writeToStandardError("\(output): \(runs), \((page.html.utf8.count + 1023) / 1024) KiB\n")
    } catch let problem as CommandProblem {
      writeToStandardError(problem.text)
      throw ExitCode(CommandProblem.status)
    } catch let failure as KeptPage.Failure {
      writeToStandardError(CommandProblem(message: failure.message, help: failure.help).text)
      throw ExitCode(CommandProblem.status)
    }
  }

  private func page() throws -> KeptPage {
    if let source, ExporterOptions.isURL(source) {
      return try KeptPage(of: runs, points: points) { try exporter.read(source, .document($0.target)) }
    }
    let catalog = try config.catalog(at: catalogPath, color)
    guard catalog.watchers.contains(where: { $0.run != nil }) else {
      throw CommandProblem(
        message: "no watcher of \(catalog.path) has `run:`",
        help: "`run: {}` in a watcher is enough"
      )
    }
    return try Exporter(
      configuration: ExporterConfiguration(catalog: catalog, servesOwnMetrics: false),
      logger: log.makeLogger()
    ).readPageOnce(of: runs, points: points)
  }

  private var catalogPath: String {
    guard let source else { return config.paths.first ?? ConfigOptions.pathByDefault }
    var status = stat()
    let isFolder = stat(source, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return isFolder ? source + (source.hasSuffix("/") ? "" : "/") + ConfigOptions.pathByDefault : source
  }
}
