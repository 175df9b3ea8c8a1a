import Foundation
import Testing

/// A web configuration key by key: each row of the table in `docs/security.md` holds for this exporter, and for Debian's
/// node_exporter with the same file; at the start, and when the file changes meanwhile.
struct WebConfigurationTableTests {
  /// How a client comes, and what is looked at in the answer; the status where nothing else is said.
  struct Client: Sendable {
    var scheme = "https"
    var options: [String] = []
    var shows = "%{http_code}"

    static let plain = Self(scheme: "http")
    static let password = Self(scheme: "http", options: ["--user", "prometheus:secret"])
    static let long = Self(scheme: "http", options: ["--user", "long:" + String(repeating: "x", count: 72)])
    static let framing = Self(scheme: "http", shows: "%header{x-frame-options}")
    static let tls = Self()
    static let tls12 = Self(options: ["--tls-max", "1.2"])
    static let tls13 = Self(options: ["--tlsv1.3"])
    static let cbc = Self(options: ["--http1.1", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA"])
    static let x25519 = Self(options: ["--curves", "X25519"])
    static let version = Self(shows: "%{http_version}")
    static let named = showing("named")
    static let other = showing("other")
    static let stranger = showing("stranger")

    private static func showing(_ name: String) -> Self {
      Self(options: ["--cert", "DIR/\(name).crt", "--key", "DIR/\(name).key"])
    }
  }

  /// A file, and what the clients get with it.
  struct Step: Sendable {
    var file: String
    /// One for each client; nil: the program does not start.
    var ours: [String]?
    var theirs: [String]?
    /// Of all but the first step.
    var isTaken = true
  }

  struct Case: Sendable, CustomTestStringConvertible {
    /// The first cell of the row.
    var key: String
    var clients: [Client]
    var steps: [Step]

    var testDescription: String { "\(key): \(steps.map(\.file).joined(separator: " -> "))" }

    init(_ key: String, _ clients: [Client], _ steps: Step...) {
      self.key = key
      self.clients = clients
      self.steps = steps
    }
  }

  private static let none = "000"
  private static let users = "basic_auth_users: { prometheus: \(BasicAuthTests.hash) }\n"

  private static func tls(_ more: String = "") -> String {
    "tls_server_config: { cert_file: DIR/server.crt, key_file: DIR/server.key, \(more) }\n"
  }

  private static func mutual(_ more: String = "", type: String = "RequireAndVerifyClientCert") -> String {
    tls("client_ca_file: DIR/authority.crt, client_auth_type: \(type), \(more)")
  }

  private static let gcm = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"

  static let cases = [
    Case("an empty file", [.plain], Step(file: "", ours: ["200"], theirs: ["200"])),
    Case(
      "an empty file",
      [.plain, .password],
      Step(file: users, ours: ["401", "200"], theirs: ["401", "200"]),
      Step(file: "", ours: ["401", "200"], theirs: ["200", "200"], isTaken: false)
    ),
    Case(
      "an empty file",
      [.plain, .tls, .named],
      Step(file: mutual(), ours: ["400", none, "200"], theirs: ["400", none, "200"]),
      Step(file: "", ours: ["400", none, "200"], theirs: ["400", none, none], isTaken: false)
    ),
    Case(
      "`tls_server_config`",
      [.plain, .tls],
      Step(file: "", ours: ["200", none], theirs: ["200", none]),
      Step(file: tls(), ours: ["400", "200"], theirs: ["200", none]),
      Step(file: users, ours: ["400", "200"], theirs: ["401", none], isTaken: false)
    ),
    Case(
      "`cert_file`, `key_file`",
      [.tls],
      Step(file: tls(), ours: ["200"], theirs: ["200"]),
      Step(file: tls().replacing("DIR/server", with: "DIR/stranger"), ours: [none], theirs: [none])
    ),
    Case(
      "`cert_file`, `key_file`",
      [.tls],
      Step(file: tls(), ours: ["200"], theirs: ["200"]),
      Step(file: tls().replacing("server.key", with: "other.key"), ours: ["200"], theirs: [none], isTaken: false)
    ),
    Case(
      "`cert`, `key`",
      [.tls],
      Step(
        file: "tls_server_config: { cert: \"PEM server.crt\", key: \"PEM server.key\" }\n",
        ours: ["200"],
        theirs: nil
      ),
      Step(file: tls(), ours: ["200"], theirs: nil)
    ),
    Case("`client_ca_file`", [.tls], Step(file: tls("client_ca_file: DIR/authority.crt"), ours: nil, theirs: nil)),
    Case(
      "`client_ca_file`",
      [.tls],
      Step(file: tls("client_auth_type: RequireAndVerifyClientCert"), ours: nil, theirs: [none])
    ),
    Case(
      "`client_ca_file`",
      [.named, .stranger],
      Step(file: mutual(), ours: ["200", none], theirs: ["200", none]),
      Step(file: mutual().replacing("authority", with: "stranger"), ours: [none, "200"], theirs: [none, "200"])
    ),
    Case(
      "`client_auth_type`",
      [.tls],
      Step(file: mutual(type: "RequestClientCert"), ours: nil, theirs: ["200"])
    ),
    Case(
      "`client_auth_type`",
      [.tls],
      Step(file: mutual(type: "RequireAnyClientCert"), ours: nil, theirs: [none])
    ),
    Case(
      "`client_auth_type`",
      [.tls, .named, .stranger],
      Step(file: tls(), ours: ["200", "200", "200"], theirs: ["200", "200", "200"]),
      Step(file: mutual(type: "VerifyClientCertIfGiven"), ours: ["200", "200", none], theirs: ["200", "200", none]),
      Step(file: mutual(), ours: [none, "200", none], theirs: [none, "200", none]),
      Step(
        file: mutual(type: "VerifyClientCertIfGiven"),
        ours: [none, "200", none],
        theirs: ["200", "200", none],
        isTaken: false
      ),
      Step(file: tls(), ours: [none, "200", none], theirs: ["200", "200", "200"], isTaken: false)
    ),
    Case(
      "`client_allowed_sans`",
      [.named, .other],
      Step(file: mutual("client_allowed_sans: [prometheus.example.org]"), ours: ["200", none], theirs: nil),
      Step(file: mutual("client_allowed_sans: [a, other.example.org]"), ours: [none, "200"], theirs: nil),
      Step(file: mutual(), ours: [none, "200"], theirs: nil, isTaken: false)
    ),
    Case("`client_allowed_sans`", [], Step(file: mutual("client_allowed_sans: []"), ours: nil, theirs: nil)),
    Case(
      "`client_allowed_sans`",
      [],
      Step(file: mutual("client_allowed_sans: [a]", type: "VerifyClientCertIfGiven"), ours: nil, theirs: nil)
    ),
    Case("`min_version`", [.tls12], Step(file: tls("min_version: TLS10"), ours: nil, theirs: ["200"])),
    Case(
      "`min_version`",
      [.tls12, .tls13],
      Step(file: tls(), ours: ["200", "200"], theirs: ["200", "200"]),
      Step(file: tls("min_version: TLS13"), ours: [none, "200"], theirs: [none, "200"]),
      Step(file: tls("min_version: TLS12"), ours: [none, "200"], theirs: ["200", "200"], isTaken: false)
    ),
    Case(
      "`max_version`",
      [.tls12, .tls13],
      Step(file: tls("max_version: TLS12"), ours: ["200", none], theirs: ["200", none]),
      Step(file: tls("max_version: TLS13"), ours: ["200", "200"], theirs: ["200", "200"])
    ),
    Case(
      "`cipher_suites`",
      [.cbc, .tls12],
      Step(file: tls(), ours: [none, "200"], theirs: ["200", "200"]),
      Step(
        file: tls("cipher_suites: [\(gcm), TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]"),
        ours: ["200", "200"],
        theirs: ["200", "200"]
      ),
      Step(file: tls("cipher_suites: [\(gcm)]"), ours: [none, "200"], theirs: [none, "200"])
    ),
    Case(
      "`cipher_suites`",
      [],
      Step(file: tls("cipher_suites: [\(gcm), TLS_RSA_WITH_AES_128_GCM_SHA256]"), ours: nil, theirs: [])
    ),
    Case(
      "`curve_preferences`",
      [.x25519],
      Step(file: tls("curve_preferences: [CurveP256]"), ours: [none], theirs: [none]),
      Step(file: tls("curve_preferences: [CurveP256, X25519]"), ours: ["200"], theirs: ["200"])
    ),
    Case(
      "`prefer_server_cipher_suites`",
      [.tls],
      Step(file: tls("prefer_server_cipher_suites: false"), ours: ["200"], theirs: ["200"]),
      Step(file: tls("prefer_server_cipher_suites: true"), ours: ["200"], theirs: ["200"])
    ),
    Case(
      "`http2`",
      [.version],
      Step(file: tls() + "http_server_config: { http2: false }\n", ours: ["1.1"], theirs: ["1.1"]),
      Step(file: tls() + "http_server_config: { http2: true }\n", ours: ["2"], theirs: ["1.1"])
    ),
    Case(
      "`headers`",
      [.framing],
      Step(file: "http_server_config: { headers: { X-Frame-Options: deny } }\n", ours: ["deny"], theirs: ["deny"]),
      Step(
        file: "http_server_config: { headers: { X-Frame-Options: sameorigin } }\n",
        ours: ["sameorigin"],
        theirs: ["sameorigin"]
      )
    ),
    Case(
      "`basic_auth_users`",
      [.plain, .password, .long],
      Step(file: users, ours: ["401", "200", "401"], theirs: ["401", "200", "401"]),
      Step(
        file: "basic_auth_users: { long: \(BasicAuthTests.longHash) }\n",
        ours: ["401", "401", "200"],
        theirs: ["401", "401", "200"]
      ),
      Step(file: "basic_auth_users: {}\n", ours: ["401", "401", "200"], theirs: ["200", "200", "200"], isTaken: false)
    ),
    Case(
      "`rate_limit`",
      [.plain, .plain],
      Step(file: "rate_limit: { interval: 1h, burst: 1 }\n", ours: ["200", "429"], theirs: nil),
      Step(file: "rate_limit: { interval: 1ms, burst: 100 }\n", ours: ["200", "200"], theirs: nil),
      Step(file: "rate_limit: { interval: 0s }\n", ours: ["200", "200"], theirs: nil, isTaken: false)
    ),
    Case("an unknown key", [], Step(file: "basic_auth_user: {}\n", ours: nil, theirs: nil)),
    Case(
      "an unknown key",
      [.plain],
      Step(file: users, ours: ["401"], theirs: ["401"]),
      Step(file: "basic_auth_user: {}\n", ours: ["401"], theirs: ["500"], isTaken: false)
    ),
  ]

  @Test func theTableHasARowForEachCaseAndACaseForEachRow() throws {
    let text = try String(contentsOf: Exporter.package.appending(path: "docs/security.md"), encoding: .utf8)
    let section = try #require(text.components(separatedBy: "### Key by key, beside node_exporter\n").last)
    let lines = section.components(separatedBy: "\n### ")[0].split(separator: "\n").filter { $0.hasPrefix("| ") }
    let keys = lines.dropFirst(2).map { $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces) }
    #expect(Set(keys) == Set(Self.cases.map(\.key)) && Set(keys).count == keys.count)
  }

  @Test(arguments: cases) func ours(_ table: Case) async throws {
    let folder = try TemporaryFolder()
    let first = try await Self.shared.filled(table.steps[0].file)
    if table.steps[0].ours == nil {
      let web = try folder.write(first, to: "web.yml")
      let catalog = try folder.write("version: 1\n", to: "metrics.yaml")
      let serve = try await Exporter.run("serve", catalog, "--web.config.file", web)
      #expect(serve.exit.status == 1 && serve.errors.contains("error: "), "\(serve.errors)")
      return
    }
    let server = try await SecureServer(in: folder, web: first)
    var said = (reloaded: 0, refused: 0)
    for (number, step) in table.steps.enumerated() {
      if number > 0 {
        try folder.write(try await Self.shared.filled(step.file), to: "web.yml")
        if step.isTaken {
          said.reloaded += 1
          try await server.logs("web configuration reloaded", times: said.reloaded)
        } else {
          said.refused += 1
          try await server.logs("level=error msg=\"web configuration not reloaded; the old one", times: said.refused)
        }
      }
      let answers = try await Self.shared.answers(table.clients, port: server.port)
      #expect(answers == step.ours, "step \(number)")
    }
  }

  private static let nodeExporter = "/usr/bin/prometheus-node-exporter"

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: nodeExporter), "there is no prometheus-node-exporter"),
    arguments: cases
  )
  func theirs(_ table: Case) async throws {
    let folder = try TemporaryFolder()
    var running: (process: ChildProcess, port: UInt16)?
    for (number, step) in table.steps.enumerated() {
      try folder.write(try await Self.shared.filled(step.file), to: "web.yml")
      if number == 0 { running = try await start(folder.path("web.yml")) }
      guard let running else {
        #expect(step.theirs == nil, "it does not start")
        continue
      }
      let answers = try await Self.shared.answers(table.clients, port: running.port)
      #expect(answers == step.theirs, "step \(number)")
    }
  }

  /// nil: it refuses the file.
  private func start(_ file: String) async throws -> (process: ChildProcess, port: UInt16)? {
    let process = try ChildProcess([
      Self.nodeExporter, "--collector.disable-defaults", "--web.disable-exporter-metrics",
      "--web.listen-address=127.0.0.1:0", "--web.config.file=\(file)",
    ])
    let port = try await eventually("node_exporter says where it listens") { () -> UInt16? in
      let text = process.standardError
      // It also ends with a mistake that it finds only then.
      if let found = text.firstMatch(of: /Listening on" address=127\.0\.0\.1:(\d+)/), text.contains("TLS is ") {
        return UInt16(found.1)
      }
      return process.hasEnded() == nil ? nil : 0
    }
    return port == 0 ? nil : (process, port)
  }

  // MARK: Certificates

  /// Made once for all cases, which only read them.
  private final class Shared: Sendable {
    private let made = Task {
      let folder = try TemporaryFolder()
      let certificates = try await Certificates(in: folder)
      try await certificates.signed("named", names: "DNS:prometheus.example.org")
      try await certificates.signed("other", names: "DNS:other.example.org")
      try await certificates.selfSigned("stranger")
      return Folder(value: folder)
    }

    /// Nobody writes in it any more.
    private struct Folder: @unchecked Sendable {
      let value: TemporaryFolder
    }

    /// The file with the folder's name, and PEM in place of `PEM name`.
    func filled(_ text: String) async throws -> String {
      let folder = try await made.value.value
      var text = text.replacing("DIR/", with: folder.path() + "/")
      for found in text.matches(of: /PEM ([a-z.]+)/).reversed() {
        let pem = try String(contentsOfFile: folder.path(String(found.1)), encoding: .utf8)
        text.replaceSubrange(found.range, with: pem.replacing("\n", with: "\\n"))
      }
      return text
    }

    func answers(_ clients: [Client], port: UInt16) async throws -> [String] {
      let folder = try await made.value.value
      var answers: [String] = []
      for client in clients {
        let process = try ChildProcess(
          [
            "curl", "--silent", "--max-time", "60", "--noproxy", "*", "--ipv4", "--output", "/dev/null",
            "--write-out", client.shows, "--cacert", folder.path("authority.crt"),
          ] + client.options.map { $0.replacing("DIR", with: folder.path()) }
            + ["\(client.scheme)://localhost:\(port)/metrics"]
        )
        try await process.waitForExit()
        answers.append(process.standardOutput)
      }
      return answers
    }
  }

  private static let shared = Shared()
}
