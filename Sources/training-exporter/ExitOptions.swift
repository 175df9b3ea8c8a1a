import ArgumentParser
import ExporterKit
import MetricCatalog

/// When `serve` ends by itself.
struct ExitOptions: ParsableArguments {
  @Option(
    name: .customLong("exit-with-process"),
    help: ArgumentHelp(
      """
      End after the last process whose command line has this, such as 'train.py --run {run}': once its last values were \
      scraped. It waits until one is seen.
      """,
      valueName: "pattern"
    )
  )
  var process: String?

  @Option(
    name: .customLong("exit-linger"),
    help: ArgumentHelp(
      "How long the last values wait to be scraped, such as 30s or 5m. (default: 2m)",
      valueName: "duration"
    )
  )
  var linger: String?

  func validate() throws {
    if linger != nil, process == nil { throw ValidationError("--exit-linger needs --exit-with-process.") }
    do {
      _ = try condition()
    } catch let error as ExporterError {
      throw ValidationError("--exit-with-process: \(error.description).")
    }
  }

  /// nil: it ends only when it is told to.
  func condition() throws -> ProcessExit? {
    guard let process else { return nil }
    guard let linger else { return try ProcessExit(commandLine: process) }
    guard let duration = DurationText.parse(linger) else {
      throw ValidationError("--exit-linger is a whole number and a unit, such as 30s or 5m, and not `\(linger)`.")
    }
    return try ProcessExit(commandLine: process, linger: duration)
  }
}
