import ArgumentParser
import Explaining
import MetricCatalog

/// `explain`: where the numbers of logs go, and why some do not appear.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say where the numbers of logs go, and why some do not appear.",
    usage: "training-exporter explain [<option> ...] [<log> ...]",
    discussion: """
      For each watcher it tells which files are its logs, or why there are none. Of each log it shows the first and the \
      last records, and for each of their fields the series that it feeds with the value, or why it feeds none. Then \
      it says what is wrong, with what leads to the mend: a column that no record has, a text where a number is wanted, \
      lines that no pattern matches, targets that no log fed.

      A log is a file, a folder or a pattern in quotes, such as 'fixtures/**'. Without one, all logs of the catalog are \
      explained. A log that no watcher finds is explained as if the catalog lay where its patterns match; if there is no \
      such place, the pattern is named that comes nearest. Of large logs only the beginning and the end are read, unless \
      a target is fed by neither. Nothing is served or saved.

      Examples:

        training-exporter explain
        training-exporter explain runs/exp3/results.csv
        training-exporter explain --config.file runs/metrics.yaml --records 5 train.log
        training-exporter explain --fail-on unfed 'fixtures/**'
      """
  )

  @Argument(
    help: ArgumentHelp("Files, folders or patterns of logs. (default: all that the catalog finds)", valueName: "log"),
    completion: .file()
  )
  var logs: [String] = []

  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  @Option(help: ArgumentHelp("How many records to show of a log's beginning, and of its end.", valueName: "count"))
  var records = 2

  @Flag(help: "Write JSON, for programs.")
  var json = false

  @Option(name: .customLong("fail-on"), help: ExplanationFailure.help)
  var failOn = ExplanationFailure.nothing

  func validate() throws {
    if records < 1 || records > 1_000 { throw ValidationError("--records is from 1 to 1000.") }
  }

  mutating func run() throws {
    let path = config.paths.first ?? ConfigOptions.pathByDefault
    let catalog = try config.catalog(at: path, color)
    let root = WorkingFolder.absolute(catalog.folder)
    let explanation = LogExplainer(catalog: catalog, root: root, shownCount: records).explain(named: logs)
    try writeToStandardOutput(
      json ? ExplanationJSON.text(explanation) : ExplanationText(hasColors: color.isOn).text(explanation)
    )
    if failOn.fails(explanation) { throw ExitCode(1) }
  }
}

/// Which explanations make a command fail.
enum ExplanationFailure: String, CaseIterable, ExpressibleByArgument {
  case nothing, unfed, rejected

  static let help = ArgumentHelp(
    "When to end with status 1: nothing (never), unfed (a log that no watcher reads, a watcher without a log, or a target "
      + "that no log fed), or rejected (also where a value or a line was refused).",
    valueName: "what"
  )

  func fails(_ explanation: Explanation) -> Bool {
    switch self {
    case .nothing: false
    case .unfed: explanation.hasUnfed
    case .rejected: explanation.hasUnfed || explanation.hasRejected
    }
  }
}
