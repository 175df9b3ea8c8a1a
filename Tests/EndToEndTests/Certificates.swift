import Foundation
import Testing

/// Certificates by the openssl command line, in a folder that goes away: an authority, a server, and clients of every
/// kind. The names are those of the files, each with a `.crt` and a `.key`.
struct Certificates {
  let folder: TemporaryFolder

  init(in folder: TemporaryFolder) async throws {
    self.folder = folder
    try await selfSigned("authority", "CA:TRUE")
    try await signed("server", names: "DNS:localhost,IP:127.0.0.1", use: "serverAuth")
  }

  /// Kinds of keys, as openssl makes them.
  static let keyKinds: [String: [String]] = [
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "rsa": ["RSA"], "ed25519": ["ED25519"],
  ]

  func selfSigned(_ name: String, _ constraints: String = "CA:FALSE") async throws {
    try await key(name)
    try await openssl(
      "req",
      "-x509",
      "-new",
      "-key",
      path("\(name).key"),
      "-subj",
      "/CN=\(name)",
      "-days",
      "2",
      "-addext",
      "basicConstraints=critical,\(constraints)",
      "-out",
      path("\(name).crt")
    )
  }

  /// - Parameter end: when the certificate ends, to the second, in place of some days from now.
  func signed(
    _ name: String,
    names: String,
    use: String = "clientAuth",
    days: Int = 2,
    end: Date? = nil,
    kind: String = "p256"
  ) async throws {
    try await key(name, kind)
    try await openssl("req", "-new", "-key", path("\(name).key"), "-subj", "/CN=\(name)", "-out", path("\(name).csr"))
    try folder.write("subjectAltName=\(names)\nextendedKeyUsage=\(use)\n", to: "\(name).ext")
    if let end { return try await sign(name, until: end) }
    try await openssl(
      "x509",
      "-req",
      "-in",
      path("\(name).csr"),
      "-CA",
      path("authority.crt"),
      "-CAkey",
      path("authority.key"),
      "-CAcreateserial",
      "-days",
      "\(days)",
      "-extfile",
      path("\(name).ext"),
      "-out",
      path("\(name).crt")
    )
  }

  /// `openssl x509` counts in days.
  private func sign(_ name: String, until end: Date) async throws {
    try folder.write("", to: "\(name).index")
    try folder.write(
      """
      [ca]
      default_ca = own
      [own]
      database = \(path("\(name).index"))
      new_certs_dir = \(path(""))
      default_md = sha256
      policy = any
      rand_serial = yes
      [any]
      commonName = supplied
      """,
      to: "\(name).conf"
    )
    let time = end.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted)).replacing("T", with: "")
    let files = ["-in", path("\(name).csr"), "-out", path("\(name).crt"), "-extfile", path("\(name).ext")]
    let signer = ["-config", path("\(name).conf"), "-cert", path("authority.crt"), "-keyfile", path("authority.key")]
    try await openssl(["ca", "-batch", "-notext", "-enddate", time] + signer + files)
  }

  private func key(_ name: String, _ kind: String = "p256") async throws {
    let algorithm = Self.keyKinds[kind] ?? []
    try await openssl(["genpkey", "-out", path("\(name).key"), "-algorithm"] + algorithm)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path("\(name).key"))
  }

  private func path(_ name: String) -> String { folder.path(name) }

  private func openssl(_ arguments: String...) async throws { try await openssl(arguments) }

  private func openssl(_ arguments: [String]) async throws {
    let process = try ChildProcess(["openssl"] + arguments)
    let exit = try await process.waitForExit()
    guard exit.status == 0 else { throw HTTP.Failure(description: "openssl \(arguments): \(process.standardError)") }
  }
}

/// The exporter with a web configuration.
final class SecureServer {
  let process: ChildProcess
  let scheme: String
  let port: UInt16
  private let folder: TemporaryFolder

  /// `web` is the configuration's text; it stands in the folder, as `web.yml`.
  init(in folder: TemporaryFolder, web: String, more: [String] = []) async throws {
    self.folder = folder
    try folder.write(web, to: "web.yml")
    try folder.write(
      """
      version: 1
      labels: { run: { max_values: 5 } }
      metrics: { training_loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        trainer: { files: "runs/{run}/m.csv", format: csv, fields: { loss: training_loss } }
      """,
      to: "metrics.yaml"
    )
    try folder.write("step,loss\n1,0.25\n", to: "runs/first/m.csv")
    let process = try ChildProcess(
      [
        Exporter.binary, "serve", "--config.file", folder.path("metrics.yaml"), "--web.listen-address", "127.0.0.1:0",
        "--web.config.file", folder.path("web.yml"), "--log.format", "logfmt",
      ] + more
    )
    self.process = process
    let found = try await eventually("the exporter says where it listens") {
      if let exit = process.hasEnded() {
        throw ChildProcess.TimedOut(description: "it ended with \(exit.status): \(process.standardError)")
      }
      return process.standardError.firstMatch(of: /address="?(https?):\/\/127\.0\.0\.1:(\d+)/)
    }
    scheme = String(found.1)
    port = try #require(UInt16(found.2))
  }

  struct Reply {
    /// Of curl; 0: there was an answer.
    var exit: Int32
    /// 0: there was none.
    var status: Int
    /// Head and body.
    var text: String
  }

  /// What curl gets with these options more.
  func curl(_ options: String..., path: String = "/metrics", scheme: String? = nil) async throws -> Reply {
    try await curl(options, path: path, scheme: scheme)
  }

  func curl(_ options: [String], path: String = "/metrics", scheme: String? = nil) async throws -> Reply {
    let url = "\(scheme ?? self.scheme)://localhost:\(port)\(path)"
    let process = try ChildProcess(
      [
        "curl", "--silent", "--include", "--max-time", "60", "--noproxy", "*", "--ipv4",
        "--write-out", "\nstatus %{http_code}", "--cacert", folder.path("authority.crt"),
      ] + options + [url]
    )
    let exit = try await process.waitForExit()
    let text = process.standardOutput
    let status = text.split(separator: " ").last.flatMap { Int($0) } ?? 0
    return Reply(exit: exit.status, status: status, text: text)
  }

  /// Waits until the log has said so, `count` times.
  func logs(_ message: String, times count: Int = 1) async throws {
    try await eventually("the log says \(message)") {
      self.process.standardError.components(separatedBy: message).count > count ? true : nil
    }
  }
}
