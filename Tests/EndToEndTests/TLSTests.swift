import Foundation
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
    try await server.logs("client refused by TLS")
  }

  @Test func aCertificateIsOptionalWhereItIs() async throws {
    let folder = try TemporaryFolder()
    let certificates = try await Certificates(in: folder)
    try await certificates.signed("named", names: "DNS:prometheus.example.org")
    try await certificates.signed("other", names: "DNS:other.example.org")
    let web = Self.mutual.replacing("RequireAndVerifyClientCert", with: "VerifyClientCertIfGiven")
    let server = try await SecureServer(in: folder, web: web)
    #expect(try await server.curl().status == 200)
    for (name, status) in [("named", 200), ("other", 0)] {
      let reply = try await server.curl("--cert", folder.path("\(name).crt"), "--key", folder.path("\(name).key"))
      #expect(reply.status == status, "\(name): \(reply)")
    }
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
