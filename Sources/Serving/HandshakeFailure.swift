internal import NIOSSL

/// Why a client got no further than TLS: a reason to count by, and the words for the log. It never holds a code, a path
/// or anything that the client has sent.
package struct HandshakeFailure: Sendable, Equatable {
  package enum Reason: String, RefusalReason {
    /// Bytes that are no TLS, or that break its rules.
    case malformed
    case plainHTTP = "plain_http"
    case noCertificate = "no_certificate"
    /// The client's certificate is not good.
    case certificate
    /// It has none of the allowed names.
    case certificateName = "certificate_name"
    /// No version, cipher suite, curve or signature in common.
    case nothingInCommon = "nothing_in_common"
    /// The client broke it off and said why: the server's certificate, mostly.
    case clientAlert = "client_alert"
    /// The client went away without a word, such as a probe of the port.
    case closed
    case timeout
  }

  let reason: Reason
  let words: String

  static let plainHTTP = Self(reason: .plainHTTP, words: "the client speaks HTTP without TLS")
  static let closed = Self(reason: .closed, words: "the client closed the connection during the handshake")
  static let timeout = Self(reason: .timeout, words: "the handshake took too long")
  static let name = Self(
    reason: .certificateName,
    words: "the client's certificate has none of the names in client_allowed_sans"
  )

  init(reason: Reason, words: String) {
    self.reason = reason
    self.words = words
  }

  /// What the library says, of which the first error that has a meaning here counts.
  ///
  /// - Parameter certificate: the client's, where it has shown one.
  init(_ error: BoringSSLError, certificate: NIOSSLCertificate?, at seconds: Int) {
    guard case .sslError(let stack) = error, !stack.contains(.eofDuringHandshake) else {
      self = .closed
      return
    }
    let names = stack.compactMap { Self.name(in: $0.description) }
    if names.contains("CERTIFICATE_VERIFY_FAILED"), let certificate {
      self = Self(reason: .certificate, words: certificate.fault(of: Self.theirs, at: seconds) ?? Self.untrusted)
      return
    }
    self = names.lazy.compactMap { Self.known[$0] }.first ?? Self(unknown: names.first ?? "")
  }

  /// The library's own name of an error, out of `error:1000007d:SSL routines:OPENSSL_internal:NAME at PATH:LINE`.
  private static func name(in description: String) -> String? {
    guard let range = description.firstRange(of: "OPENSSL_internal:") else { return nil }
    let name = description[range.upperBound...].prefix { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
    return name.isEmpty ? nil : String(name)
  }

  private init(unknown name: String) {
    let words = name.split(separator: "_").map { $0.lowercased() }
    let isAlert = words.contains("alert")
    let said = words.filter { !["tlsv1", "sslv3", "tls", "alert"].contains($0) }.joined(separator: " ")
    if isAlert {
      self.init(reason: .clientAlert, words: "the client broke off: \(said)")
    } else {
      self.init(reason: .malformed, words: said.isEmpty ? "what the client sent is no TLS" : "TLS failed: \(said)")
    }
  }

  static let theirs = "the client's certificate"
  private static let untrusted = "no authority in client_ca_file vouches for the client's certificate as a client's"
  private static let ours = "the client does not accept the server's certificate"

  private static let known: [String: Self] = {
    func failures(_ reason: Reason, _ words: [String: String]) -> [(String, Self)] {
      words.map { ($0.key, Self(reason: reason, words: $0.value)) }
    }
    let all: [(String, Self)] =
      failures(.noCertificate, ["PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client showed no certificate"])
      + failures(
        .certificate,
        [
          "CERTIFICATE_VERIFY_FAILED": untrusted,
          "BAD_SIGNATURE": "the client does not have the key of its certificate",
          "CANNOT_PARSE_LEAF_CERT": "the client's certificate cannot be read",
          "UNKNOWN_CERTIFICATE_TYPE": "the client's certificate has a key of a kind that is not accepted",
        ]
      )
      + failures(
        .nothingInCommon,
        [
          "UNSUPPORTED_PROTOCOL": "the client offers no version of TLS that is allowed here",
          "NO_SHARED_CIPHER": "the client offers no cipher suite that is allowed here",
          "NO_SHARED_GROUP": "the client offers no curve that is allowed here",
          "NO_COMMON_SIGNATURE_ALGORITHMS": "client and server have no signature algorithm in common",
          "WRONG_SIGNATURE_TYPE": "the client signs with an algorithm that is not accepted",
          "INAPPROPRIATE_FALLBACK": "the client fell back to an older version of TLS without need",
        ]
      )
      + failures(
        .clientAlert,
        [
          "TLSV1_ALERT_UNKNOWN_CA": ours + ": it does not know the authority",
          "SSLV3_ALERT_BAD_CERTIFICATE": ours,
          "SSLV3_ALERT_CERTIFICATE_UNKNOWN": ours,
          "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": ours + ": it is of a kind that it does not support",
          "SSLV3_ALERT_CERTIFICATE_EXPIRED": ours + ": it has expired",
          "SSLV3_ALERT_CERTIFICATE_REVOKED": ours + ": it has been revoked",
          // OpenSSL sends its alert in the clear where TLS 1.3 wants a longer, encrypted record.
          "BAD_PACKET_LENGTH": "the client broke off: it probably does not accept the server's certificate",
          "TLSV1_ALERT_PROTOCOL_VERSION": "the client does not support the versions of TLS that are allowed here",
        ]
      )
      + failures(
        .malformed,
        [
          "WRONG_VERSION_NUMBER": "what the client sent is no TLS",
          "HTTP_REQUEST": "what the client sent is no TLS",
          "HTTPS_PROXY_REQUEST": "what the client sent is no TLS",
          "UNEXPECTED_RECORD": "what the client sent is no TLS",
        ]
      )
    return Dictionary(uniqueKeysWithValues: all)
  }()
}
