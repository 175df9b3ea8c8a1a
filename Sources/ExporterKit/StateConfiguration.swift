public import MetricCatalog

/// Where and how often an exporter saves what it has read, so that a restart counts nothing twice.
///
/// What is saved are the metrics that watchers feed, and how far each log was read (docs/restarts.md).
public struct StateConfiguration: Sendable, Hashable {
  /// The folder of the state. It is made if it is missing. Only one exporter at a time can use it.
  public var path: String
  /// How old the saved state may become while logs change. 1 s by default.
  public var interval: Duration

  /// Creates a configuration from its properties.
  public init(path: String, interval: Duration = .seconds(1)) {
    self.path = path
    self.interval = interval
  }

  /// The name of the folder beside the catalog that is used where nobody names another: `state`.
  public static let defaultFolderName = "state"

  /// The configuration that the program `training-exporter` uses.
  ///
  /// The folder is the first that is given: `path`, the catalog's `state: { path: … }`, `systemd`, the folder `state`
  /// beside the catalog. The interval is the catalog's.
  ///
  /// - Parameters:
  ///   - catalog: the catalog; a relative path in it is relative to its folder.
  ///   - path: the operator's own choice, such as `--state.path`. It is taken as it is.
  ///   - systemd: the value of `$STATE_DIRECTORY`. Of several folders with colons between them the first is used.
  public static func resolve(catalog: Catalog, path: String? = nil, systemd: String? = nil) -> StateConfiguration {
    // With several `StateDirectory=` systemd puts colons between them.
    let systemd = systemd.flatMap { $0.split(separator: ":").first.map(String.init) }
    let chosen =
      path ?? catalog.state.path.map { catalog.path(relative: $0) } ?? systemd
      ?? catalog.path(relative: defaultFolderName)
    return StateConfiguration(path: chosen, interval: catalog.state.interval)
  }
}

extension Catalog {
  fileprivate func path(relative path: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : (folder == "/" ? "/" : folder + "/") + path
  }
}
