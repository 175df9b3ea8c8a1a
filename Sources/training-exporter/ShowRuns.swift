import ArgumentParser
import Diagnostics
import ExporterKit
import Glibc
import MetricCatalog

/// `runs`: which runs there are, and how they go.
struct ShowRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Show which runs there are, and how they go.",
    usage: "training-exporter runs [<option> ...] [<url> | <folder> | <file>]",
    discussion: """
      Each line is a run of a watcher with `run:`: its state, how far it is, its newest step, loss and best score, how \
      long a step takes, when it will be done, and when its newest record was written. With the URL of a running exporter \
      it shows what that knows; without, it reads the logs of the catalog once, and looks once for processes. From the \
      logs alone nobody can say how often a run usually writes: one that has written nothing for 60 s is stalled then.

      The exit status is 0; 1 if a run is in a state of --fail-on; 2 if the catalog cannot be used, or nobody tells of runs.

      Examples:

        training-exporter runs http://localhost:8000
        training-exporter runs --watch http://localhost:8000
        training-exporter runs runs/metrics.yaml --fail-on stalled,failed,killed
      """
  )

  @Argument(
    help: ArgumentHelp("An exporter's URL; or the catalog, as --config.file, or its folder.", valueName: "url"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var word: String?

  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  @Flag(help: "Show it again every 2 s, until it is interrupted.")
  var watch = false

  @Flag(help: "Print the document of the API instead of a table.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Exit with status 1 if a run is in one of these states, such as stalled,failed,killed.",
      valueName: "states"
    )
  )
  var failOn: String?

  @OptionGroup var exporter: ExporterOptions
  @OptionGroup var log: LogOptions

  private static let watchInterval: Duration = .seconds(2)

  func validate() throws {
    let states = RunsTable.states
    if let unknown = statesToFailOn.first(where: { !states.contains($0) }) {
      throw ValidationError("there is no state `\(unknown)`: the states are \(states.joined(separator: " "))")
    }
    if watch, json || failOn != nil {
      throw ValidationError("--watch shows a table and does not end: leave the other out")
    }
    if isURL, !config.paths.isEmpty { throw ValidationError("give a URL or a catalog, not both") }
    if !isURL { try ConfigOptions.refuseSeveral((word.map { [$0] } ?? []) + config.paths) }
  }

  private var isURL: Bool { word.map(ExporterOptions.isURL) ?? false }

  private var statesToFailOn: [String] {
    failOn?.split(separator: ",").map { $0.trimming(while: { $0 == " " }) } ?? []
  }

  mutating func run() throws {
    do {
      try show()
    } catch let problem as CommandProblem {
      writeToStandardError(problem.text)
      throw ExitCode(CommandProblem.status)
    }
  }

  private func show() throws {
    let source = try word.map { try RunSource($0) } ?? config.paths.first.map { .catalog($0) } ?? .byDefault
    var catalog: Catalog?
    if case .catalog(let path) = source { catalog = try config.catalogWithRuns(at: path, color) }
    if watch { try watchRuns(of: catalog) }
    let text = try document(of: catalog)
    let table = try table(text)
    try writeToStandardOutput(json ? text : table.text)
    if table.states.isEmpty { writeToStandardError("help: \(source.emptiness)\n") }
    if table.states.contains(where: statesToFailOn.contains) { throw ExitCode(1) }
  }

  /// Shows the table again and again.
  private func watchRuns(of catalog: Catalog?) throws -> Never {
    // Home, and what is below it goes: nothing flickers. What is no terminal gets one table after the other.
    let clear = isatty(STDOUT_FILENO) == 1 ? "\u{1B}[H\u{1B}[J" : ""
    while true {
      var text: String
      do {
        text = try table(document(of: catalog)).text
      } catch let problem as CommandProblem where isURL {
        // It may be there again.
        text = problem.text
      }
      try writeToStandardOutput(clear + text)
      var rest = timespec(tv_sec: Int(Self.watchInterval.components.seconds), tv_nsec: 0)
      nanosleep(&rest, nil)
    }
  }

  private func table(_ text: String) throws -> RunsTable {
    guard let document = JSON(parsing: Array(text.utf8)), let table = RunsTable(document) else {
      throw CommandProblem(
        message: "\(word ?? "it") does not answer with runs",
        help: "is it an exporter of this version?"
      )
    }
    return table
  }

  private func document(of catalog: Catalog?) throws -> String {
    guard let catalog else { return try exporter.read(word ?? "", .runs) }
    return try Exporter(
      configuration: ExporterConfiguration(catalog: catalog, servesOwnMetrics: false),
      logger: log.makeLogger()
    ).readRunsOnce()
  }
}

extension Substring {
  fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> String {
    var text = self
    while let first = text.first, isTrimmed(first) { text.removeFirst() }
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return String(text)
  }
}
