import ArgumentParser
import Diagnostics
import ExporterKit

/// `--web.config.file`, as every exporter of Prometheus has it.
struct WebOptions: ParsableArguments {
  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp("TLS, passwords and limits of the web server, see docs/security.md.", valueName: "file")
  )
  var path: String?

  /// Shows what is wrong with the file on standard error.
  ///
  /// - Returns: whether it can be used; `true` where none is given.
  func check() -> Bool {
    guard let path else { return true }
    let check = WebConfigurationCheck(path: path)
    writeToStandardError(ConsoleRenderer(source: check.source).render(check.diagnostics))
    return check.isUsable
  }
}
