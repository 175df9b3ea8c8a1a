package import Clocks
internal import Collectors
internal import Explaining
internal import Glibc
public import Logging
public import MetricRegistry
internal import ServiceLifecycle
internal import Serving
internal import StateStore
internal import Synchronization

/// The exporter: the metrics of a catalog, fed by its watchers and collectors and served over HTTP.
///
/// ```swift
/// let exporter = try Exporter(configuration: ExporterConfiguration(catalog: catalog), logger: logger)
/// try exporter.registry.counter("images_processed_total").with("inference", "success")?.increment()
/// try await exporter.run()
/// ```
public final class Exporter: Sendable {
  /// The registry of the catalog's metrics, for an application that updates some of them itself.
  ///
  /// A reload of the catalog makes another registry, which takes over the values of unchanged metrics. From then on
  /// nobody sees the updates of handles of the old one, though `SeriesHandle.isDropped` may be false for them. So
  /// compare this property by identity (`===`) with the registry that you have handles of, and ask for new handles
  /// where it is another one. Updates that come while a reload takes over may be lost.
  ///
  /// Of what an application adds itself, the saved state keeps the metrics that a watcher feeds too. All others begin
  /// anew with the process, as in any client library.
  public var registry: Registry { generation.registry }

  let configuration: ExporterConfiguration
  let logger: Logger
  let keeper: StateKeeper?
  let clock: TimeSource
  let reloading: CatalogReload
  let renderTimes: RenderTimes
  let process = ProcessReader()
  private let notifier: ServiceNotifier
  let responses = ResponseCounts()
  let runIDs = RunIDs()
  let lineNumbers = LineNumbers()
  let limitHits = RefusalCounts<ClientLimit>()
  private let current: Mutex<Generation>
  /// Given when all files that were there at the start have been read.
  let caughtUp = Signal()
  let isReady = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)

  /// How long the first scrapes wait until the logs that were there at the start have been read: a counter must not be
  /// seen lower than the process before showed it. With a state what is left to read is a second's worth, beside what
  /// was written while no exporter ran.
  static let catchUpTimeMax: Duration = .seconds(5)

  /// Creates an exporter and, where `configuration.state` is given, loads what was saved before. It reads no log and
  /// does not listen yet.
  ///
  /// A state that is damaged, or whose folder cannot be written, is not an error: a warning says so, and logs are read
  /// from their beginning.
  ///
  /// - Parameters:
  ///   - configuration: the catalog and the settings.
  ///   - logger: where the exporter says what it does.
  /// - Throws: `ExporterError` if another exporter uses the folder of the state.
  public convenience init(configuration: ExporterConfiguration, logger: Logger) throws(ExporterError) {
    try self.init(configuration: configuration, logger: logger, clock: .system)
  }

  /// - Parameter clock: the time for all that it is composed of.
  package init(configuration: ExporterConfiguration, logger: Logger, clock: TimeSource) throws(ExporterError) {
    self.configuration = configuration
    self.logger = logger
    self.clock = clock
    reloading = CatalogReload(clock: clock)
    renderTimes = RenderTimes(clock: clock)
    let wantsNotes = configuration.notifiesServiceManager
    let socket = wantsNotes ? getenv("NOTIFY_SOCKET").map { String(cString: $0) } : nil
    notifier = ServiceNotifier(socket: socket, clock: clock)
    var keeper: StateKeeper?
    if let state = configuration.state { keeper = try StateKeeper(state, logger: logger, clock: clock) }
    self.keeper = keeper
    let first = Generation.begin(
      catalog: configuration.catalog,
      logger: logger,
      state: keeper == nil ? nil : configuration.state,
      saved: keeper?.read(root: WorkingFolder.absolute(configuration.catalog.folder)),
      clock: clock,
      onUnusable: { keeper?.warnUnusable("its content cannot be taken over") }
    )
    keeper?.endTakeOver()
    current = Mutex(first)
  }

  var generation: Generation { current.withLock { $0 } }

  /// Reads all logs to their ends once, and returns the metrics in the text format 0.0.4.
  ///
  /// Collectors are not asked, nothing is served, and no state is saved. Of the exporter's own metrics it has those
  /// that are the same for the same logs: rejections, records and `training_exporter_up`, unless
  /// `configuration.servesOwnMetrics` leaves them out. The call blocks. Do not call
  /// it while `run()` runs, and not from two threads at once.
  public func readOnce() -> [UInt8] {
    let generation = generation
    generation.reading.readOnce()
    let families = configuration.servesOwnMetrics ? ownMetrics(of: generation).families() : []
    return generation.exposition.bytes(families: families)
  }

  /// What is known of the runs of all watchers with `run:`, as the JSON document of docs/runs.md ("The API").
  public func runsDocument() -> String {
    runs(of: generation).text
  }

  /// Reads all logs to their ends once, looks once at the runs and for their files, and returns `runsDocument()`. Blocks, as
  /// `readOnce()` does.
  public func readRunsOnce() -> String {
    generation.reading.readOnce()
    lookForRunFiles()
    generation.runLookout.look(isSettled: true, tells: false)
    return runsDocument()
  }

  /// Reads all logs to their ends once, looks once at the runs, and returns the page as one file. Blocks, as `readOnce()`
  /// does.
  ///
  /// - Parameters: as those of `KeptPage`.
  /// - Throws: `KeptPage.Failure` if a run is not there.
  public func readPageOnce(
    of runs: [String],
    points: Int,
    listedBy listing: String = KeptPage.listing
  ) throws -> KeptPage {
    _ = readRunsOnce()
    return try KeptPage(of: runs, points: points, listedBy: listing) { request in
      let parameters = request.parameters.map { DocumentRequest.Parameter($0.name, $0.value) }
      return document(DocumentRequest(path: request.path, parameters: parameters)).text
    }
  }

  /// Looks at the runs once, as `run()` does every few seconds: for their processes, and for what they were doing where
  /// they have stalled, failed or were killed. Blocks for as long as `/proc` takes.
  public func lookAtRuns() {
    let generation = generation
    generation.runLookout.look(isSettled: generation.isCaughtUp.load(ordering: .acquiring))
  }

  /// Looks once for the marks and checkpoints of runs, as `run()` does every few seconds. Blocks for as long as the file
  /// system takes.
  private func lookForRunFiles() {
    let generation = generation
    generation.runMarks.withLock { $0?.look(for: generation.reading.runs) }
  }

  /// Whether some watcher tells of runs.
  var hasRuns: Bool { configuration.catalog.watchers.contains { $0.run != nil } }

  /// Follows the logs, runs the collectors and serves until SIGTERM, SIGINT or the task's cancellation. It handles
  /// these signals, and SIGHUP, which reads the catalog again. Call it once for an exporter.
  ///
  /// The first scrapes wait until the logs that are there at the start have been read, at most 5 s. Before it returns,
  /// the state is saved.
  ///
  /// - Throws: `ExporterError` if it cannot listen, if the web configuration is refused, or if a thread does not end
  ///   within 20 s of the order to stop.
  public func run() async throws {
    let security = try makeSecurity()
    let server = try makeServer(security)
    let addresses: [String]
    do {
      addresses = try await server.start()
    } catch {
      throw ExporterError(description: error.description)
    }
    for address in addresses {
      let scheme = security.usesTLS ? "https" : "http"
      let shown = address.hasPrefix("unix:") ? address : "\(scheme)://\(address)\(configuration.telemetryPath)"
      logger.info("listening", metadata: ["address": "\(shown)"])
    }
    if geteuid() == 0, !generation.catalog.watchers.isEmpty {
      logger.warning(
        "it runs as root, and can read every file: a user that may read only the logs is enough",
        metadata: ["help": "docs/security.md"]
      )
    }
    // Each has its name from here: made of the service itself, it costs the start more than the service does.
    var running: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: ServerService(server: server, notifier: notifier), serviceName: "server"),
      .init(service: ReloadSignalService { [self] in _ = reload() }, serviceName: "reload"),
      .init(service: LogReadingService(follow: follow, stop: stopFollowing), serviceName: "logs"),
      .init(service: RunWatchService { [self] in lookAtRuns() }, serviceName: "runs"),
    ]
    let runFiles = RunWatchService(
      named: "run-files",
      isBeginning: { [self] in !isReady.load(ordering: .acquiring) },
      look: { [self] in lookForRunFiles() }
    )
    running.append(.init(service: runFiles, serviceName: "run-files"))
    if let exit = configuration.exit {
      running.append(
        .init(service: exitService(exit), successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "exit")
      )
    }
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: running,
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "services", factory: { _ in SwiftLogNoOpLogHandler() })
      )
    )
    try await services.run()
    logger.info("stopped")
  }

  // MARK: Reading

  /// Follows the logs, with one catalog after the other, until `stopFollowing`. Blocks.
  private func follow() {
    generation.collecting.start()
    keeper?.begin { [self] in generation.reading.requestCheckpoint() }
    while true {
      let generation = generation
      generation.reading.isAskedOften = configuration.exit != nil
      func caughtUp() {
        generation.isCaughtUp.store(true, ordering: .releasing)
        markReady()
      }
      generation.reading.run(caughtUp: caughtUp) { [keeper] in
        keeper?.submit { generation.reading.save(.fedByLogs, isWhole: $0) } ?? true
      }
      generation.collecting.stop()
      guard !isStopping.load(ordering: .acquiring), let request = reloading.take() else { break }
      let next = Generation.begin(
        catalog: request.catalog,
        logger: logger,
        state: keeper == nil ? nil : configuration.state,
        saved: SavedState(generation.reading.save(.all, isWhole: true)),
        former: generation,
        clock: clock,
        onUnusable: { logger.error("the values so far could not be taken over: all logs are read anew") }
      )
      next.collecting.start()
      current.withLock { $0 = next }
      // Whoever stops from now on stops the next one; who did so before has stopped the old one.
      if isStopping.load(ordering: .acquiring) { next.reading.stop() }
      request.done.give(true)
    }
    reloading.end()
    caughtUp.give(false)
    keeper?.finish(generation.reading.save(.fedByLogs, isWhole: true))
    generation.collecting.waitForEnd()
  }

  private func stopFollowing() {
    isStopping.store(true, ordering: .releasing)
    generation.reading.stop()
  }

  private func markReady() {
    caughtUp.give(true)
    guard !isReady.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let files = generation.reading.tailing.reduce(0) { $0 + $1.filesFollowed.load(ordering: .relaxed) }
    logger.info("ready", metadata: ["files": "\(files)"])
    notifier.tell(.ready)
  }

  /// Ends the exporter after its processes.
  private func exitService(_ exit: ProcessExit) -> ProcessExitService {
    let lookout = ProcessLookout(commandLine: exit.commandLine, except: ProcessExit.flag)
    let state = Mutex((lookout, ProcessExitDecision(linger: exit.linger)))
    return ProcessExitService { [self] in
      state.withLock { state in
        let end = state.1.observe(
          isRunning: state.0.isRunning(),
          now: clock.now.monotonic,
          isRead: { generation.reading.haveAllBeenRead(since: $0) },
          scrapedAt: renderTimes.lastBegin
        )
        if let news = state.1.takeNews() { logger.info("\(news)") }
        guard let end else { return false }
        let reason = end == .scraped ? "the last values were scraped" : "the time to linger is over"
        logger.info("ending with its processes", metadata: ["reason": "\(reason)"])
        return true
      }
    }
  }

  // MARK: Reloading

  /// Reads the catalog's file again. A good one takes over, a bad one is refused and changes nothing. Blocks.
  func reload() -> ReloadAnswer {
    let path = generation.catalog.path
    let wasReady = isReady.load(ordering: .acquiring)
    if wasReady { notifier.tell(.reloading) }
    // Also where it is refused: the old catalog stays in use.
    defer { if wasReady { notifier.tell(.ready) } }
    let answer =
      configuration.canReloadCatalog
      ? reloading.reload(path: path, interrupt: { generation.reading.stop() })
      : .refused("it was read from a stream, which cannot be read again: restart the exporter")
    switch answer {
    case .done(let catalog):
      logger.info("catalog reloaded", metadata: ["file": "\(path)", "metrics": "\(catalog.metrics.count)"])
      if catalog.state != configuration.catalog.state {
        logger.warning("`state` of the catalog has changed: that takes a restart")
      }
      return .done("reloaded \(path)")
    case .refused(let reason):
      let metadata: Logger.Metadata = ["file": "\(path)", "reason": "\(reason)"]
      logger.error("catalog not reloaded; the old one stays in use", metadata: metadata)
      return .refused("\(path) is refused; the old catalog stays in use:\n\(reason)")
    }
  }
}
