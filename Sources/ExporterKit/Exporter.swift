internal import Dispatch
internal import Exposition
internal import Ingest
public import Logging
internal import MetricCatalog
public import MetricRegistry
internal import ServiceLifecycle
internal import Serving
internal import Synchronization
internal import Tailing

/// The exporter: a catalog's registry, fed by its watchers and served over HTTP. Composes the rooms, and does no work
/// of its own.
///
/// ```swift
/// let exporter = Exporter(configuration: ExporterConfiguration(catalog: catalog), logger: logger)
/// try exporter.registry.counter("images_processed_total").with("inference", "success")?.increment()
/// try await exporter.run()
/// ```
public final class Exporter: Sendable {
  /// The registry of the catalog's metrics, for an application that updates them itself beside the watchers.
  public let registry: Registry

  private let configuration: ExporterConfiguration
  private let logger: Logger
  private let reading: LogReading
  private let isReady = Atomic<Bool>(false)

  public init(configuration: ExporterConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    registry = Registry(metrics: configuration.catalog.metrics, limits: configuration.catalog.limits.registry)
    reading = LogReading(catalog: configuration.catalog, registry: registry, logger: logger)
  }

  /// Reads all logs to their ends, once, and returns the exposition in text format 0.0.4. Blocks.
  public func readOnce() -> [UInt8] {
    reading.readOnce()
    return TextExposition().render(registry, families: ownMetrics.families())
  }

  /// Serves until SIGTERM, SIGINT or the task's cancellation.
  ///
  /// - Throws: `ExporterError` where it cannot listen.
  public func run() async throws {
    let server = try makeServer()
    let addresses: [String]
    do {
      addresses = try await server.start()
    } catch {
      throw ExporterError(description: error.description)
    }
    for address in addresses {
      logger.info("listening", metadata: ["address": "http://\(address)\(configuration.telemetryPath)"])
    }
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: ServerService(server: server)),
          .init(service: LogReadingService(reading: reading, caughtUp: markReady)),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "services", factory: { _ in SwiftLogNoOpLogHandler() })
      )
    )
    try await services.run()
    logger.info("stopped")
  }

  private func markReady() {
    isReady.store(true, ordering: .releasing)
    logger.info(
      "ready",
      metadata: ["files": "\(reading.tailing.reduce(0) { $0 + $1.filesFollowed.load(ordering: .relaxed) })"]
    )
  }

  private func makeServer() throws(ExporterError) -> HTTPServer {
    let addresses: [ListenAddress]
    do {
      addresses = try configuration.listenAddresses.map { try ListenAddress(parsing: $0) }
    } catch {
      throw ExporterError(description: "\(error)")
    }
    return HTTPServer(
      options: ServerOptions(
        addresses: addresses,
        telemetryPath: configuration.telemetryPath,
        landing: LandingPage(
          name: "training-exporter",
          version: exporterVersion,
          description: "Prometheus metrics from training logs, as metrics.yaml declares them.",
          links: [.init(title: "Healthy", path: "/-/healthy"), .init(title: "Ready", path: "/-/ready")]
        )
      ),
      exposition: { [self] in
        let families = configuration.servesOwnMetrics ? ownMetrics.allFamilies() : []
        return ExpositionBody(
          contentType: TextExposition.contentType,
          bytes: TextExposition().render(registry, families: families)
        )
      },
      isReady: { [self] in isReady.load(ordering: .acquiring) },
      logger: logger
    )
  }

  private var ownMetrics: OwnMetrics {
    OwnMetrics(
      catalog: configuration.catalog,
      registry: registry,
      records: reading.records,
      tailing: reading.tailing
    )
  }
}

/// The HTTP server as a service: stops when the group does.
private struct ServerService: Service {
  let server: HTTPServer

  func run() async throws {
    try? await gracefulShutdown()
    await server.stop()
  }
}

/// The reading of logs as a service, on a thread of its own.
private struct LogReadingService: Service {
  let reading: LogReading
  let caughtUp: @Sendable () -> Void

  func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "tailer").async {
          reading.run(caughtUp: caughtUp)
          continuation.resume()
        }
      }
    } onCancelOrGracefulShutdown: {
      reading.stop()
    }
  }
}
