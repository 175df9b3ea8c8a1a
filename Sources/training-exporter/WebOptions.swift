import ArgumentParser
import Diagnostics
import ExporterKit

/// `--web.config.file`, as every exporter of Prometheus has it.
struct WebOptions: ParsableArguments {
  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp("TLS, passwords and limits of the web server, see docs/security.md.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var path: String?

  /// Says what is wrong with the file, on standard error where nothing else is given.
  ///
  /// - Returns: whether it can be used; `true` where none is given.
  func check(_ color: ColorOptions, say: (String) -> Void = writeToStandardError) -> Bool {
    guard let path else { return true }
    let check = WebConfigurationCheck(path: path)
    if !check.diagnostics.isEmpty { say(color.renderer(of: check.source).render(check.diagnostics)) }
    return check.isUsable
  }
}
