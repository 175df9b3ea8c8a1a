package import Exposition
internal import Glibc
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The exporter's web server: metrics, health checks and a landing page, for `GET` and `HEAD`. It serves what it is
/// given and knows nothing of where that comes from. One event loop, one thread that accepts, one that renders expositions
/// and one that renders documents, whatever the load.
package final class HTTPServer: Sendable {
  /// What runs between `start()` and `stop()`.
  private struct Running: Sendable {
    let group: MultiThreadedEventLoopGroup
    let pool: NIOThreadPool
    /// No scrape waits for a document.
    let documentPool: NIOThreadPool
    /// A reload may take its time: scrapes go on meanwhile.
    let reloadPool: NIOThreadPool
    let renderings: HeldRenderings
    let expositions: SharedWork<ExpositionVariant, ExpositionBody>
    let documents: SharedWork<DocumentRequest, ExpositionBody>
    let reloading: SharedWork<ReloadOrder, ReloadAnswer>
    let ledger: ConnectionLedger
    let accepting: NIOThreadPool
    var sockets: [ListeningSocket] = []
    /// With the end of its thread.
    var acceptor: (Acceptor, end: EventLoopFuture<Void>)?
    /// Files of UNIX sockets, to be removed at the end.
    var socketFiles: [UnixSocketFile] = []
  }

  private enum State {
    case idle
    case starting
    case running(Running)
    case stopped
  }

  private let options: ServerOptions
  private let exposition: @Sendable (ExpositionVariant) -> ExpositionBody
  private let document: @Sendable (DocumentRequest) -> ServedDocument
  private let isReady: @Sendable () -> Bool
  private let catalog: @Sendable () -> ServedText?
  private let reload: @Sendable () -> ReloadAnswer
  private let logger: Logger
  private let state = Mutex(State.idle)

  /// - Parameters:
  ///   - exposition: Renders the metrics, as this variant or as one that every receiver takes. Called on one thread of
  ///     the server's own, never twice at a time.
  ///   - document: Renders one of the options' documents. Called on another thread of the server's own, never twice at a
  ///     time.
  ///   - isReady: What `/-/ready` says. Called on the event loop: must not wait.
  ///   - catalog: What `/-/catalog` serves; nil: nothing. Called on the event loop: must not wait.
  ///   - reload: What `POST /-/reload` does, where the options enable it. Called on a thread of the server's own, never
  ///     twice at a time.
  package init(
    options: ServerOptions,
    exposition: @escaping @Sendable (ExpositionVariant) -> ExpositionBody,
    document: @escaping @Sendable (DocumentRequest) -> ServedDocument = { _ in .notFound("there is no such document") },
    isReady: @escaping @Sendable () -> Bool,
    catalog: @escaping @Sendable () -> ServedText? = { nil },
    reload: @escaping @Sendable () -> ReloadAnswer = { .refused("there is nothing to reload") },
    logger: Logger
  ) {
    self.options = options
    self.exposition = exposition
    self.document = document
    self.isReady = isReady
    self.catalog = catalog
    self.reload = reload
    self.logger = logger
  }

  /// Listens on every address, or on none. Once only.
  ///
  /// - Returns: The addresses with their real ports, such as `127.0.0.1:40123`, `[::]:8000` or `unix:/run/x.sock`, in the
  ///   options' order; of a name all that it has.
  /// - Throws: `ServerError`, one line for the operator.
  package func start() async throws(ServerError) -> [String] {
    if let problem = options.problem { throw ServerError(problem) }
    let mayStart = state.withLock { state in
      guard case .idle = state else { return false }
      state = .starting
      return true
    }
    precondition(mayStart, "a server starts once")

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let documentPool = NIOThreadPool(numberOfThreads: 1)
    documentPool.start()
    let reloadPool = NIOThreadPool(numberOfThreads: 1)
    reloadPool.start()
    let accepting = NIOThreadPool(numberOfThreads: 1)
    accepting.start()
    let renderings = HeldRenderings()
    var running = Running(
      group: group,
      pool: pool,
      documentPool: documentPool,
      reloadPool: reloadPool,
      renderings: renderings,
      expositions: SharedWork(pool: pool) { [exposition] variant in
        var body = exposition(variant)
        body.rendering = renderings.rendering(body.byteCount)
        return body
      },
      documents: SharedWork(pool: documentPool) { [document] request in
        var body = document(request).body(request.encoding)
        body.rendering = renderings.rendering(body.byteCount)
        return body
      },
      reloading: SharedWork(pool: reloadPool) { [reload] _ in reload() },
      ledger: ConnectionLedger(),
      accepting: accepting
    )
    do throws(ServerError) {
      if options.takesSystemdSockets {
        running.sockets = try SystemdSockets.descriptors().map(ListeningSocket.init(given:))
      }
      for address in options.takesSystemdSockets ? [] : options.addresses {
        // Looking a name up blocks.
        running.sockets += try await Self.open(address, on: pool)
        if let file = address.path.flatMap({ UnixSocketFile(bound: $0) }) { running.socketFiles.append(file) }
      }
      guard let acceptor = Acceptor(running.sockets, setup: setup(running), logger: logger) else {
        throw ServerError("cannot listen: too many open files")
      }
      running.acceptor = (acceptor, accepting.runIfActive(eventLoop: group.next()) { acceptor.run() })
    } catch {
      for socket in running.sockets { socket.close() }
      await shutDown(running, grace: .zero)
      state.withLock { $0 = .stopped }
      throw error
    }
    options.security.start(on: group.next(), reloadPool, running.ledger, logger)
    let sockets = running.sockets
    state.withLock { [running] in $0 = .running(running) }
    return sockets.map(\.description)
  }

  private static func open(
    _ address: ListenAddress,
    on pool: NIOThreadPool
  ) async throws(ServerError) -> [ListeningSocket] {
    do {
      return try await pool.runIfActive { try ListeningSocket.open(at: address) }
    } catch {
      throw error as? ServerError ?? ServerError(listeningOn: address, failed: error)
    }
  }

  /// Closes the listeners and the idle connections at once, and lets responses in flight finish for
  /// `ServerLimits.stopGrace`. Does nothing before `start()` or a second time.
  package func stop() async {
    let running: Running? = state.withLock { state in
      guard case .running(let running) = state else { return nil }
      state = .stopped
      return running
    }
    if let running { await shutDown(running, grace: options.limits.stopGrace) }
  }

  private func setup(_ running: Running) -> ConnectionSetup {
    let (limits, hits) = (options.limits, options.limitHits)
    func places(_ limit: ClientLimit, _ countMax: Int) -> Places {
      Places(
        limit,
        countMax: countMax,
        patience: limits.unreadPatience,
        hits: hits,
        logger: logger,
        clock: options.clock
      )
    }
    let service = Service(
      router: RequestRouter(options: options, isReady: isReady, catalog: catalog),
      expositions: running.expositions,
      documents: running.documents,
      reloading: running.reloading,
      renderings: running.renderings,
      connections: places(.connections, Self.connectionsMax(limits)),
      handshakes: places(.handshakes, limits.handshakesMax),
      scrapes: places(.scrapes, limits.scrapesMax),
      streams: places(.streams, limits.streamsMax),
      hits: hits,
      security: options.security,
      responses: options.responses,
      limits: limits,
      clock: options.clock,
      turns: .makeBoxSendingValue(LoopTurns(running.group.next()), eventLoop: running.group.next())
    )
    let handshakes = HandshakeLog(
      counts: options.security.handshakeFailures,
      logger: logger,
      clock: options.clock
    )
    return ConnectionSetup(service: service, handshakes: handshakes, ledger: running.ledger, loop: running.group.next())
  }

  /// As many connections as the limits allow, and at most half the descriptors that the process may have: out of them
  /// logs could not be opened.
  private static func connectionsMax(_ limits: ServerLimits) -> Int {
    var descriptors = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors) == 0 else {
      return limits.connectionsMax
    }
    let half = Int(clamping: descriptors.rlim_cur) / 2
    return min(limits.connectionsMax, max(1, half))
  }

  private func shutDown(_ running: Running, grace: Duration) async {
    // The files first: whoever finds one finds a server.
    for file in running.socketFiles { file.remove() }
    if let (acceptor, end) = running.acceptor {
      acceptor.stop()
      try? await end.get()
    }
    running.ledger.tellAll(ConnectionLedger.Stop())
    let loop = running.group.next()
    let open = running.ledger.all
    let cut = loop.scheduleTask(in: TimeAmount(grace)) {
      for channel in open { channel.close(promise: nil) }
    }
    try? await EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop).get()
    cut.cancel()
    running.expositions.stop()
    running.documents.stop()
    running.reloading.stop()
    options.security.stop()
    // Not waited for: a rendering under way may take its time, and nobody wants it any more.
    running.pool.shutdownGracefully { _ in }
    running.documentPool.shutdownGracefully { _ in }
    running.reloadPool.shutdownGracefully { _ in }
    running.accepting.shutdownGracefully { _ in }
    try? await running.group.shutdownGracefully()
  }
}
