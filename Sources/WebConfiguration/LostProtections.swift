package import Diagnostics

/// Closed stays closed: while the exporter runs, what protects may be replaced by another of its kind, but not be taken
/// away, whatever becomes of the file. It compares two configurations, and knows neither files nor connections.
extension WebSettings {
  /// What protects by these settings, and would not by others: a diagnostic for each.
  package func protections(missingIn new: WebSettings) -> [Diagnostic] {
    var lost = tlsProtections(missingIn: new)
    if !users.isEmpty, new.users.isEmpty {
      lost.append("`basic_auth_users` is gone: nobody would be asked for a password")
    }
    if rateLimit != nil, new.rateLimit == nil {
      lost.append("`rate_limit` is gone: clients could ask as often as they like")
    }
    return lost.map { message in
      Diagnostic(
        id: "web/less-protected",
        message: message,
        range: nil,
        help: "nothing that protects is taken away while the exporter runs: restart it if this is meant"
      )
    }
  }

  private func tlsProtections(missingIn new: WebSettings) -> [String] {
    guard let old = tls else { return [] }
    guard let new = new.tls else {
      let certificates = old.clients == .notAsked ? "" : ", and clients would not be asked for a certificate"
      return ["`tls_server_config` is gone: connections would not be encrypted" + certificates]
    }
    var lost: [String] = []
    if new.clients.strictness < old.clients.strictness {
      let gets = new.clients == .notAsked ? "with any certificate or none" : "without a certificate"
      lost.append("`client_auth_type` is weaker: clients would get in \(gets)")
    } else if !old.allowedClientNames.isEmpty, new.allowedClientNames.isEmpty {
      lost.append("`client_allowed_sans` is gone: any name in a client's certificate would do")
    }
    if new.oldest < old.oldest { lost.append("`min_version` is lower: clients could choose TLS 1.2") }
    return lost
  }
}

extension WebSettings.Clients {
  fileprivate var strictness: Int {
    switch self {
    case .notAsked: 0
    case .mayShow: 1
    case .haveToShow: 2
    }
  }
}
