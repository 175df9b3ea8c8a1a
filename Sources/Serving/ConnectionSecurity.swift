package import Clocks
internal import Diagnostics
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
package import WebConfiguration

/// Who may connect and read, as `--web.config.file` says, also after it has changed: TLS for each new connection,
/// passwords, the rate limit and further headers for each request. Without a file it allows everything; what a file has
/// closed stays closed.
package final class ConnectionSecurity: Sendable {
  private struct Current: Sendable {
    var settings = WebSettings()
    var tls: TLSSettings?
    var rateLimit: RateLimit?
    /// Nanoseconds since 1970.
    var loadedAt: Int64
    /// Whether the files have not gone bad since.
    var isNewest = true
    /// What the operator has been told of the certificates.
    var remarks: [String] = []
  }

  /// What came of the last look at a configuration that had changed.
  package struct LastReload: Sendable {
    package let isSuccessful: Bool
    /// When the configuration in use was loaded, in nanoseconds since 1970.
    package let succeededAt: Int64
  }

  /// How often the files are looked at. Looking asks the system about each and opens none.
  private static let lookInterval: TimeAmount = .seconds(1)

  let passwords: PasswordCheck
  package let handshakeFailures = RefusalCounts<HandshakeFailure.Reason>()
  private let path: String?
  private let clock: TimeSource
  private let current: Mutex<Current>
  private let looks: Mutex<Looks?>

  /// What looks at the files have found.
  private struct Looks {
    /// What was last tried, whether it was good or not.
    var tried: WebConfigurationLoading
    /// What was found at the last look, and is tried if it is the same at the next: a file that is being written may be
    /// empty, or end before its passwords, and would open the door.
    var found: (new: Current?, loading: WebConfigurationLoading)?
  }

  /// Plain HTTP for everybody.
  package init(clock: TimeSource = .system) {
    path = nil
    self.clock = clock
    passwords = PasswordCheck()
    current = Mutex(Current(loadedAt: clock.now.wall))
    looks = Mutex(nil)
  }

  private init(
    path: String,
    _ first: Current,
    _ loading: WebConfigurationLoading,
    _ passwords: PasswordCheck,
    _ clock: TimeSource
  ) {
    self.path = path
    self.clock = clock
    self.passwords = passwords
    current = Mutex(first)
    looks = Mutex(Looks(tried: loading))
  }

  /// Reads a web configuration and all that it names.
  ///
  /// - Returns: what was found, with the security where it can be used.
  package static func load(
    path: String,
    clock: TimeSource = .system
  ) -> (security: ConnectionSecurity?, loading: WebConfigurationLoading) {
    load(path: path, passwords: PasswordCheck(), clock: clock)
  }

  static func load(
    path: String,
    passwords: PasswordCheck,
    clock: TimeSource = .system
  ) -> (security: ConnectionSecurity?, loading: WebConfigurationLoading) {
    let (current, loading) = read(path, at: clock.now)
    return (current.map { ConnectionSecurity(path: path, $0, loading, passwords, clock) }, loading)
  }

  private static func read(_ path: String, at now: Moment) -> (Current?, WebConfigurationLoading) {
    var loading = WebConfigurationLoader.load(path: path)
    guard let settings = loading.settings else { return (nil, loading) }
    var current = Current(settings: settings, loadedAt: now.wall)
    do throws(TLSSettings.Mistake) {
      if let tls = settings.tls {
        let made = try TLSSettings(tls, at: now)
        current.tls = made
        for (key, message) in made.remarks(at: now) {
          current.remarks.append(message)
          loading.report("web/certificate", message, about: key, severity: .warning)
        }
      }
    } catch {
      loading.report("web/certificate", error.message, about: error.key)
      return (nil, loading)
    }
    if !settings.users.isEmpty, !Bcrypt.isThere {
      let message = "this system's crypt(3) does not know bcrypt: no password can be checked"
      loading.report("web/bcrypt", message)
      return (nil, loading)
    }
    current.rateLimit = settings.rateLimit.map { RateLimit($0, at: now.monotonic) }
    return (current, loading)
  }

  /// Whether new connections speak TLS.
  package var usesTLS: Bool { tls != nil }

  var tls: TLSSettings? { current.withLock { $0.tls } }

  /// nil: there is no file.
  package var lastReload: LastReload? {
    if path == nil { return nil }
    return current.withLock { LastReload(isSuccessful: $0.isNewest, succeededAt: $0.loadedAt) }
  }

  package var accessRefusals: RefusalCounts<AccessRefusal> { passwords.refusals }

  /// Whether everybody who gets an answer has shown a password.
  var asksForPasswords: Bool { current.withLock { !$0.settings.users.isEmpty } }

  /// Sent with every response.
  var headers: [WebSettings.Header] { current.withLock { $0.settings.headers } }

  // MARK: Changes

  /// Looks whether the files have changed, and takes a good new configuration into use that was there at the look
  /// before, too, unless it takes away what protects. Blocks.
  ///
  /// - Returns: whether connections that are open were made under other rules.
  func refresh(_ logger: Logger) -> Bool {
    guard let path else { return false }
    return looks.withLock { looks in
      renewContext()
      tellOfCertificates(logger, path)
      guard looks?.tried.isOutdated ?? true else {
        looks?.found = nil
        return false
      }
      guard case (var new, var loading)? = looks?.found, !loading.isOutdated else {
        looks?.found = Self.read(path, at: clock.now)
        return false
      }
      if let settings = new?.settings {
        let lost = current.withLock { $0.settings }.protections(missingIn: settings)
        for diagnostic in lost { loading.report(diagnostic) }
        if !lost.isEmpty { new = nil }
      }
      looks = Looks(tried: loading)
      let shown = ConsoleRenderer(source: loading.source).render(loading.diagnostics)
      guard var new else {
        current.withLock { $0.isNewest = false }
        let metadata: Logger.Metadata = ["file": "\(path)", "reason": "\(shown)"]
        logger.error("web configuration not reloaded; the old one stays in use", metadata: metadata)
        return false
      }
      let changesTLS = current.withLock { current in
        // A change elsewhere in the file fills no bucket.
        if new.settings.rateLimit == current.settings.rateLimit { new.rateLimit = current.rateLimit }
        let changesTLS = new.settings.tls != current.settings.tls
        current = new
        return changesTLS
      }
      passwords.forget(allBut: new.settings.users)
      logger.info("web configuration reloaded", metadata: ["file": "\(path)"])
      if !loading.diagnostics.isEmpty { logger.warning("\(shown)", metadata: ["file": "\(path)"]) }
      return changesTLS
    }
  }

  /// Ends the sessions that clients with certificates could resume, where it is time: the next handshake verifies all.
  private func renewContext() {
    let now = clock.now
    let (settings, isDue) = current.withLock { ($0.settings.tls, $0.tls?.renewsAt.map { $0 <= now.wall } ?? false) }
    guard isDue, let settings, let renewed = try? TLSSettings(settings, at: now) else { return }
    current.withLock { $0.tls = renewed }
  }

  /// Says of certificates that they have ended, once.
  private func tellOfCertificates(_ logger: Logger, _ path: String) {
    let now = clock.now
    let new = current.withLock { current in
      let remarks = current.tls?.remarks(at: now).map(\.message) ?? []
      defer { current.remarks = remarks }
      return remarks.filter { !current.remarks.contains($0) }
    }
    for message in new { logger.warning("\(message)", metadata: ["file": "\(path)"]) }
  }

  /// Begins to look after the files, on a thread of `pool`. Connections made under other rules end with the response
  /// that they are at.
  func start(on loop: any EventLoop, _ pool: NIOThreadPool, _ ledger: ConnectionLedger, _ logger: Logger) {
    guard path != nil else { return }
    passwords.start()
    loop.scheduleRepeatedAsyncTask(initialDelay: Self.lookInterval, delay: Self.lookInterval) { _ in
      pool.runIfActive(eventLoop: loop) {
        if self.refresh(logger) { ledger.tellAll(ConnectionLedger.Stop()) }
      }
    }
  }

  func stop() {
    if path != nil { passwords.stop() }
  }

  // MARK: Connections

  /// - Returns: whether the connection speaks TLS.
  func addHandlers(
    to pipeline: ChannelPipeline.SynchronousOperations,
    _ door: ConnectionDoor,
    _ log: HandshakeLog,
    _ responses: ResponseCounts
  ) throws -> Bool {
    guard let tls else { return false }
    let plain = PlainRequestGate(responses, log)
    let handler = NIOSSLServerHandler(context: tls.context)
    try pipeline.addHandler(plain)
    try pipeline.addHandler(handler)
    try pipeline.addHandler(
      ClientGate(allowed: tls.allowedClientNames, tls: handler, plain: plain, door: door, log: log, clock: clock)
    )
    return true
  }

  // MARK: Requests

  enum Admission {
    case open
    case refused(Response)
    /// The password has to be checked first.
    case asks(PasswordCheck.Question)
  }

  /// Whether a request may be answered, whatever it asks for. Never waits.
  func admission(_ head: HTTPRequestHead) -> Admission {
    let (users, isInTime) = current.withLock { current in
      (current.settings.users, current.rateLimit?.admits(at: clock.now.monotonic) ?? true)
    }
    if !isInTime {
      passwords.refusals.count(.rateLimit)
      return .refused(.tooManyRequests)
    }
    if users.isEmpty { return .open }
    guard let credentials = BasicCredentials(head.headers), credentials.isCheckable else {
      passwords.refusals.count(.noPassword)
      return .refused(.unauthorized)
    }
    return passwords.question(credentials, users).map(Admission.asks) ?? .open
  }
}

extension PasswordCheck.Verdict {
  /// What a request gets instead of its answer; nil: the password is right.
  var refusal: Response? {
    switch self {
    case .right: nil
    case .wrong: .unauthorized
    case .busy: .tooManyRequests
    }
  }
}

extension Response {
  static let unauthorized: Response = {
    var response = error(.unauthorized)
    response.further = [("WWW-Authenticate", "Basic realm=\"training-exporter\", charset=\"UTF-8\"")]
    return response
  }()

  static let tooManyRequests: Response = {
    var response = error(.tooManyRequests)
    response.further = [("Retry-After", "1")]
    return response
  }()
}
