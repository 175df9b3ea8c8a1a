import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog
import Queries

/// How a command that checks something says what it found: `--format`, `--color` and `--quiet`. Text goes to standard error; what another program reads stands alone on standard output.
struct DiagnosticOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How mistakes are written: \(DiagnosticFormats.all.map { "\($0.name) (\($0.help))" }.joined(separator: ", ")).",
      valueName: "format"
    )
  )
  var format = DiagnosticFormat.text

  @OptionGroup var color: ColorOptions

  @Flag(name: [.customShort("q"), .long], help: "Write nothing where nothing is wrong, and no notes.")
  var quiet = false

  /// Writes what was found, then `lines` that say what is right, and ends the command with status 1 where something is
  /// so wrong that it fails.
  ///
  /// - Parameters:
  ///   - files: all that was looked at, also what has no diagnostics.
  ///   - lines: without their ends. They go to standard output, or to standard error where that belongs to a program.
  ///   - isFailing: whether what was found makes the command fail.
  func report(_ files: [FileDiagnostics], lines: [String] = [], fails isFailing: Bool) throws {
    var files = files
    if quiet { for index in files.indices { files[index].diagnostics.removeAll { $0.severity == .note } } }
    let rules = RuleID.known.map { rule in
      (rule.name, RuleText(summary: rule.summary, why: rule.why, remedy: rule.remedy))
    }
    let setting = DiagnosticSetting(
      hasColors: color.isOn,
      version: exporterVersion,
      rules: Dictionary(rules) { first, _ in first }
    )
    let text = format.text(files, setting)
    let shown = quiet ? "" : lines.map { $0 + "\n" }.joined()
    if format.isForPrograms {
      try writeToStandardOutput(text)
      writeToStandardError(shown)
    } else {
      writeToStandardError(text)
      try writeToStandardOutput(shown)
    }
    if isFailing { throw ExitCode(1) }
  }
}

extension RuleID {
  /// Every id of a catalog, of a comparison and of queries, in the order of docs/rules.md.
  static let known = all + QueryChecks.ruleIDs
}

extension DiagnosticFormat: ExpressibleByArgument {
  public init?(argument: String) {
    guard let format = DiagnosticFormats.all.first(where: { $0.name == argument }) else { return nil }
    self = format
  }

  public var defaultValueDescription: String { name }

  public static var allValueStrings: [String] { DiagnosticFormats.all.map(\.name) }
}
