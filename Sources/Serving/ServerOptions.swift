package import Clocks
package import Exposition

/// What an operator chooses about the server. It checks itself in `HTTPServer.start()`, not before.
package struct ServerOptions: Sendable {
  package var addresses: [ListenAddress]
  /// Whether the sockets that systemd hands over take the place of `addresses`.
  package var takesSystemdSockets: Bool
  /// The exact path of the exposition; begins with `/`, without query, fragment or blanks.
  package var telemetryPath: String
  /// Whether `POST /-/reload` does something.
  package var enablesLifecycle: Bool
  package var limits: ServerLimits
  package var landing: LandingPage
  /// The exact paths of documents that are rendered for whoever asks, such as `/api/v1/runs`.
  package var documents: [String]
  /// Files that are served as they are.
  package var files: [ServedFile]
  /// What the exposition can be packed with beside identity, the preferred one first.
  package var contentEncodings: [ContentEncoding]
  package var security: ConnectionSecurity
  /// Where answers are counted.
  package var responses: ResponseCounts
  /// Where it is counted that clients have reached a limit.
  package var limitHits: RefusalCounts<ClientLimit>
  package var clock: TimeSource

  package init(
    addresses: [ListenAddress],
    takesSystemdSockets: Bool = false,
    telemetryPath: String = "/metrics",
    enablesLifecycle: Bool = false,
    limits: ServerLimits = ServerLimits(),
    landing: LandingPage,
    documents: [String] = [],
    files: [ServedFile] = [],
    contentEncodings: [ContentEncoding] = [.gzip],
    security: ConnectionSecurity = ConnectionSecurity(),
    responses: ResponseCounts = ResponseCounts(),
    limitHits: RefusalCounts<ClientLimit> = RefusalCounts<ClientLimit>(),
    clock: TimeSource = .system
  ) {
    self.addresses = addresses
    self.takesSystemdSockets = takesSystemdSockets
    self.telemetryPath = telemetryPath
    self.enablesLifecycle = enablesLifecycle
    self.limits = limits
    self.landing = landing
    self.documents = documents
    self.files = files
    self.contentEncodings = contentEncodings
    self.security = security
    self.responses = responses
    self.limitHits = limitHits
    self.clock = clock
  }

  /// One line on what is wrong with the options, or `nil`.
  var problem: String? {
    if addresses.isEmpty, !takesSystemdSockets { return "no listen address" }
    let shown = "telemetry path \"\(telemetryPath.prefix(80))\""
    let isPath = telemetryPath.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x3f && $0 != 0x23 }
    if !telemetryPath.hasPrefix("/") || !isPath {
      return "\(shown) must begin with / and hold no blanks, ?, # or characters beyond ASCII"
    }
    if (RequestRouter.ownPaths + documents + files.map(\.path)).contains(telemetryPath) {
      return "\(shown) is taken by the server itself"
    }
    return nil
  }
}
