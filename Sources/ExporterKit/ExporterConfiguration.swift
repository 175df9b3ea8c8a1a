public import MetricCatalog

/// The catalog that an exporter serves, and the settings that are not part of it.
///
/// Nothing is checked here: `Exporter.run()` says what it cannot use.
public struct ExporterConfiguration: Sendable {
  /// The catalog, as `loadCatalog(path:)` gives it. A reload reads the file at `Catalog.path` again.
  public var catalog: Catalog
  /// Whether the file at `Catalog.path` can be read again, as it cannot if it was a stream. True by default.
  public var canReloadCatalog: Bool
  /// The addresses to listen on, `:8000` by default. Forms are `:8000` for all addresses of the machine, IPv4 and IPv6 (so
  /// do `0.0.0.0:8000` and `[::]:8000`), `127.0.0.1:8000`, `[::1]:8000`, `localhost:8000` for all addresses of a name, and
  /// `unix:/run/exporter.sock` for a socket (mode 0660). Port 0 takes a free port, which the log tells.
  public var listenAddresses: [String]
  /// Whether to listen on the sockets that systemd hands over, in place of `listenAddresses`. False by default.
  public var takesSystemdSockets: Bool
  /// How many scrapes may be in flight at a time, 512 by default. When they are, a client that has fewer than others gets
  /// the place of an answer that is not read. Otherwise one more is answered with status 503.
  public var scrapesMax: Int
  /// The path of the exposition, `/metrics` by default. It begins with `/`, is plain ASCII without blanks, `?` and `#`,
  /// and is none of the server's own paths, such as `/-/healthy`.
  public var telemetryPath: String
  /// Whether a scrape also gets the exporter's own metrics: `training_exporter_*` and `process_*`. True by default.
  public var servesOwnMetrics: Bool
  /// Whether there is a page for people at `/`. True by default; without it there are links alone.
  public var servesPage: Bool
  /// Where what was read is saved for the next start. With nil, the default, nothing is saved, whatever the catalog's
  /// `state:` says; `StateConfiguration.resolve(catalog:path:systemd:)` takes that into account.
  public var state: StateConfiguration?
  /// Whether `POST /-/reload` reads the catalog's file again. False by default. SIGHUP does so in any case.
  public var enablesLifecycle: Bool
  /// The file with TLS, passwords and limits of the server, in the form of Prometheus' exporter-toolkit
  /// (docs/security.md). With nil, the default, it is plain HTTP for everybody.
  public var webConfigurationPath: String?
  /// When the exporter ends by itself. With nil, the default, it runs until it is told to stop.
  public var exit: ProcessExit?
  /// Whether systemd is told when the exporter is ready, reloads and stops, where `$NOTIFY_SOCKET` says that it wants to
  /// know. False by default.
  public var notifiesServiceManager: Bool
  /// Says how many lines of the application's log were dropped so far, for `training_exporter_log_lines_dropped_total`.
  /// It is called at every scrape, from any thread. With nil, the default, that metric is left out.
  public var logLinesDropped: (@Sendable () -> UInt64)?

  /// Further labels of `training_exporter_build_info`.
  package var buildLabels: [String: String] = [:]

  /// Creates a configuration from its properties; `catalog` alone is required.
  public init(
    catalog: Catalog,
    canReloadCatalog: Bool = true,
    listenAddresses: [String] = [":8000"],
    takesSystemdSockets: Bool = false,
    scrapesMax: Int = 512,
    telemetryPath: String = "/metrics",
    servesOwnMetrics: Bool = true,
    servesPage: Bool = true,
    state: StateConfiguration? = nil,
    enablesLifecycle: Bool = false,
    webConfigurationPath: String? = nil,
    exit: ProcessExit? = nil,
    notifiesServiceManager: Bool = false,
    logLinesDropped: (@Sendable () -> UInt64)? = nil
  ) {
    self.catalog = catalog
    self.canReloadCatalog = canReloadCatalog
    self.listenAddresses = listenAddresses
    self.takesSystemdSockets = takesSystemdSockets
    self.scrapesMax = scrapesMax
    self.telemetryPath = telemetryPath
    self.servesOwnMetrics = servesOwnMetrics
    self.servesPage = servesPage
    self.state = state
    self.enablesLifecycle = enablesLifecycle
    self.webConfigurationPath = webConfigurationPath
    self.exit = exit
    self.notifiesServiceManager = notifiesServiceManager
    self.logLinesDropped = logLinesDropped
  }
}

/// Why an exporter did not start, or did not stop in time.
public struct ExporterError: Error, CustomStringConvertible {
  /// The reason for the operator. It is one line, but for a refused web configuration, whose diagnostics follow.
  public let description: String
}

/// The exporter's version, such as `0.1.0`: what `--version` and `training_exporter_build_info` show.
public let exporterVersion = "0.1.0"

/// The compiler's version: Swift has no name for it, only questions.
package let swiftVersion: String = {
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
