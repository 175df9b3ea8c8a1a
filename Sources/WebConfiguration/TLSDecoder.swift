internal import Diagnostics

/// Decodes `tls_server_config`. What the TLS library here cannot do is an error that says so, never left out silently.
struct TLSDecoder {
  let report: SettingReport
  let files: NamedFiles

  private static let allowedNamesKey = "client_allowed_sans"
  private static let keys = [
    "cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file", "client_auth_type", allowedNamesKey,
    "min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites", "curve_preferences",
  ]

  /// nil: nothing is written, or it has mistakes.
  func decode(_ section: Setting) -> WebSettings.TLS? {
    let keys = section.keys(Self.keys, empty: [Self.allowedNamesKey])
    guard !keys.isEmpty else { return nil }
    let certificates = pem(keys, "cert", isRequiredBy: section)
    let key = pem(keys, "key", isRequiredBy: section)
    var tls = WebSettings.TLS(certificates: certificates ?? [], key: key ?? [])
    tls.clients = clients(keys)
    tls.allowedClientNames = keys[Self.allowedNamesKey].map { allowedNames($0, tls.clients) } ?? []
    versions(keys, &tls)
    tls.cipherSuites = names(keys["cipher_suites"], TLSNames.cipherSuites, "cipher suite").filter { name in
      guard TLSNames.suitesOfTLS13.contains(name) else { return true }
      let message = "`\(name)` belongs to TLS 1.3, whose suites cannot be chosen: it is used anyway"
      warn("cipher", message, keys["cipher_suites"])
      return false
    }
    tls.curves = names(keys["curve_preferences"], TLSNames.curves, "curve")
    if let prefers = keys["prefer_server_cipher_suites"], prefers.bool() == false {
      warn("cipher", "`prefer_server_cipher_suites: false` has no effect: the server's order counts", prefers)
    }
    return certificates == nil || key == nil ? nil : tls
  }

  // MARK: Certificates and keys

  /// The text behind `NAME`, or what stands in the file that `NAME_file` names.
  private func pem(_ keys: [String: Setting], _ name: String, isRequiredBy section: Setting? = nil) -> [UInt8]? {
    let file = keys["\(name)_file"]
    report.ranges[name] = (file ?? keys[name])?.range
    if let text = keys[name] {
      report.holdsKey = report.holdsKey || name == "key"
      if let file {
        report.add("conflict", "`\(name)` and `\(file.name)` are both given: one of them is enough", at: file.keyRange)
      }
      return text.text().map { Array($0.utf8) }
    }
    guard let file else {
      if let section {
        let message = "`\(section.name)` has no `\(name)_file` and no `\(name)`"
        report.add("missing-key", message, at: section.keyRange, help: "without it there is no TLS")
      }
      return nil
    }
    guard let written = file.text() else { return nil }
    let path = files.path(written)
    do throws(RegularFile.Problem) {
      let content = try files.content(path: path, bytesMax: WebConfigurationLoader.pemBytesMax)
      report.warn(ofMode: content, path, secret: name == "key" ? ("key-mode", "the key") : nil, at: file.range)
      return content.bytes
    } catch {
      report.add("file", "`\(file.name)` is \(path): \(error.message)", at: file.range)
      return nil
    }
  }

  // MARK: Clients

  private enum Policy {
    case none, mayShow, hasToShow, unverified
  }

  private func clients(_ keys: [String: Setting]) -> WebSettings.Clients {
    let authorities = pem(keys, "client_ca")
    let given = keys["client_ca"] ?? keys["client_ca_file"]
    let type = keys["client_auth_type"]
    let policy: Policy? =
      type == nil
      ? Policy.none
      : type?.choice([
        ("NoClientCert", .none), ("RequestClientCert", .unverified), ("RequireAnyClientCert", .unverified),
        ("VerifyClientCertIfGiven", .mayShow), ("RequireAndVerifyClientCert", .hasToShow),
      ])
    switch policy {
    case nil:
      return .notAsked
    case .unverified:
      report.add(
        "client-auth",
        "client certificates that nobody verifies are not supported: they prove nothing",
        at: type?.range,
        help: "`RequireAndVerifyClientCert` and `VerifyClientCertIfGiven` verify them"
      )
      return .notAsked
    case .some(.none):
      if let given {
        report.add(
          "client-auth",
          "`\(given.name)` is given, but clients are not asked for a certificate",
          at: given.keyRange,
          help: "`client_auth_type: RequireAndVerifyClientCert` asks for it"
        )
      }
      return .notAsked
    case .mayShow, .hasToShow:
      guard let authorities else {
        if given == nil {
          let message = "`\(type?.text() ?? "")` wants `client_ca_file`: the authorities that clients are verified by"
          report.add("missing-key", message, at: type?.range)
        }
        return .notAsked
      }
      return policy == .hasToShow ? .haveToShow(authorities) : .mayShow(authorities)
    }
  }

  private func allowedNames(_ setting: Setting, _ clients: WebSettings.Clients) -> [String] {
    guard let list = setting.isNull ? [] : setting.list() else { return [] }
    if list.isEmpty {
      report.add(
        "client-names",
        "`\(setting.name)` is empty: it does not say whose certificate is allowed",
        at: setting.keyRange,
        help: "name at least one, or leave the key out to allow every certificate of `client_ca_file`"
      )
    }
    switch clients {
    case .notAsked where !report.hasErrors:
      report.add("client-auth", "`\(setting.name)` has no effect: clients show no certificate", at: setting.keyRange)
    case .mayShow:
      report.add(
        "client-auth",
        "`\(setting.name)` can be evaded: `VerifyClientCertIfGiven` lets in whoever shows no certificate at all",
        at: setting.keyRange,
        help: "`client_auth_type: RequireAndVerifyClientCert` wants a certificate of everybody"
      )
    case .notAsked, .haveToShow: break
    }
    return list.compactMap { $0.text() }
  }

  // MARK: Versions, suites and curves

  private func versions(_ keys: [String: Setting], _ tls: inout WebSettings.TLS) {
    tls.oldest = keys["min_version"].flatMap(version) ?? tls.oldest
    tls.newest = keys["max_version"].flatMap(version) ?? tls.newest
    if tls.oldest > tls.newest {
      report.add("version", "`min_version` is above `max_version`", at: keys["min_version"]?.range)
    }
  }

  private func version(_ setting: Setting) -> WebSettings.Version? {
    let versions: [(String, WebSettings.Version?)] = [
      ("TLS13", .tls13), ("TLS12", .tls12), ("TLS11", nil), ("TLS10", nil),
    ]
    guard let choice = setting.choice(versions) else { return nil }
    if choice == nil {
      let message = "TLS 1.0 and 1.1 are not served: RFC 8996 forbids them"
      report.add("version", message, at: setting.range, help: "`TLS12` is the oldest")
    }
    return choice
  }

  private func names(_ setting: Setting?, _ known: [String], _ what: String) -> [String] {
    guard let list = setting?.list() else { return [] }
    return list.compactMap { item in
      guard let name = item.text() else { return nil }
      if known.contains(name) { return name }
      report.add(
        "tls-name",
        "`\(name)` is no \(what) that can be used here",
        at: item.range,
        help: report.help(for: name, among: known)
      )
      return nil
    }
  }

  private func warn(_ id: String, _ message: String, _ setting: Setting?) {
    report.add(id, message, at: setting?.range, severity: .warning)
  }
}

/// The names that Go has for what the TLS library here can do.
package enum TLSNames {
  static let suitesOfTLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

  /// What is offered where nothing is chosen: without CBC and SHA-1.
  package static let cipherSuitesByDefault = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  ]

  static let cipherSuites =
    suitesOfTLS13 + cipherSuitesByDefault + [
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    ]

  static let curves = ["X25519", "CurveP256", "CurveP384", "CurveP521", "X25519MLKEM768"]
}
