/// What an operator says of the web server in `--web.config.file`, checked and with the files that it names read. It
/// holds values only, and never reads anything itself.
package struct WebSettings: Sendable, Hashable {
  package struct TLS: Sendable, Hashable {
    /// In PEM, the server's own certificate first.
    package var certificates: [UInt8]
    package var key: [UInt8]
    package var clients = Clients.notAsked
    /// Names of which a client's certificate has to have one; empty: any will do.
    package var allowedClientNames: [String] = []
    package var oldest = Version.tls12
    package var newest = Version.tls13
    /// By their standard names; empty: the library's own.
    package var cipherSuites: [String] = []
    package var curves: [String] = []
    /// Whether clients may choose HTTP/2; `http_server_config` has it, but without TLS it means nothing.
    package var offersHTTP2 = true
  }

  /// Whether clients have to show a certificate.
  package enum Clients: Sendable, Hashable {
    case notAsked
    /// Certificates of the authorities in PEM.
    case mayShow([UInt8])
    case haveToShow([UInt8])
  }

  package enum Version: Int, Sendable, Hashable, Comparable {
    case tls12, tls13

    package static func < (a: Version, b: Version) -> Bool { a.rawValue < b.rawValue }
  }

  package struct Header: Sendable, Hashable {
    package var name: String
    package var value: String
  }

  /// `burst` requests at once, and one more every `interval`.
  package struct RateLimit: Sendable, Hashable {
    package var interval: Duration
    package var burst: Int

    package init(interval: Duration, burst: Int) {
      self.interval = interval
      self.burst = burst
    }
  }

  /// nil: plain HTTP.
  package var tls: TLS?
  /// Sent with every response.
  package var headers: [Header] = []
  /// By name; empty: everybody may read.
  package var users: [String: BcryptHash] = [:]
  package var rateLimit: RateLimit?

  package init() {}
}
