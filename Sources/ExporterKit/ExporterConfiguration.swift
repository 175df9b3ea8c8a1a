public import MetricCatalog

/// All that an exporter is told beside its catalog.
public struct ExporterConfiguration: Sendable {
  public var catalog: Catalog
  /// Addresses to listen on, such as `0.0.0.0:8000`, `:8000` or `[::1]:8000`; port 0 takes a free one.
  public var listenAddresses: [String]
  /// The path that the exposition is served at.
  public var telemetryPath: String
  /// Whether the exposition holds what the exporter says of itself, the families `training_exporter_*`.
  public var servesOwnMetrics: Bool
  /// Where what was read is remembered across restarts; nil: it is not.
  public var state: StateConfiguration?
  /// Whether `POST /-/reload` reads the catalog's file again. SIGHUP always does.
  public var enablesLifecycle: Bool
  /// The file that says who may connect and read, in the form of Prometheus' exporter-toolkit; nil: plain HTTP for all.
  public var webConfigurationPath: String?

  public init(
    catalog: Catalog,
    listenAddresses: [String] = ["0.0.0.0:8000"],
    telemetryPath: String = "/metrics",
    servesOwnMetrics: Bool = true,
    state: StateConfiguration? = nil,
    enablesLifecycle: Bool = false,
    webConfigurationPath: String? = nil
  ) {
    self.catalog = catalog
    self.listenAddresses = listenAddresses
    self.telemetryPath = telemetryPath
    self.servesOwnMetrics = servesOwnMetrics
    self.state = state
    self.enablesLifecycle = enablesLifecycle
    self.webConfigurationPath = webConfigurationPath
  }
}

/// Why an exporter did not start: one line for the operator.
public struct ExporterError: Error, CustomStringConvertible {
  public let description: String
}

/// The exporter's version.
public let exporterVersion = "0.1.0"
