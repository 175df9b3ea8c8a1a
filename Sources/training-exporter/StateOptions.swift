import ArgumentParser
import ExporterKit
import Glibc
import MetricCatalog

/// Where what was read is remembered across restarts.
struct StateOptions: ParsableArguments {
  @Option(
    name: .customLong("state.path"),
    help: ArgumentHelp(
      """
      Folder that remembers what was read across restarts. (default: `state:` of the catalog, else $STATE_DIRECTORY, \
      else the folder state beside the catalog)
      """,
      valueName: "folder"
    ),
    completion: .directory
  )
  var path: String?

  @Flag(name: .customLong("state.disable"), help: "Remember nothing: after a restart all logs are read anew.")
  var isDisabled = false

  func configuration(for catalog: Catalog) -> StateConfiguration? {
    guard !isDisabled else { return nil }
    let systemd = getenv("STATE_DIRECTORY").map { String(cString: $0) }
    return .resolve(catalog: catalog, path: path, systemd: systemd)
  }
}
