import Foundation
import Testing

/// A catalog is compared with the one that a running exporter serves.
struct ReferenceTests {
  private static let changed = """
    version: 1
    labels: { run: { max_values: 5 } }
    metrics: { loss_of_training: { type: gauge, help: Training loss, labels: [run] } }
    watchers:
      trainer: { files: "runs/{run}/m.csv", format: csv, fields: { loss: loss_of_training } }
    """
  private static let renamed = "metric `training_loss` is now called `loss_of_training` [diff/metric-renamed]"

  /// `diff` of the exporter's catalog and a file, which is the exporter's own where no other is given.
  private func diff(
    _ url: String,
    _ file: String,
    _ options: String...
  ) async throws -> (status: Int32, output: String, errors: String) {
    let process = try ChildProcess([Exporter.binary, "diff", url, file] + options)
    let exit = try await process.waitForExit()
    return (exit.status, process.standardOutput, process.standardError)
  }

  @Test func aRunningExporterIsAskedForItsCatalog() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write("version: 1\nmetrics: { loss: { type: gauge, help: Loss } }\n", to: "metrics.yaml")
    let server = try await Exporter.Server(catalog: catalog, more: ["--web.enable-lifecycle", "--state.disable"])
    let url = "http://127.0.0.1:\(server.port)"
    let served = try HTTP.get("/-/catalog", port: server.port)
    #expect(served.status == 200 && served.headers["content-type"] == "application/yaml; charset=utf-8")
    #expect(served.body == (try String(contentsOfFile: catalog, encoding: .utf8)))
    #expect(try HTTP.get("/", port: server.port).body.contains("href=\"./-/catalog\""))

    let same = try await diff(url, catalog)
    #expect(same.status == 0 && same.output == "\(catalog): no change against \(url)/-/catalog\n", "\(same)")
    // What is not in use yet is not shown, and what is refused never is.
    try folder.write("version: 1\n# Another.\nmetrics: { other: { type: gauge, help: Other } }\n", to: "metrics.yaml")
    #expect(try HTTP.get("/-/catalog", port: server.port).body == served.body)
    let other = try await diff(url, catalog)
    #expect(other.status == 1 && other.errors.contains("metric `loss` is no longer declared"), "\(other)")
    #expect(try HTTP.request("POST", "/-/reload", port: server.port).status == 200)
    #expect(try HTTP.get("/-/catalog", port: server.port).body.contains("# Another."))
    #expect(try await diff(url, catalog).status == 0)
    try folder.write("version: 1\nmetrics: [\n", to: "metrics.yaml")
    _ = try HTTP.request("POST", "/-/reload", port: server.port)
    #expect(try HTTP.get("/-/catalog", port: server.port).body.contains("# Another."))
  }

  @Test func passwordAndAuthorityAreGiven() async throws {
    let folder = try TemporaryFolder()
    _ = try await Certificates(in: folder)
    let web = """
      tls_server_config: { cert_file: server.crt, key_file: server.key }
      basic_auth_users: { prometheus: \(BasicAuthTests.hash) }
      """
    let server = try await SecureServer(in: folder, web: web)
    let url = "https://127.0.0.1:\(server.port)"
    let file = try folder.write(Self.changed, to: "changed.yaml")
    let password = try folder.write("secret\n", to: "password")
    let wrong = try folder.write("secrets\n", to: "wrong")
    let authority = folder.path("authority.crt")

    let good = try await diff(
      url,
      file,
      "--against.user",
      "prometheus",
      "--against.password-file",
      password,
      "--against.ca-file",
      authority
    )
    #expect(good.status == 1 && good.errors.contains(Self.renamed), "\(good)")
    let nobody = try await diff(url, file, "--against.ca-file", authority)
    #expect(nobody.status == 1 && nobody.errors.contains("answers with status 401 [reference/refused]"), "\(nobody)")
    let mistaken = try await diff(
      url,
      file,
      "--against.user",
      "prometheus",
      "--against.password-file",
      wrong,
      "--against.ca-file",
      authority
    )
    #expect(mistaken.status == 1 && mistaken.errors.contains("status 401"), "\(mistaken)")
    let stranger = try await diff(url, file)
    #expect(stranger.status == 1 && stranger.errors.contains("--against.ca-file"), "\(stranger)")
    #expect(stranger.errors.contains("[reference/unreachable]"), "\(stranger)")
    let plain = try await diff("http://127.0.0.1:\(server.port)", file)
    #expect(plain.status == 1 && plain.errors.contains("[reference/refused]"), "\(plain)")
  }
}
