internal import Collectors
internal import Exposition
public import Logging
internal import MetricModel
public import MetricRegistry
internal import Serving
internal import Synchronization

/// Serves a registry to Prometheus at `/metrics`, for an application that updates its metrics itself. An application that
/// also follows logs or reads the machine runs an `Exporter` in place of it.
///
/// ```swift
/// let server = MetricsServer(registry: registry)
/// try await server.start()
/// ```
///
/// It answers like `training-exporter serve`, with the same formats, limits and health checks; beside the registry's
/// metrics it shows `training_exporter_rejections_total` and `process_*`. It handles no signals, and runs beside the
/// application on threads of its own until `stop()` or the end of the process.
public final class MetricsServer: Sendable {
  private enum State {
    case stopped
    case starting
    case running(HTTPServer, address: String)
  }

  private let registry: Registry
  private let listenAddress: String
  private let logger: Logger
  private let exposition: ExpositionRenderer
  private let process = ProcessReader()
  private let state = Mutex(State.stopped)

  /// Creates a server, which does not listen yet.
  ///
  /// - Parameters:
  ///   - registry: the metrics.
  ///   - port: the TCP port, 8000 by default. With 0 the system chooses a free one, which `address` tells.
  ///   - address: the IP address or name to listen on. `0.0.0.0`, the default, stands for all that the machine has, IPv6
  ///     included, so that a Prometheus on another machine can scrape it; whoever reaches the port can read the metrics then. With
  ///     `127.0.0.1` only this machine can.
  ///   - logger: where the server says that it listens, and warns.
  public init(
    registry: Registry,
    port: UInt16 = 8000,
    address: String = "0.0.0.0",
    logger: Logger = Logger(label: "metrics-server")
  ) {
    self.registry = registry
    listenAddress = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    self.logger = logger
    exposition = ExpositionRenderer(registry)
  }

  /// Whether the server listens.
  public var isRunning: Bool { address != nil }

  /// Where the server listens, with the port that it got, such as `127.0.0.1:8000`; nil while it does not.
  public var address: String? {
    state.withLock { state in
      if case .running(_, let address) = state { address } else { nil }
    }
  }

  /// Begins to listen. A server that listens already, or is about to, logs a warning and does nothing else. One that was
  /// stopped can be started again.
  ///
  /// - Throws: `ExporterError` if it cannot listen, for example because another program uses the port; its description is
  ///   one line. It can be started again then.
  public func start() async throws(ExporterError) {
    let mayStart = state.withLock { state in
      guard case .stopped = state else { return false }
      state = .starting
      return true
    }
    guard mayStart else {
      logger.warning("the metrics server has been started already", metadata: ["address": "\(listenAddress)"])
      return
    }
    do {
      let server = try makeServer()
      let address = try await server.start().first ?? listenAddress
      state.withLock { $0 = .running(server, address: address) }
      logger.info("listening", metadata: ["address": "http://\(address)\(Self.path)"])
    } catch {
      state.withLock { $0 = .stopped }
      if (error as? ServerError)?.isAddressInUse == true {
        let reason = "another program, or another server of this one, uses the port; choose another port"
        throw ExporterError(description: "cannot listen on \(listenAddress): \(reason)")
      }
      throw ExporterError(description: "\(error)")
    }
  }

  /// Stops listening. Answers under way may be finished, for some seconds at most. A server that does not listen is left
  /// alone.
  public func stop() async {
    let server: HTTPServer? = state.withLock { state in
      guard case .running(let server, _) = state else { return nil }
      state = .stopped
      return server
    }
    await server?.stop()
  }

  /// The metrics as a scrape would get them now, in the text format 0.0.4; also while the server does not run.
  public var metricsText: String { String(decoding: exposition.bytes(families: ownFamilies), as: UTF8.self) }

  private static let path = "/metrics"

  /// A metric that the registry declares goes before one of these.
  private var ownFamilies: [MetricFamily] {
    ([OwnMetrics.rejections(of: registry)] + ProcessMetrics.families(process.read()))
      .filter { registry.index(of: $0.name) == nil }
  }

  private func makeServer() throws -> HTTPServer {
    HTTPServer(
      options: ServerOptions(
        addresses: [try ListenAddress(parsing: listenAddress)],
        telemetryPath: Self.path,
        landing: LandingPage(
          name: "Metrics",
          version: exporterVersion,
          description: "Prometheus metrics of an application.",
          links: [.init(title: "Healthy", path: "/-/healthy"), .init(title: "Ready", path: "/-/ready")]
        ),
        contentEncodings: [.gzip, .zstd]
      ),
      exposition: { [self] variant in
        ExpositionBody(
          contentType: variant.contentType,
          contentEncoding: variant.encoding,
          chunks: exposition.render(variant, families: ownFamilies)
        )
      },
      isReady: { true },
      logger: logger
    )
  }
}
