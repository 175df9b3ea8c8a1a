public import MetricCatalog

/// All that an exporter is told beside its catalog.
public struct ExporterConfiguration: Sendable {
  public var catalog: Catalog
  /// Addresses to listen on, such as `0.0.0.0:8000`, `:8000`, `[::1]:8000` or `unix:/run/exporter.sock`; port 0 takes a
  /// free one.
  public var listenAddresses: [String]
  /// Whether the sockets that systemd hands over are listened on, in place of the addresses.
  public var takesSystemdSockets: Bool
  /// Scrapes in flight; one more is answered 503.
  public var scrapesMax: Int
  /// The path that the exposition is served at.
  public var telemetryPath: String
  /// Whether the exposition holds what the exporter says of itself, the families `training_exporter_*` and
  /// `process_*`.
  public var servesOwnMetrics: Bool
  /// Where what was read is remembered across restarts; nil: it is not.
  public var state: StateConfiguration?
  /// Whether `POST /-/reload` reads the catalog's file again. SIGHUP always does.
  public var enablesLifecycle: Bool
  /// The file that says who may connect and read, in the form of Prometheus' exporter-toolkit; nil: plain HTTP for all.
  public var webConfigurationPath: String?
  /// How many lines of the exporter's log were dropped so far, where its log may drop some; nil: it drops none.
  public var logLinesDropped: (@Sendable () -> UInt64)?

  public init(
    catalog: Catalog,
    listenAddresses: [String] = ["0.0.0.0:8000"],
    takesSystemdSockets: Bool = false,
    scrapesMax: Int = 512,
    telemetryPath: String = "/metrics",
    servesOwnMetrics: Bool = true,
    state: StateConfiguration? = nil,
    enablesLifecycle: Bool = false,
    webConfigurationPath: String? = nil,
    logLinesDropped: (@Sendable () -> UInt64)? = nil
  ) {
    self.catalog = catalog
    self.listenAddresses = listenAddresses
    self.takesSystemdSockets = takesSystemdSockets
    self.scrapesMax = scrapesMax
    self.telemetryPath = telemetryPath
    self.servesOwnMetrics = servesOwnMetrics
    self.state = state
    self.enablesLifecycle = enablesLifecycle
    self.webConfigurationPath = webConfigurationPath
    self.logLinesDropped = logLinesDropped
  }
}

/// Why an exporter did not start: one line for the operator.
public struct ExporterError: Error, CustomStringConvertible {
  public let description: String
}

/// The exporter's version.
public let exporterVersion = "0.1.0"

/// The compiler's version: Swift has no name for it, only questions.
let swiftVersion: String = {
  #if compiler(>=6.5)
    "6.5+"
  #elseif compiler(>=6.4)
    "6.4"
  #elseif compiler(>=6.3)
    "6.3"
  #elseif compiler(>=6.2)
    "6.2"
  #else
    "6.1"
  #endif
}()
