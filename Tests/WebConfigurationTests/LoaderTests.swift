import Diagnostics
import Foundation
import Testing

@testable import WebConfiguration

/// What a web configuration may say, and what is said of each mistake.
struct LoaderTests {
  static let hash = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"

  /// The configuration in a folder with `cert`, `key` and `ca`, whose content nobody looks at here.
  private func load(
    _ text: String,
    mode: Int = 0o600,
    keyMode: Int = 0o600
  ) throws -> WebConfigurationLoading {
    let folder = FileManager.default.temporaryDirectory.appending(path: "web-configuration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["cert", "key", "ca"] { try Data(name.utf8).write(to: folder.appending(path: name)) }
    let key = folder.appending(path: "key").path
    try FileManager.default.setAttributes([.posixPermissions: keyMode], ofItemAtPath: key)
    let file = folder.appending(path: "web-config.yml")
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    return WebConfigurationLoader.load(path: file.path)
  }

  @Test(arguments: ["", "# nothing\n", "tls_server_config:\n", "tls_server_config: {}\nhttp_server_config:\n"])
  func nothingWrittenAllowsEverythingAndSaysSo(text: String) throws {
    let loading = try load(text)
    #expect(loading.settings == WebSettings())
    #expect(loading.diagnostics.map(\.id) == ["web/nothing-protected"])
    #expect(loading.diagnostics.map(\.severity) == [.warning])
  }

  @Test func everyKeyIsRead() throws {
    let loading = try load(
      """
      tls_server_config:
        cert_file: cert
        key_file: key
        client_ca_file: ca
        client_auth_type: RequireAndVerifyClientCert
        client_allowed_sans: [prometheus.example.org]
        min_version: TLS12
        max_version: TLS13
        cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
        prefer_server_cipher_suites: true
        curve_preferences: [X25519, CurveP256]
      http_server_config:
        http2: false
        headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=60 }
      basic_auth_users:
        prometheus: \(Self.hash)
      rate_limit: { interval: 1m30s, burst: 20 }
      """
    )
    #expect(loading.diagnostics.isEmpty)
    var expected = WebSettings()
    expected.tls = WebSettings.TLS(certificates: Array("cert".utf8), key: Array("key".utf8))
    expected.tls?.clients = .haveToShow(Array("ca".utf8))
    expected.tls?.allowedClientNames = ["prometheus.example.org"]
    expected.tls?.cipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
    expected.tls?.curves = ["X25519", "CurveP256"]
    expected.tls?.offersHTTP2 = false
    expected.headers = [
      .init(name: "Strict-Transport-Security", value: "max-age=60"), .init(name: "X-Frame-Options", value: "deny"),
    ]
    expected.users = ["prometheus": try BcryptHash(parsing: Self.hash)]
    expected.rateLimit = .init(interval: .seconds(90), burst: 20)
    #expect(loading.settings == expected)
    #expect(loading.files.count == 4)
  }

  /// A configuration, and what is said of it.
  static let mistakes: [(String, String)] = [
    ("tls_server_conf: {}", "did you mean `tls_server_config`?"),
    ("tls_server_config: { cert_fiel: cert }", "did you mean `cert_file`?"),
    ("tls_server_config: { cert_file: cert }", "has no `key_file` and no `key`"),
    ("tls_server_config: { key_file: key }", "has no `cert_file` and no `cert`"),
    ("tls_server_config: { min_version: TLS12 }", "without it there is no TLS"),
    ("tls_server_config: { cert_file: cert, cert: x, key_file: key }", "are both given"),
    ("tls_server_config: { cert_file: none, key_file: key }", "there is no such file"),
    ("tls_server_config: { cert_file: /dev/zero, key_file: key }", "this is a device, not a file"),
    (tls("client_ca_file: ca"), "clients are not asked for a certificate"),
    (tls("client_ca_file: ca, client_auth_type: NoClientCert"), "clients are not asked for a certificate"),
    (tls("client_auth_type: RequireAndVerifyClientCert"), "wants `client_ca_file`"),
    (tls("client_auth_type: RequestClientCert"), "nobody verifies are not supported"),
    (tls("client_auth_type: RequireAnyClientCert"), "nobody verifies are not supported"),
    (tls("client_auth_type: RequireAndVerify"), "cannot be `RequireAndVerify`"),
    (tls("client_allowed_sans: [a]"), "clients show no certificate"),
    (mutual("client_allowed_sans: []"), "does not say whose certificate is allowed"),
    (mutual("client_allowed_sans:"), "does not say whose certificate is allowed"),
    (optional("client_allowed_sans: [a]"), "lets in whoever shows no certificate at all"),
    (tls("min_version: TLS10"), "TLS 1.0 and 1.1 are not served"),
    (tls("max_version: TLS11"), "TLS 1.0 and 1.1 are not served"),
    (tls("min_version: TLS13, max_version: TLS12"), "above `max_version`"),
    (tls("cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]"), "is no cipher suite that can be used here"),
    (tls("curve_preferences: [X448]"), "is no curve that can be used here"),
    ("http_server_config: { headers: { Server: x } }", "has no key `Server`"),
    ("http_server_config: { headers: { X-Frame-Options: maybe } }", "cannot be `maybe`"),
    ("http_server_config: { headers: { Content-Security-Policy: \"a\\nb\" } }", "printable ASCII"),
    ("http_server_config: { http2: yes }", "wants `true` or `false`"),
    ("basic_auth_users: { u: secret }", "is no bcrypt hash"),
    ("basic_auth_users: { u: \(hash.dropLast()) }", "is no bcrypt hash"),
    ("basic_auth_users: { u: $2x$05$\(hash.dropFirst(7)) }", "is no bcrypt hash"),
    ("basic_auth_users: { u: $2y$31$\(hash.dropFirst(7)) }", "has cost 31"),
    ("basic_auth_users: { u: $2y$17$\(hash.dropFirst(7)) }", "has cost 17"),
    ("basic_auth_users: { u: $2y$03$\(hash.dropFirst(7)) }", "has cost 3"),
    ("basic_auth_users: { \"a:b\": \(hash) }", "a user's name cannot be empty"),
    ("basic_auth_users: { \"a\\0b\": \(hash) }", "a user's name cannot be empty"),
    ("basic_auth_users: { \"\": \(hash) }", "a user's name cannot be empty"),
    ("basic_auth_users: { u: \(hash), u: \(hash) }", "is here twice"),
    ("rate_limit: { burst: 3 }", "limits nothing"),
    ("rate_limit: { interval: 3 }", "is not a duration"),
    ("rate_limit: { interval: -1s }", "is not a duration"),
    ("rate_limit: { interval: 1s, burst: 0 }", "from 1 to"),
    ("[a]", "wants a mapping"),
    ("a: [", "[yaml/syntax]"),
  ]

  private static func tls(_ more: String) -> String {
    "tls_server_config: { cert_file: cert, key_file: key, \(more) }"
  }

  private static func mutual(_ more: String) -> String {
    tls("client_ca_file: ca, client_auth_type: RequireAndVerifyClientCert, \(more)")
  }

  private static func optional(_ more: String) -> String {
    tls("client_ca_file: ca, client_auth_type: VerifyClientCertIfGiven, \(more)")
  }

  @Test(arguments: mistakes)
  func aMistakeIsSaid(text: String, what: String) throws {
    let loading = try load(text)
    #expect(loading.settings == nil)
    let shown = ConsoleRenderer(source: loading.source).render(loading.diagnostics)
    #expect(shown.contains(what), "\(shown)")
    #expect(loading.diagnostics.contains { $0.severity == .error })
  }

  @Test(arguments: [
    ("tls_server_config: { cert_file: cert, key_file: key, cipher_suites: [TLS_AES_128_GCM_SHA256] }", "web/cipher"),
    ("tls_server_config: { cert_file: cert, key_file: key, prefer_server_cipher_suites: false }", "web/cipher"),
    ("basic_auth_users: {}", "web/users"),
  ])
  func whatHasNoEffectIsAWarning(text: String, id: String) throws {
    let loading = try load(text)
    #expect(loading.settings != nil)
    #expect(loading.diagnostics.map(\.id) == [id])
    #expect(loading.diagnostics.map(\.severity) == [.warning])
  }

  /// As Prometheus' own toolkit has it: by default, and never without TLS.
  @Test(arguments: [("", true), ("http2: true", true), ("http2:", true), ("http2: false", false)])
  func http2IsOfferedUnlessItIsSwitchedOff(text: String, isOffered: Bool) throws {
    let http = "http_server_config: { \(text) }\n"
    let secure = try load("tls_server_config: { cert_file: cert, key_file: key }\n" + http)
    #expect(secure.settings?.tls?.offersHTTP2 == isOffered)
    #expect(secure.diagnostics.isEmpty)
    #expect(try load(http).settings == WebSettings())
  }

  /// What others on the machine may do with the files, and what is said of it.
  static let modes: [(text: String, mode: Int, keyMode: Int, ids: [String])] = [
    ("tls_server_config: { cert_file: cert, key_file: key }", 0o644, 0o640, []),
    ("tls_server_config: { cert_file: cert, key_file: key }", 0o600, 0o644, ["web/key-mode"]),
    ("tls_server_config: { cert_file: cert, key: x }", 0o644, 0o600, ["web/file-mode"]),
    ("basic_auth_users: { u: \(hash) }", 0o640, 0o600, []),
    ("basic_auth_users: { u: \(hash) }", 0o644, 0o600, ["web/file-mode"]),
    ("rate_limit: { interval: 1s }", 0o602, 0o600, ["web/file-mode"]),
    ("tls_server_config: { cert_file: cert, key_file: key }", 0o600, 0o602, ["web/file-mode"]),
  ]

  @Test(arguments: modes)
  func filesThatEverybodyMayReadOrWriteAreWarnings(text: String, mode: Int, keyMode: Int, ids: [String]) throws {
    let loading = try load(text, mode: mode, keyMode: keyMode)
    #expect(loading.settings != nil)
    #expect(loading.diagnostics.map(\.id) == ids)
    #expect(loading.diagnostics.allSatisfy { $0.severity == .warning && $0.help?.hasPrefix("chmod o-") == true })
  }

  /// A change of one text into another while the exporter runs, and what it would take away.
  static let changes: [(old: String, new: String, lost: [String])] = [
    (mutual("min_version: TLS13") + users, "", ["tls_server_config", "basic_auth_users"]),
    (mutual("min_version: TLS13"), tls("min_version: TLS12"), ["client_auth_type", "min_version"]),
    (mutual(""), optional(""), ["client_auth_type"]),
    (optional(""), tls(""), ["client_auth_type"]),
    (optional(""), mutual("client_allowed_sans: [a]"), []),
    (mutual("client_allowed_sans: [a]"), mutual(""), ["client_allowed_sans"]),
    (mutual("client_allowed_sans: [a]"), mutual("client_allowed_sans: [a, b]"), []),
    (users + "rate_limit: { interval: 1s }", users, ["rate_limit"]),
    (users + "rate_limit: { interval: 1s }", users + "rate_limit: { interval: 0s }", ["rate_limit"]),
    (users + "rate_limit: { interval: 1s }", users + "rate_limit: { interval: 1ms, burst: 9 }", []),
    (users, "\nbasic_auth_users: { other: \(hash) }\n", []),
    (users, "basic_auth_users: {}", ["basic_auth_users"]),
    ("", mutual("min_version: TLS13") + users, []),
  ]
  private static let users = "\nbasic_auth_users: { u: \(hash), v: \(hash) }\n"

  @Test(arguments: changes)
  func whatAChangeWouldTakeAwayIsKnown(old: String, new: String, lost: [String]) throws {
    let settings = try #require(load(old).settings)
    let found = try settings.protections(missingIn: #require(load(new).settings))
    #expect(found.compactMap { $0.message.firstMatch(of: /^`(\w+)`/).map { String($0.1) } } == lost)
    #expect(settings.protections(missingIn: settings).isEmpty)
  }

  @Test(arguments: [
    ("0", Duration.zero), ("1s", .seconds(1)), ("250ms", .milliseconds(250)), ("1h2m3.5s", .milliseconds(3_723_500)),
    ("10us", .microseconds(10)),
  ])
  func anIntervalIsReadAsGoReadsIt(text: String, duration: Duration) {
    #expect(IntervalText.parse(text) == duration)
  }

  @Test(arguments: ["", "s", "1", "1x", ".5s", "1.s", "1s2", "25h", "1 s", "1e9s", "99999999999999999999h"])
  func noIntervalIsGuessed(text: String) {
    #expect(IntervalText.parse(text) == nil)
  }
}
