import Foundation
import Glibc
import Testing

/// TLS as clients meet it: curl, openssl and Prometheus against the real binary.
struct TLSTests {
  private static let tls = "tls_server_config: { cert_file: server.crt, key_file: server.key }\n"
  private static let mutual = """
    tls_server_config:
      cert_file: server.crt
      key_file: server.key
      client_ca_file: authority.crt
      client_auth_type: RequireAndVerifyClientCert
      client_allowed_sans: [prometheus.example.org, 192.0.2.7]

    """

  @Test func servesOverTLSAlone() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.tls)
    #expect(server.scheme == "https")
    let good = try await server.curl()
    #expect(good.status == 200, "\(good)")
    #expect(good.text.contains("training_loss{run=\"first\"} 0.25"))
    #expect(try await server.curl("--tlsv1.3").status == 200)
    #expect(try await server.curl("--tls-max", "1.2").status == 200)

    let plain = try await server.curl(scheme: "http")
    #expect(plain.status == 400 && plain.text.contains("this port speaks HTTPS"), "\(plain)")

    for version in ["-tls1", "-tls1_1"] {
      let old = try ChildProcess([
        "openssl", "s_client", version, "-cipher", "DEFAULT@SECLEVEL=0", "-connect", "127.0.0.1:\(server.port)",
      ])
      #expect(try await old.waitForExit().status != 0)
      #expect(old.standardError.contains("alert protocol version"), "\(version): \(old.standardError)")
    }
    #expect(try await server.curl().status == 200)
  }

  @Test func clientsNeedAGoodCertificateWithAnAllowedName() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    try await certificates.signed("named", names: "DNS:prometheus.example.org")
    try await certificates.signed("numbered", names: "DNS:other.example.org,IP:192.0.2.7")
    try await certificates.signed("other", names: "DNS:other.example.org")
    try await certificates.signed("expired", names: "DNS:prometheus.example.org", days: -1)
    try await certificates.signed("serving", names: "DNS:prometheus.example.org", use: "serverAuth")
    try await certificates.selfSigned("stranger")
    let server = try await SecureServer(in: folder, web: Self.mutual)
    for name in ["named", "numbered"] {
      let reply = try await server.curl("--cert", folder.path("\(name).crt"), "--key", folder.path("\(name).key"))
      #expect(reply.status == 200, "\(name): \(reply)")
    }
    for version in ["1.2", "1.3"] {
      #expect(try await server.curl("--tls-max", version).status == 0)
      for name in ["other", "expired", "serving", "stranger"] {
        let reply = try await server.curl(
          "--tls-max",
          version,
          "--cert",
          folder.path("\(name).crt"),
          "--key",
          folder.path("\(name).key")
        )
        #expect(reply.exit != 0 && reply.status == 0, "\(name): \(reply)")
      }
    }
    // Why is said in words, without codes and the paths that the library was built at.
    for reason in [
      "the client showed no certificate", "the client's certificate has none of the names in client_allowed_sans",
      "the client's certificate ended on ", "no authority in client_ca_file vouches for the client's certificate",
    ] {
      try await server.logs(reason)
    }
    #expect(!server.process.standardError.contains("error:") && !server.process.standardError.contains("/ssl/"))
  }

  /// Those that node_exporter takes, too.
  @Test func clientsMayHaveEveryUsualKindOfKey() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.mutual)
    for kind in Certificates.keyKinds.keys {
      try await certificates.signed(kind, names: "DNS:prometheus.example.org", kind: kind)
      for version in ["1.2", "1.3"] {
        let certificate = ["--cert", folder.path("\(kind).crt"), "--key", folder.path("\(kind).key")]
        let reply = try await server.curl(["--tlsv\(version)", "--tls-max", version] + certificate)
        #expect(reply.status == 200, "\(kind) over TLS \(version): \(reply)")
      }
    }
  }

  /// Who resumes a session shows no certificate: its end is looked at nevertheless. A connection ends with it.
  @Test func aCertificateThatHasEndedIsRefusedInAResumedSessionToo() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.mutual)
    let request = try folder.write("GET /metrics HTTP/1.0\r\n\r\n", to: "request")
    let keepAlive = try folder.write("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", to: "keep-alive")
    func start(_ name: String, _ version: String, _ session: [String], _ request: String) throws -> ChildProcess {
      try ChildProcess(
        [
          "openssl", "s_client", "-\(version)", "-ign_eof", "-connect", "127.0.0.1:\(server.port)",
          "-CAfile", folder.path("authority.crt"), "-cert", folder.path("\(name).crt"),
          "-key", folder.path("\(name).key"),
        ] + session,
        input: request
      )
    }
    func ask(_ version: String, _ session: String...) async throws -> String {
      let process = try start("brief", version, session, request)
      try await process.waitForExit()
      return process.standardOutput
    }
    // On a machine that is busy the certificate may have ended before both versions had their session.
    var end = Date.now
    for seconds in [8.0, 40] {
      end = Date.now + seconds
      try await certificates.signed("brief", names: "DNS:prometheus.example.org", end: end)
      for version in ["tls1_2", "tls1_3"] {
        _ = try await ask(version, "-sess_out", folder.path(version))
        let resumed = try await ask(version, "-sess_in", folder.path(version))
        if Date.now < end { #expect(resumed.contains("\nReused, ") && resumed.contains(" 200 OK"), "\(resumed)") }
      }
      if Date.now < end { break }
    }
    // Both have no further request, but only one of them ends before a minute is over.
    try await certificates.signed("named", names: "DNS:prometheus.example.org")
    let open = try ["named", "brief"].map { try start($0, "tls1_3", [], keepAlive) }
    try await open[1].waitForExit()
    #expect(Date.now > end && open[0].hasEnded() == nil)
    try await eventually("the certificate has ended") { Date.now > end + 1 ? true : nil }
    for version in ["tls1_2", "tls1_3"] {
      let resumed = try await ask(version, "-sess_in", folder.path(version))
      #expect(resumed.contains("\nReused, ") && !resumed.contains("200 OK"), "\(resumed)")
    }
    try await server.logs("the client's certificate ended on ")
  }

  /// A probe of the port, over and over, does not take the line that a client needs that is refused; all are counted.
  @Test func probesAreCountedAndNotToldOf() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    try await certificates.signed("named", names: "DNS:prometheus.example.org")
    let server = try await SecureServer(in: folder, web: Self.mutual)
    let silent = try HTTP.connection(to: server.port)
    defer { close(silent) }
    for _ in 0..<20 { close(try HTTP.connection(to: server.port)) }
    #expect(try await server.curl().status == 0)
    #expect(try await server.curl(scheme: "http").status == 400)
    let shown = try await eventually("all are counted") { () -> Exposition? in
      let reply = try await server.curl("--cert", folder.path("named.crt"), "--key", folder.path("named.key"))
      let values = Exposition(reply.text)
      return values.values["training_exporter_tls_handshakes_failed_total{reason=\"timeout\"}"] == 1 ? values : nil
    }
    for (reason, count) in [("closed", 20.0), ("no_certificate", 1), ("plain_http", 1), ("certificate", 0)] {
      #expect(shown.values["training_exporter_tls_handshakes_failed_total{reason=\"\(reason)\"}"] == count, "\(reason)")
    }
    let lines = server.process.standardError.split(separator: "\n").filter { $0.contains("client refused by TLS") }
    #expect(lines.count == 2 && lines[0].contains("reason=\"the client showed no certificate\""), "\(lines)")
  }

  @Test func aServerCertificateThatHasEndedIsAWarning() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    try await certificates.signed("server", names: "DNS:localhost", use: "serverAuth", days: -1)
    let server = try await SecureServer(in: folder, web: Self.tls)
    let warning = "web.yml:1:33: warning: the server's certificate ended on "
    #expect(server.process.standardError.contains(warning), "\(server.process.standardError)")
    let catalog = folder.path("metrics.yaml")
    let validate = try await Exporter.run("validate", catalog, "--web.config.file", folder.path("web.yml"))
    #expect(validate.exit.status == 0 && validate.errors.contains(warning), "\(validate.errors)")
  }

  @Test func aHalfWrittenCertificateChangesNothingAndAWholeOneTakesOver() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.tls)
    let first = try Data(contentsOf: folder.url("server.crt"))
    try folder.write(first.prefix(first.count / 2), to: "server.crt")
    try await server.logs("web configuration not reloaded; the old one stays in use")
    #expect(try await server.curl().status == 200)

    // A new certificate with the old one's key missing: they do not go together.
    try await certificates.signed("second", names: "DNS:localhost", use: "serverAuth")
    try folder.write(Data(contentsOf: folder.url("second.crt")), to: "server.crt")
    try await server.logs("web configuration not reloaded; the old one stays in use", times: 2)
    #expect(try await server.curl().status == 200)

    try folder.write(Data(contentsOf: folder.url("second.key")), to: "server.key")
    try await server.logs("web configuration reloaded")
    let shown = try ChildProcess(["openssl", "s_client", "-showcerts", "-connect", "127.0.0.1:\(server.port)"])
    try await shown.waitForExit()
    #expect(shown.standardOutput.contains("CN = second"), "\(shown.standardOutput)")
    #expect(try await server.curl().status == 200)

    try folder.write("tls_server_config: [", to: "web.yml")
    try await server.logs("web configuration not reloaded; the old one stays in use", times: 3)
    #expect(try await server.curl().status == 200)
    #expect(try await server.curl(scheme: "http").status == 400)
  }

  @Test func prometheusScrapesWithCertificateAndPassword() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    try await certificates.signed("named", names: "DNS:prometheus.example.org")
    let web = Self.mutual + "basic_auth_users: { prometheus: \(BasicAuthTests.hash) }\n"
    let server = try await SecureServer(in: folder, web: web)
    let prometheus = try await Prometheus(
      target: server.port,
      in: folder,
      more: """
            scheme: https
            basic_auth: { username: prometheus, password: secret }
            tls_config:
              ca_file: \(folder.path("authority.crt"))
              cert_file: \(folder.path("named.crt"))
              key_file: \(folder.path("named.key"))
        """
    )
    try await eventually("Prometheus has the loss") {
      try prometheus.query("training_loss").first?.value == 0.25 ? true : nil
    }
    #expect(try prometheus.targets().map(\.health) == ["up"])
  }
}
