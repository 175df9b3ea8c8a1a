import ArgumentParser
import ExporterKit
import Logging

/// `serve`: follow the logs and serve the metrics until told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follow the logs and serve their metrics (the default).",
    discussion: """
      Stops at SIGTERM and Ctrl-C. GET /metrics is the exposition, /-/healthy says that the exporter runs, /-/ready \
      that every log found at the start has been read. SIGHUP reads the catalog again.
      """
  )

  @OptionGroup var catalog: CatalogOptions

  @Option(
    name: .customLong("web.listen-address"),
    help: ArgumentHelp(
      "Address to listen on, or unix:PATH for a socket (mode 0660); may be given more than once.",
      valueName: "host:port"
    )
  )
  var listenAddresses: [String] = ["0.0.0.0:8000"]

  @Flag(
    name: .customLong("web.systemd-socket"),
    help: "Listen on the sockets that systemd hands over, in place of --web.listen-address."
  )
  var takesSystemdSockets = false

  @Option(
    name: .customLong("web.max-requests"),
    help: ArgumentHelp("Scrapes at once; one more is answered 503.", valueName: "count")
  )
  var scrapesMax = 512

  @Option(
    name: .customLong("web.telemetry-path"),
    help: ArgumentHelp("Path of the metrics.", valueName: "path")
  )
  var telemetryPath = "/metrics"

  @Flag(
    name: .customLong("web.disable-exporter-metrics"),
    help: "Leave out the exporter's own metrics (training_exporter_* and process_*)."
  )
  var disablesOwnMetrics = false

  @Flag(
    name: .customLong("web.enable-lifecycle"),
    help: "Let POST /-/reload read the catalog again, as SIGHUP does."
  )
  var enablesLifecycle = false

  @OptionGroup var web: WebOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    if scrapesMax < 1 { throw ValidationError("--web.max-requests is at least 1.") }
  }

  mutating func run() async throws {
    let catalog = try catalog.load()
    guard web.check() else { throw ExitCode(1) }
    let logger = log.makeLogger()
    for line in notYetRead(in: catalog) { logger.warning("\(line)") }
    do {
      let exporter = try Exporter(
        configuration: ExporterConfiguration(
          catalog: catalog,
          listenAddresses: listenAddresses,
          takesSystemdSockets: takesSystemdSockets,
          scrapesMax: scrapesMax,
          telemetryPath: telemetryPath,
          servesOwnMetrics: !disablesOwnMetrics,
          state: state.configuration(for: catalog),
          enablesLifecycle: enablesLifecycle,
          webConfigurationPath: web.path
        ),
        logger: logger
      )
      try await exporter.run()
    } catch let error as ExporterError {
      logger.error("\(error)")
      throw ExitCode(1)
    }
  }
}
