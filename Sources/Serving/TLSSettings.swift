internal import Clocks
internal import NIOCore
internal import NIOSSL
internal import WebConfiguration

/// The TLS library's own form of what the operator chose. It never reads a file.
struct TLSSettings: Sendable {
  /// Why the library did not take it: a sentence for the operator, and the key that it is about.
  struct Mistake: Error {
    let message: String
    let key: String
  }

  /// How long a connection that closes waits for the client's last word.
  private static let shutdownTimeout: TimeAmount = .seconds(1)
  /// How long clients with certificates may resume their sessions. In a new session the whole chain of certificates is
  /// verified, in a resumed one only the end of the client's own is compared.
  static let resumptionMax: Duration = .seconds(3_600)

  let context: NIOSSLContext
  /// Empty: every verified client will do.
  let allowedClientNames: Set<String>
  /// When a new context has to take the place of this one, which no session of this one outlives: in nanoseconds since
  /// 1970. nil: never, since no client is verified.
  let renewsAt: Int64?
  private let certificate: NIOSSLCertificate?
  private let authorities: [NIOSSLCertificate]

  init(_ tls: WebSettings.TLS, at now: Moment) throws(Mistake) {
    let certificates = try Self.certificates(tls.certificates, "the server's certificate", "cert")
    let key: NIOSSLPrivateKey
    do {
      key = try NIOSSLPrivateKey(bytes: tls.key, format: .pem)
    } catch {
      throw Mistake(message: "the key is no private key in PEM, or has a passphrase", key: "key")
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
    configuration.verifySignatureAlgorithms = Self.clientSignatures
    let suites = tls.cipherSuites.isEmpty ? TLSNames.cipherSuitesByDefault : tls.cipherSuites
    configuration.cipherSuiteValues = suites.compactMap { Self.cipherSuites[$0] }
    let curves = tls.curves.compactMap { Self.curves[$0] }
    if !curves.isEmpty { configuration.curves = curves }
    switch tls.clients {
    case .notAsked:
      authorities = []
    case .mayShow(let pem), .haveToShow(let pem):
      authorities = try Self.certificates(pem, "the clients' authority", "client_ca")
      configuration.trustRoots = .certificates(authorities)
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
      throw Mistake(message: "certificate and key do not go together", key: "key")
    }
    allowedClientNames = Set(tls.allowedClientNames)
    certificate = certificates.first
    let ends = authorities.map { Int64($0.notValidAfter) * 1_000_000_000 }.filter { $0 > now.wall }
    renewsAt = authorities.isEmpty ? nil : (ends + [now.wall + Self.resumptionMax.wholeNanoseconds]).min()
  }

  /// What can be used and will be refused by others: the key, and what is wrong with it.
  func remarks(at now: Moment) -> [(key: String, message: String)] {
    let seconds = Int(now.wall / 1_000_000_000)
    var remarks: [(String, String)] = []
    if let fault = certificate?.fault(of: "the server's certificate", at: seconds) {
      remarks.append(("cert", "\(fault): clients refuse it"))
    }
    if let first = authorities.first?.fault(of: "the clients' authority", at: seconds),
      authorities.allSatisfy({ $0.fault(of: "", at: seconds) != nil })
    {
      remarks.append(("client_ca", "\(first): no client's certificate is accepted"))
    }
    return remarks
  }

  private static func certificates(
    _ pem: [UInt8],
    _ what: String,
    _ key: String
  ) throws(Mistake) -> [NIOSSLCertificate] {
    let found = try? NIOSSLCertificate.fromPEMBytes(pem)
    guard let found, !found.isEmpty else { throw Mistake(message: "\(what) is no certificate in PEM", key: key) }
    return found
  }

  /// Those of clients' keys. The library's own list lacks Ed25519 and P-521, which Go's has, and ends with SHA-1, which
  /// RFC 9155 forbids.
  private static let clientSignatures: [SignatureAlgorithm] = [
    .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
    .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512,
  ]

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
  /// Why a certificate is not good by itself at a time in seconds since 1970; nil: it is.
  func fault(of name: String, at seconds: Int) -> String? {
    if seconds > notValidAfter { return "\(name) ended on \(HTTPDate.text(at: notValidAfter))" }
    return seconds < notValidBefore ? "\(name) is not valid before \(HTTPDate.text(at: notValidBefore))" : nil
  }

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
