import ArgumentParser
import CatalogReferences
import ExporterKit

/// `report`: the page as one file.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the page with runs and their curves as one file.",
    usage: "training-exporter report [<option> ...] [<url> | <folder> | <file>] [<run> ...]",
    discussion: """
      The file shows what the page of a running exporter shows: runs, curves, sources and metrics. It needs nothing else, \
      and no network. With the URL of an exporter it has what that knows; with a folder that has a metrics.yaml, or with a \
      catalog, it has what the logs say. A run is named by the value of a label, or by those of all its labels with `/` \
      between them. Without a name all runs are kept, the first 100 of them with curves. From logs alone a run that does \
      not say that it is finished counts as stalled after 60 s, and never as killed.

      The exit status is 0; 1 if the file cannot be written; 2 if the catalog cannot be used, or there is nothing to keep.

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
    if let word = words.first, !config.paths.isEmpty, (try? RunSource.ifNamed(by: word)) != nil {
      throw ValidationError("give a URL, a folder or a catalog once: --config.file is another one")
    }
    if words.dropFirst().contains(where: ExporterOptions.isURL) {
      throw ValidationError("one exporter at a time: what follows the first word are runs")
    }
    try ConfigOptions.refuseSeveral(config.paths)
  }

  mutating func run() throws {
    do {
      let named = try words.first.flatMap { try RunSource.ifNamed(by: $0) }
      let source = named ?? config.paths.first.map { .catalog($0) } ?? .byDefault
      let page = try page(of: Array(words.dropFirst(named == nil ? 0 : 1)), from: source)
      guard page.runCount > 0 else {
        throw CommandProblem(message: "there are no runs", help: source.emptiness)
      }
      if output == "-" { return try writeToStandardOutput(page.html) }
      try write(Array(page.html.utf8), toFile: output)
      let curves = page.runCount > KeptPage.runsMax ? ", \(KeptPage.runsMax) with curves" : ""
      let runs = (page.runCount == 1 ? "1 run" : "\(page.runCount) runs") + curves
      writeToStandardError("\(output): \(runs), \((page.html.utf8.count + 1023) / 1024) KiB\n")
    } catch let problem as CommandProblem {
      writeToStandardError(problem.text)
      throw ExitCode(CommandProblem.status)
    } catch let failure as KeptPage.Failure {
      writeToStandardError(CommandProblem(message: failure.message, help: failure.help).text)
      throw ExitCode(CommandProblem.status)
    }
  }

  private func page(of runs: [String], from source: RunSource) throws -> KeptPage {
    switch source {
    case .exporter(let url):
      return try KeptPage(of: runs, points: points, listedBy: source.listing) {
        try exporter.read(url, .document($0.target))
      }
    case .catalog(let path):
      let catalog = try config.catalogWithRuns(at: path, color)
      return try Exporter(
        configuration: ExporterConfiguration(catalog: catalog, servesOwnMetrics: false),
        logger: log.makeLogger()
      ).readPageOnce(of: runs, points: points, listedBy: source.listing)
    }
  }
}
