public import MetricCatalog

/// Where what was read is remembered across restarts, and how often.
public struct StateConfiguration: Sendable, Hashable {
  /// A folder; it is made where it is missing. One exporter at a time uses it.
  public var path: String
  /// How old the saved state may be at most while logs change.
  public var interval: Duration

  public init(path: String, interval: Duration = .seconds(1)) {
    self.path = path
    self.interval = interval
  }

  /// The name of the folder beside the catalog.
  public static let defaultFolderName = "state"

  /// The configuration by the first that is given: an operator's own path, the catalog's `state:`, systemd's
  /// `$STATE_DIRECTORY`, the folder `state` beside the catalog.
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
