import Foundation
import Testing

/// Passwords, headers, the rate limit, and web configurations that are no good, against the real binary.
struct BasicAuthTests {
  /// Of `secret`.
  static let hash = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"
  /// Of 72 times `x`.
  static let longHash = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"

  @Test func everyPathWantsThePassword() async throws {
    let folder = try TemporaryFolder()
    let web = """
      basic_auth_users: { prometheus: \(Self.hash), long: \(Self.longHash) }
      http_server_config: { headers: { X-Frame-Options: deny, Content-Security-Policy: default-src 'self' } }
      """
    let server = try await SecureServer(in: folder, web: web)
    #expect(server.scheme == "http")
    for path in ["/", "/metrics", "/-/catalog", "/-/healthy", "/-/ready", "/-/reload", "/none"] {
      let reply = try await server.curl(path: path)
      #expect(reply.status == 401, "\(path): \(reply)")
      #expect(reply.text.contains("WWW-Authenticate: Basic "))
      #expect(reply.text.contains("X-Frame-Options: deny"))
    }
    let good = try await server.curl("--user", "prometheus:secret")
    #expect(good.status == 200 && good.text.contains("training_loss{run=\"first\"} 0.25"), "\(good)")
    #expect(try await server.curl("--user", "prometheus:secret", path: "/none").status == 404)
    let landing = try await server.curl("--user", "prometheus:secret", path: "/")
    #expect(landing.text.components(separatedBy: "Content-Security-Policy:").count == 2)
    #expect(landing.text.contains("Content-Security-Policy: default-src 'self'"))

    let exes = String(repeating: "x", count: 72)
    #expect(try await server.curl("--user", "long:\(exes)").status == 200)
    for wrong in [
      "prometheus:", "prometheus:secretx", "prometheus:Secret", "nobody:secret", ":secret", "long:secret",
      "prometheus:\(Self.hash)secret", "long:\(exes)x", "prometheus\(Self.hash):secret",
    ] {
      #expect(try await server.curl("--user", wrong).status == 401, "\(wrong)")
    }
    for header in ["Basic", "Basic !!!", "Basic c2VjcmV0", "Bearer cHJvbWV0aGV1czpzZWNyZXQ="] {
      #expect(try await server.curl("--header", "Authorization: \(header)").status == 401, "\(header)")
    }
    let twice = try await server.curl(
      "--header",
      "Authorization: Basic cHJvbWV0aGV1czpzZWNyZXQ=",
      "--header",
      "Authorization: Basic eDp5"
    )
    #expect(twice.status == 401)
  }

  @Test func aThousandWrongPasswordsLeaveTheGoodScrapeAlone() async throws {
    let folder = try TemporaryFolder()
    let server = try await SecureServer(in: folder, web: "basic_auth_users: { prometheus: \(Self.hash) }")
    #expect(try await server.curl("--user", "prometheus:secret").status == 200)
    // curl asks for each of the thousand in turn, eight at a time; the scrape comes in between.
    let guesses = try ChildProcess([
      "curl", "--silent", "--noproxy", "*", "--user", "prometheus:wrong", "--parallel", "--parallel-max", "8",
      "--output", "/dev/null", "--write-out", "%{http_code}\n", "http://127.0.0.1:\(server.port)/metrics?[1-1000]",
    ])
    var scrapes = 0
    while guesses.hasEnded() == nil || scrapes < 3 {
      #expect(try await server.curl("--user", "prometheus:secret").status == 200)
      scrapes += 1
    }
    let answers = guesses.standardOutput.split(separator: "\n").map(String.init)
    #expect(answers.count == 1_000)
    #expect(Set(answers).isSubset(of: ["401", "429"]), "\(Set(answers))")
  }

  @Test func aChangedPasswordHoldsAtOnce() async throws {
    let folder = try TemporaryFolder()
    let server = try await SecureServer(in: folder, web: "basic_auth_users: { prometheus: \(Self.hash) }")
    #expect(try await server.curl("--user", "prometheus:secret").status == 200)
    try folder.write("basic_auth_users: { prometheus: \(Self.longHash) }", to: "web.yml")
    try await server.logs("web configuration reloaded")
    #expect(try await server.curl("--user", "prometheus:secret").status == 401)
    try FileManager.default.removeItem(atPath: folder.path("web.yml"))
    try await server.logs("web configuration not reloaded; the old one stays in use")
    #expect(try await server.curl().status == 401)
  }

  /// Why a catalog is refused is for those who have shown a password.
  @Test func whoHasAPasswordIsToldWhyACatalogIsRefused() async throws {
    let folder = try TemporaryFolder()
    let web = "basic_auth_users: { prometheus: \(Self.hash) }"
    let server = try await SecureServer(in: folder, web: web, more: ["--web.enable-lifecycle"])
    try folder.write("version: 1\nmetrics: { secret_project: { type: gouge } }\n", to: "metrics.yaml")
    let nobody = try await server.curl("--request", "POST", path: "/-/reload")
    #expect(nobody.status == 401 && !nobody.text.contains("secret_project"), "\(nobody)")
    let known = try await server.curl("--request", "POST", "--user", "prometheus:secret", path: "/-/reload")
    #expect(known.status == 500 && known.text.contains("secret_project"), "\(known)")
  }

  @Test func theRateLimitComesBeforeThePassword() async throws {
    let folder = try TemporaryFolder()
    let web = "basic_auth_users: { prometheus: \(Self.hash) }\nrate_limit: { interval: 1h, burst: 3 }\n"
    let server = try await SecureServer(in: folder, web: web)
    var answers: [Int] = []
    for _ in 0..<3 { answers.append(try await server.curl().status) }
    let over = try await server.curl("--user", "prometheus:secret")
    #expect(answers == [401, 401, 401])
    #expect(over.status == 429 && over.text.contains("Retry-After: 1"), "\(over)")
  }

  @Test func whatIsNoGoodIsRefusedAtTheStartAndByValidate() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    try folder.write("version: 1\n", to: "metrics.yaml")
    let catalog = folder.path("metrics.yaml")
    let web = folder.path("web.yml")
    for (text, message) in [
      ("basic_auth_user: {}", "web.yml:1:1: error: `the web configuration` has no key `basic_auth_user`"),
      ("basic_auth_users: { u: \(Self.hash.replacing("$05$", with: "$31$")) }", "has cost 31"),
      ("tls_server_config: { cert_file: server.key, key_file: server.key }", "is no certificate in PEM"),
      ("tls_server_config: { cert_file: server.crt, key_file: authority.key }", "do not go together"),
      ("tls_server_config: { cert_file: server.crt, key_file: server.crt }", "is no private key in PEM"),
    ] {
      try folder.write(text, to: "web.yml")
      let serve = try await Exporter.run(
        "serve",
        "--config.file",
        catalog,
        "--web.listen-address",
        "127.0.0.1:0",
        "--web.config.file",
        web
      )
      #expect(serve.exit.status == 1 && serve.errors.contains(message), "\(serve.errors)")
      let validate = try await Exporter.run("validate", catalog, "--web.config.file", web)
      #expect(validate.exit.status == 1 && validate.errors.contains(message), "\(validate.errors)")
    }
  }

  @Test func theExampleIsGoodForUsAndForPrometheus() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let example = try Data(contentsOf: Exporter.package.appending(path: "examples/web/web-config.yml"))
    let file = try folder.write(example, to: "web-config.yml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let result = try await Exporter.run(
      "validate",
      Exporter.package.appending(path: "metrics.yaml").path,
      "--web.config.file",
      file
    )
    #expect(result.exit.status == 0 && result.errors == "", "\(result.errors)")
    let promtool = try ChildProcess(["promtool", "check", "web-config", file])
    #expect(try await promtool.waitForExit().status == 0, "\(promtool.standardError)")
  }
}
