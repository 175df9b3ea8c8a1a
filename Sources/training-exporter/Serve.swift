import ArgumentParser
import CLaunch
import Diagnostics
import Dispatch
import ExporterKit
import Glibc
import Logging
import Synchronization

/// `serve`: follow the logs and serve the metrics until told to stop.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follow the logs and serve their metrics (the default).",
    usage: "training-exporter [serve] [<option> ...] [<file>]",
    discussion: """
      SIGTERM and Ctrl-C stop it, SIGHUP reads the catalog again. It answers at:

        /metrics      the metrics, for Prometheus
        /-/catalog    the catalog in use
        /-/healthy    200 as soon as it runs
        /-/ready      200 once it has read all logs that it found at the start

      Examples:

        training-exporter
        training-exporter serve --config.file runs/metrics.yaml \\
            --web.listen-address 127.0.0.1:9400 --state.path /var/lib/exporter
      """
  )

  @OptionGroup var catalog: CatalogOptions

  @Option(
    name: .customLong("web.listen-address"),
    help: ArgumentHelp(
      "Address to listen on, :PORT for all, or unix:PATH for a socket (mode 0660); may be given more than once.",
      valueName: "host:port"
    )
  )
  var listenAddresses: [String] = [":8000"]

  @Flag(
    name: .customLong("web.systemd-socket"),
    help: "Listen on the sockets that systemd hands over, in place of --web.listen-address."
  )
  var takesSystemdSockets = false

  @Option(
    name: .customLong("web.max-requests"),
    help: ArgumentHelp(
      "Scrapes at once, which clients share: one more of a client that has as many as any other is answered 503.",
      valueName: "count"
    )
  )
  var scrapesMax = 512

  @Option(
    name: .customLong("web.telemetry-path"),
    help: ArgumentHelp("Path of the metrics.", valueName: "path")
  )
  var telemetryPath = "/metrics"

  @OptionGroup var ownMetrics: OwnMetricsOptions

  @Flag(name: .customLong("web.disable-page"), help: "Serve links alone at /, and no page with runs and curves.")
  var disablesPage = false

  @Flag(
    name: .customLong("web.enable-lifecycle"),
    help: "Let POST /-/reload read the catalog again, as SIGHUP does."
  )
  var enablesLifecycle = false

  @OptionGroup var web: WebOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var exit: ExitOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    if scrapesMax < 1 { throw ValidationError("--web.max-requests is at least 1.") }
  }

  mutating func run() throws {
    // Standard error may be a pipe that nobody has open any more.
    signal(SIGPIPE, SIG_IGN)
    try StartTrial.check()
    let lines = log.makeQueue()
    let start = Start()
    let command = self
    Task { start.end(with: await command.serve(lines, start)) }
    defer { lines.drain(atMost: Self.drainTimeMax) }
    while !start.isOver {
      let signal = claunch_take_end_signal(Self.startLookMilliseconds)
      guard signal != 0 else { continue }
      if start.isOver {
        // Whoever runs now takes it.
        kill(getpid(), signal)
      } else {
        log.makeLogger(write: lines.add).info("stopped before anything was served")
        return
      }
    }
    if let failure = start.wait() { throw failure }
  }

  /// How long the end waits for the reader of the log.
  private static let drainTimeMax: DispatchTimeInterval = .seconds(1)
  /// How often the start looks whether it is over, while it waits for SIGTERM.
  private static let startLookMilliseconds: Int32 = 10

  /// Loads, reads and serves until told to stop; returns how that ended, nil for well.
  private func serve(_ lines: LogQueue, _ start: Start) async -> ExitCode? {
    let logger = log.makeLogger(write: lines.add)
    do {
      // A stream is over once it is read: ask before.
      let canReload = !StreamFile.isNamed(by: catalog.path)
      let catalog = try catalog.load(say: lines.add)
      guard web.check(self.catalog.color, say: lines.add) else { throw ExitCode(1) }
      var configuration = ExporterConfiguration(
        catalog: catalog,
        canReloadCatalog: canReload,
        listenAddresses: listenAddresses,
        takesSystemdSockets: takesSystemdSockets,
        scrapesMax: scrapesMax,
        telemetryPath: telemetryPath,
        servesOwnMetrics: !ownMetrics.areDisabled,
        servesPage: !disablesPage,
        state: state.configuration(for: catalog),
        enablesLifecycle: enablesLifecycle,
        webConfigurationPath: web.path,
        exit: try exit.condition(),
        notifiesServiceManager: true,
        logLinesDropped: { lines.droppedTotal }
      )
      configuration.buildLabels = BuiltWith.labels
      let exporter = try Exporter(configuration: configuration, logger: logger)
      start.handOver()
      try await exporter.run()
      return nil
    } catch let code as ExitCode {
      return code
    } catch {
      logger.error("\(error)")
      return ExitCode(1)
    }
  }
}

/// How far the start is: until it is over SIGTERM and SIGINT end the program at once, from then on the exporter sees to
/// them itself.
private final class Start: Sendable {
  private let over = Atomic(false)
  private let failure = Mutex<ExitCode?>(nil)
  private let ended = DispatchSemaphore(value: 0)

  var isOver: Bool { over.load(ordering: .acquiring) }

  func handOver() { over.store(true, ordering: .releasing) }

  func end(with failure: ExitCode?) {
    self.failure.withLock { $0 = failure }
    handOver()
    ended.signal()
  }

  /// Blocks until all is over.
  func wait() -> ExitCode? {
    ended.wait()
    return failure.withLock { $0 }
  }
}
