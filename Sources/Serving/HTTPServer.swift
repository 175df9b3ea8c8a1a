package import Exposition
internal import Glibc
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The exporter's web server: metrics, health checks and a landing page, for `GET` and `HEAD`. It serves what it is
/// given and knows nothing of where that comes from. One event loop and one rendering thread, whatever the load.
package final class HTTPServer: Sendable {
  /// What runs between `start()` and `stop()`.
  private struct Running: Sendable {
    let group: MultiThreadedEventLoopGroup
    let pool: NIOThreadPool
    /// A reload may take its time: scrapes go on meanwhile.
    let reloadPool: NIOThreadPool
    let renderings: HeldRenderings
    let rendering: SharedWork<ExpositionVariant, ExpositionBody>
    let reloading: SharedWork<ReloadOrder, ReloadAnswer>
    let ledger: ConnectionLedger
    var listeners: [any Channel] = []
    /// Files of UNIX sockets, to be removed at the end.
    var socketFiles: [UnixSocketFile] = []
  }

  private enum State {
    case idle
    case starting
    case running(Running)
    case stopped
  }

  /// Connections that wait in the system's queue; Linux cuts it to `net.core.somaxconn`. Those that find it full come again
  /// a second later.
  private static let acceptQueueLength: CInt = 4_096
  /// Connections accepted for one wake-up: others get their turn in between.
  private static let acceptBatch: UInt = 64

  private let options: ServerOptions
  private let exposition: @Sendable (ExpositionVariant) -> ExpositionBody
  private let isReady: @Sendable () -> Bool
  private let catalog: @Sendable () -> ServedText?
  private let reload: @Sendable () -> ReloadAnswer
  private let logger: Logger
  private let state = Mutex(State.idle)

  /// - Parameters:
  ///   - exposition: Renders the metrics, as this variant or as one that every receiver takes. Called on one thread of
  ///     the server's own, never twice at a time.
  ///   - isReady: What `/-/ready` says. Called on the event loop: must not wait.
  ///   - catalog: What `/-/catalog` serves; nil: nothing. Called on the event loop: must not wait.
  ///   - reload: What `POST /-/reload` does, where the options enable it. Called on a thread of the server's own, never
  ///     twice at a time.
  package init(
    options: ServerOptions,
    exposition: @escaping @Sendable (ExpositionVariant) -> ExpositionBody,
    isReady: @escaping @Sendable () -> Bool,
    catalog: @escaping @Sendable () -> ServedText? = { nil },
    reload: @escaping @Sendable () -> ReloadAnswer = { .refused("there is nothing to reload") },
    logger: Logger
  ) {
    self.options = options
    self.exposition = exposition
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
    let reloadPool = NIOThreadPool(numberOfThreads: 1)
    reloadPool.start()
    let renderings = HeldRenderings()
    var running = Running(
      group: group,
      pool: pool,
      reloadPool: reloadPool,
      renderings: renderings,
      rendering: SharedWork(pool: pool) { [exposition] variant in
        var body = exposition(variant)
        body.hold = renderings.hold(body.byteCount)
        return body
      },
      reloading: SharedWork(pool: reloadPool) { [reload] _ in reload() },
      ledger: ConnectionLedger()
    )
    let bootstrap = bootstrap(running)
    do {
      if options.takesSystemdSockets {
        for descriptor in try SystemdSockets.descriptors() {
          running.listeners.append(try await Self.listen(at: descriptor, bootstrap))
        }
      }
      for address in options.takesSystemdSockets ? [] : options.addresses {
        try await Self.listen(on: address, bootstrap, pool, &running.listeners)
        if let file = address.path.flatMap({ UnixSocketFile(bound: $0) }) { running.socketFiles.append(file) }
      }
    } catch {
      await shutDown(running, grace: .zero)
      state.withLock { $0 = .stopped }
      throw error
    }
    options.security.start(on: group.next(), reloadPool, running.ledger, logger)
    let listeners = running.listeners
    state.withLock { [running] in $0 = .running(running) }
    return listeners.map { Self.description(of: $0) }
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

  private func bootstrap(_ running: Running) -> ServerBootstrap {
    let (limits, logger, ledger, hits) = (options.limits, logger, running.ledger, options.limitHits)
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
      rendering: running.rendering,
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
      clock: options.clock
    )
    let setup = ConnectionSetup(service: service, handshakes: HandshakeLog(logger: logger, clock: options.clock))
    let waterMarks = ChannelOptions.Types.WriteBufferWaterMark(
      low: limits.responseChunkBytes / 4,
      high: limits.responseChunkBytes
    )
    return ServerBootstrap(group: running.group)
      .serverChannelOption(.backlog, value: Self.acceptQueueLength)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: Self.acceptBatch)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ConnectionReception(ledger: ledger, setup: setup, logger: logger)
          )
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.writeBufferWaterMark, value: waterMarks)
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

  /// Listens at all places of an address, at one port.
  private static func listen(
    on address: ListenAddress,
    _ bootstrap: ServerBootstrap,
    _ pool: NIOThreadPool,
    _ listeners: inout [any Channel]
  ) async throws(ServerError) {
    var missing: (any Error)?
    var port = address.port
    let before = listeners.count
    do {
      // Looking a name up blocks.
      if let path = address.path { try UnixSocketFile.makeRoom(at: path) }
      for place in try await pool.runIfActive({ try address.places() }) {
        for var candidate in place {
          if port > 0 { candidate.port = port }
          do {
            let listener = try await bootstrap.bind(to: candidate).get()
            port = listener.localAddress?.port ?? 0
            listeners.append(listener)
            break
          } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
            // A machine without IPv6, whose names may have such addresses all the same.
            missing = error
          }
        }
      }
    } catch {
      throw error as? ServerError ?? ServerError(listeningOn: address, failed: error)
    }
    if listeners.count == before {
      throw ServerError(listeningOn: address, failed: missing ?? ListenAddress.UnknownName())
    }
  }

  private static func listen(
    at descriptor: CInt,
    _ bootstrap: ServerBootstrap
  ) async throws(ServerError) -> any Channel {
    do {
      return try await bootstrap.withBoundSocket(descriptor).get()
    } catch {
      throw ServerError("cannot listen on descriptor \(descriptor) from systemd: \(error)")
    }
  }

  private func shutDown(_ running: Running, grace: Duration) async {
    // The files first: whoever finds one finds a server.
    for file in running.socketFiles { file.remove() }
    for listener in running.listeners { try? await listener.close().get() }
    running.ledger.tellAll(ConnectionLedger.Stop())
    let loop = running.group.next()
    let open = running.ledger.all
    let cut = loop.scheduleTask(in: TimeAmount(grace)) {
      for channel in open { channel.close(promise: nil) }
    }
    try? await EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop).get()
    cut.cancel()
    running.rendering.stop()
    running.reloading.stop()
    options.security.stop()
    // Not waited for: a rendering under way may take its time, and nobody wants it any more.
    running.pool.shutdownGracefully { _ in }
    running.reloadPool.shutdownGracefully { _ in }
    try? await running.group.shutdownGracefully()
  }

  private static func description(of listener: any Channel) -> String {
    guard let bound = listener.localAddress, let ip = bound.ipAddress, let port = bound.port else {
      return "unix:\(listener.localAddress?.pathname ?? "")"
    }
    return ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }
}
