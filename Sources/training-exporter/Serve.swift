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
    help: ArgumentHelp("Address to listen on; may be given more than once.", valueName: "host:port")
  )
  var listenAddresses: [String] = ["0.0.0.0:8000"]

  @Option(
    name: .customLong("web.telemetry-path"),
    help: ArgumentHelp("Path of the metrics.", valueName: "path")
  )
  var telemetryPath = "/metrics"

  @Flag(
    name: .customLong("web.disable-exporter-metrics"),
    help: "Leave out the exporter's own metrics (training_exporter_*)."
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
