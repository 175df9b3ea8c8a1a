internal import NIOCore
internal import NIOSSL
internal import WebConfiguration

/// The TLS library's own form of what the operator chose. It never reads a file.
struct TLSSettings: Sendable {
  /// Why the library did not take it: a sentence for the operator.
  struct Mistake: Error {
    let message: String
  }

  /// How long a connection that closes waits for the client's last word.
  private static let shutdownTimeout: TimeAmount = .seconds(1)

  let context: NIOSSLContext
  /// Empty: every verified client will do.
  let allowedClientNames: Set<String>

  init(_ tls: WebSettings.TLS) throws(Mistake) {
    let certificates = try Self.certificates(tls.certificates, "the server's certificate")
    let key: NIOSSLPrivateKey
    do {
      key = try NIOSSLPrivateKey(bytes: tls.key, format: .pem)
    } catch {
      throw Mistake(message: "the key is no private key in PEM, or has a passphrase")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) },
      privateKey: .privateKey(key)
    )
    configuration.minimumTLSVersion = tls.oldest == .tls12 ? .tlsv12 : .tlsv13
    configuration.maximumTLSVersion = tls.newest == .tls12 ? .tlsv12 : .tlsv13
    configuration.applicationProtocols =
      tls.offersHTTP2 ? [ProtocolChoice.http2Name, ProtocolChoice.http1Name] : [ProtocolChoice.http1Name]
    configuration.renegotiationSupport = .none
    configuration.shutdownTimeout = Self.shutdownTimeout
    let suites = tls.cipherSuites.compactMap { Self.cipherSuites[$0] }
    if !suites.isEmpty { configuration.cipherSuiteValues = suites }
    let curves = tls.curves.compactMap { Self.curves[$0] }
    if !curves.isEmpty { configuration.curves = curves }
    switch tls.clients {
    case .notAsked: break
    case .mayShow(let authorities), .haveToShow(let authorities):
      configuration.trustRoots = .certificates(try Self.certificates(authorities, "the clients' authority"))
      configuration.sendCANameList = true
      if case .mayShow = tls.clients {
        configuration.certificateVerification = .optionalVerification
      } else {
        configuration.certificateVerification = .noHostnameVerification
      }
    }
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw Mistake(message: "certificate and key do not go together: \(error)")
    }
    allowedClientNames = Set(tls.allowedClientNames)
  }

  private static func certificates(_ pem: [UInt8], _ what: String) throws(Mistake) -> [NIOSSLCertificate] {
    let found = try? NIOSSLCertificate.fromPEMBytes(pem)
    guard let found, !found.isEmpty else { throw Mistake(message: "\(what) is no certificate in PEM") }
    return found
  }

  private static let cipherSuites: [String: NIOTLSCipher] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
  ]

  private static let curves: [String: NIOTLSCurve] = [
    "X25519": .x25519, "CurveP256": .secp256r1, "CurveP384": .secp384r1, "CurveP521": .secp521r1,
    "X25519MLKEM768": .x25519_MLKEM768,
  ]
}

extension NIOSSLCertificate {
  /// DNS names, mail addresses, URIs and IP addresses, as texts.
  var alternativeNames: Set<String> {
    Set(
      _subjectAlternativeNames().compactMap { name in
        let bytes = Array(name.contents)
        switch name.nameType {
        case .dnsName, .email, .uri: return String(decoding: bytes, as: UTF8.self)
        case .ipAddress: return try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress
        default: return nil
        }
      }
    )
  }
}
