import Foundation
import Glibc
import Testing

/// HTTP/2 as clients meet it: curl and Prometheus against the real binary.
struct HTTP2Tests {
  private static let tls = "tls_server_config: { cert_file: server.crt, key_file: server.key }\n"

  @Test func itIsServedOverTLSUnlessItIsSwitchedOff() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.tls)
    #expect(try await server.curl("--http2").text.hasPrefix("HTTP/2 200"))
    #expect(try await server.curl("--http1.1").text.hasPrefix("HTTP/1.1 200"))
    #expect(try await server.curl("--http2", "--tls-max", "1.2").text.hasPrefix("HTTP/2 200"))
    #expect(try await server.curl("--no-alpn").text.hasPrefix("HTTP/1.1 200"))

    // As a whole: the exporter may look at any moment.
    let new = try folder.write(Self.tls + "http_server_config: { http2: false }", to: "web.new")
    #expect(rename(new, folder.path("web.yml")) == 0)
    try await server.logs("web configuration reloaded")
    #expect(try await server.curl("--http2").text.hasPrefix("HTTP/1.1 200"))
    let asked = try ChildProcess([
      "openssl", "s_client", "-alpn", "h2,http/1.1", "-connect", "127.0.0.1:\(server.port)",
    ])
    try await asked.waitForExit()
    #expect(asked.standardOutput.contains("ALPN protocol: http/1.1"), "\(asked.standardOutput)")
  }

  @Test func withoutTLSThereIsNone() async throws {
    let folder = try TemporaryFolder()
    let server = try await SecureServer(in: folder, web: "http_server_config: { http2: true }")
    #expect(server.scheme == "http")
    #expect(try await server.curl("--http2").text.hasPrefix("HTTP/1.1 200"))
    #expect(try await server.curl("--http2-prior-knowledge").status == 0)
    #expect(try await server.curl().status == 200)
  }

  @Test func everyAnswerIsThatOfHTTP1() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let web =
      Self.tls + """
        basic_auth_users: { prometheus: \(BasicAuthTests.hash) }
        http_server_config: { headers: { X-Frame-Options: deny } }

        """
    let server = try await SecureServer(in: folder, web: web)
    let denied = try await server.curl("--http2")
    #expect(denied.text.hasPrefix("HTTP/2 401") && denied.text.contains("www-authenticate: Basic "), "\(denied)")
    #expect(denied.text.contains("x-frame-options: deny"))
    let user = ["--user", "prometheus:secret"]
    for (options, path, status) in [
      (user, "/", 200), (user, "/-/healthy", 200), (user, "/-/ready", 200), (user, "/none", 404),
      (user + ["--head"], "/metrics", 200), (user + ["--request", "DELETE"], "/metrics", 405),
      (user + ["--request", "POST"], "/-/reload", 403), (user + ["--data", "body"], "/metrics", 405),
      (user + ["--get", "--request", "GET", "--data", "a=b"], "/metrics", 200),
      (user + ["--request", "GET", "--data", "body"], "/metrics", 413), (["--user", "prometheus:wrong"], "/", 401),
    ] {
      for version in ["--http1.1", "--http2"] {
        let reply = try await server.curl(options + [version], path: path)
        #expect(reply.status == status && reply.exit == 0, "\(version) \(options) \(path): \(reply)")
      }
    }
    for accept in ["text/plain", "application/openmetrics-text; version=1.0.0"] {
      let options = user + ["--header", "Accept: \(accept)", "--compressed", "--no-include"]
      let old = try await server.curl(options + ["--http1.1"])
      let new = try await server.curl(options + ["--http2"])
      #expect(new.text.contains("training_loss{run=\"first\"} 0.25"), "\(new)")
      #expect(Exposition.ofCatalog(old.text) == Exposition.ofCatalog(new.text))
    }
    let protobuf =
      "Accept: application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
    let binary = try await server.curl(user + ["--header", protobuf, "--http2"])
    #expect(binary.status == 200 && binary.text.contains("content-type: application/vnd.google.protobuf"))
    #expect(binary.text.contains("training_loss"))
  }

  @Test func manyScrapesShareAConnection() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.tls)
    let scrapes = try ChildProcess([
      "curl", "--silent", "--noproxy", "*", "--cacert", folder.path("authority.crt"), "--http2", "--parallel",
      "--parallel-max", "50", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code} %{num_connects}\n",
      "https://127.0.0.1:\(server.port)/metrics?[1-300]",
    ])
    #expect(try await scrapes.waitForExit().status == 0)
    let answers = scrapes.standardOutput.split(separator: "\n")
    #expect(answers.count == 300 && answers.allSatisfy { $0.hasPrefix("2 200 ") }, "\(Set(answers))")
    // curl opens some before it knows that one would do.
    #expect(answers.count { $0.hasSuffix(" 1") } < 100)
  }

  @Test func prometheusScrapesOverHTTP2() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let server = try await SecureServer(in: folder, web: Self.tls)
    let prometheus = try await Prometheus(
      target: server.port,
      in: folder,
      more: """
            scheme: https
            enable_http2: true
            tls_config: { ca_file: \(folder.path("authority.crt")) }
        """,
      debug: "http2debug=1"
    )
    try await eventually("Prometheus has scraped three times") {
      try prometheus.query("count_over_time(training_loss[1m])").first.map { $0.value >= 3 } ?? false ? true : nil
    }
    #expect(try prometheus.query("training_loss").map(\.value) == [0.25])
    #expect(try prometheus.targets().map(\.health) == ["up"])
    #expect(prometheus.log.contains("http2: Transport received DATA"), "\(prometheus.log)")
  }
}
