import Foundation
import Glibc
import Testing

/// The command line as a shell and a service manager see it.
struct CommandLineTests {
  static let smallCatalog = """
    version: 1
    metrics:
      loss: { type: gauge, help: Loss }
    watchers:
      log: { files: log.csv, format: csv, fields: { loss: loss } }
    """

  @Test(arguments: ["serve", "validate", "once", "readings", "generate"])
  func helpFitsATerminalAndHasExamples(command: String) async throws {
    let overview = try await Exporter.run("--help")
    #expect(overview.exit.status == 0)
    #expect(overview.output.contains("\n  \(command)"))
    let help = try await Exporter.run(command, "--help")
    #expect(help.exit.status == 0)
    #expect(help.output.contains("\nExamples:\n\n  training-exporter"))
    #expect(help.output.contains("--config.file <file>"))
    for line in (overview.output + help.output).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  /// Each mistake has its colors where they are asked for, and none where standard error is no terminal.
  @Test func diagnosticsHaveColorsWhereTheyAreAskedFor() async throws {
    let folder = try TemporaryFolder()
    let bad = try folder.write("version: 2\n", to: "bad.yaml")
    #expect(try await !Exporter.run("validate", bad).errors.contains("\u{1B}"))
    let colored = try await Exporter.run("validate", "--color", "always", bad)
    #expect(colored.exit.status == 1)
    #expect(colored.errors.contains("\u{1B}[1;31merror:\u{1B}[0m"))
    #expect(colored.errors.contains("\u{1B}[1;31m^\u{1B}[0m"))
  }

  @Test(arguments: ["serve", "validate", "once", "readings"])
  func twoCatalogsWhereOneIsMeantAreAMistake(command: String) async throws {
    let result = try await Exporter.run(command, "--config.file", "a.yaml", "--config.file", "b.yaml")
    #expect(result.exit.status == 64)
    #expect(result.errors.contains("--config.file is given 2 times (a.yaml, b.yaml)"))
  }

  /// A stream is over once it was read: a reload must not take a file of its name.
  @Test func aCatalogFromAStreamIsServedAndNotReloaded() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(Self.smallCatalog, to: "metrics.yaml")
    let process = try ChildProcess(
      [
        Exporter.binary, "serve", "-", "--stdin-name", catalog, "--web.listen-address", "127.0.0.1:0",
        "--state.disable",
      ],
      input: catalog
    )
    func logged(_ text: String) async throws {
      _ = try await eventually("it logs \(text)") { process.standardError.contains(text) ? true : nil }
    }
    try await logged("msg=ready")
    process.signal(SIGHUP)
    try await logged("it was read from a stream, which cannot be read again")
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(10)).status == 0)
  }

  @Test(arguments: ["nested", "huge", "bomb"])
  func aCatalogThatWouldGrowWithoutEndIsADiagnostic(kind: String) async throws {
    let folder = try TemporaryFolder()
    let catalog = folder.path("metrics.yaml")
    switch kind {
    case "nested": try folder.write("a: " + String(repeating: "[", count: 100_000), to: "metrics.yaml")
    case "huge":
      try folder.write("version: 1\n", to: "metrics.yaml")
      #expect(truncate(catalog, 100 << 20) == 0)
    case "bomb":
      let levels = (1...9).map { level in
        "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
      }
      try folder.write("a0: &a0 [x]\n" + levels.joined(), to: "metrics.yaml")
    default: break
    }
    for arguments in [["validate", catalog], ["once", "--config.file", catalog], ["--config.file", catalog]] {
      let process = try ChildProcess([Exporter.binary] + arguments)
      let exit = try await process.waitForExit(within: .seconds(60))
      #expect(exit.status == 1, "\(arguments)")
      #expect(exit.peakMemoryBytes < 200 << 20)
      #expect(process.standardError.contains("error"), "\(process.standardError)")
      #expect(process.standardError.contains("metrics.yaml"), "\(process.standardError)")
    }
  }

  @Test func aPortInUseIsOneClearLineAndStatusOne() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(Self.smallCatalog, to: "metrics.yaml")
    let first = try await Exporter.Server(catalog: catalog)
    let second = try ChildProcess([
      Exporter.binary, "--config.file", catalog, "--web.listen-address", "127.0.0.1:\(first.port)",
      "--state.path", folder.path("other"),
    ])
    let exit = try await second.waitForExit()
    #expect(exit.status == 1)
    #expect(second.standardOutput == "")
    let lines = second.standardError.split(separator: "\n")
    #expect(lines.contains { $0.contains("\(first.port)") && $0.contains("in use") }, "\(second.standardError)")
    #expect(try first.scrape().contains("training_exporter_up"))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalEndsItAtOnceWithStatusZero(signal: Int32) async throws {
    let folder = try TemporaryFolder()
    let exporter = try await Exporter.Server(catalog: folder.write(Self.smallCatalog, to: "metrics.yaml"))
    // A client that stays connected and asks nothing must not hold it up.
    let idle = try HTTP.connection(to: exporter.port)
    defer { close(idle) }
    _ = try exporter.scrape()
    exporter.process.signal(signal)
    let exit = try await exporter.process.waitForExit(within: .seconds(10))
    #expect(exit.status == 0, "\(exporter.process.standardError)")
  }

  @Test func theServerAnswersAsAnExporterDoes() async throws {
    let folder = try TemporaryFolder()
    try folder.write("loss\n0.5\n", to: "log.csv")
    let exporter = try await Exporter.Server(catalog: folder.write(Self.smallCatalog, to: "metrics.yaml"))
    let metrics = try HTTP.get("/metrics", port: exporter.port)
    #expect(metrics.status == 200)
    #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(metrics.body.hasPrefix("# HELP loss Loss\n# TYPE loss gauge\nloss 0.5\n"))
    let head = try HTTP.request("HEAD", "/metrics", port: exporter.port)
    #expect(head.status == 200)
    #expect(head.body == "")
    #expect(try HTTP.request("POST", "/metrics", port: exporter.port).status == 405)
    #expect(try HTTP.get("/nothing", port: exporter.port).status == 404)
    #expect(try HTTP.get("/-/healthy", port: exporter.port).status == 200)
    #expect(try HTTP.get("/", port: exporter.port).body.contains("/metrics"))
  }

  @Test func aServedLogIsFollowed() async throws {
    let folder = try TemporaryFolder()
    let exporter = try await Exporter.Server(catalog: folder.write(Self.smallCatalog, to: "metrics.yaml"))
    let log = folder.path("log.csv")
    let file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(file) }
    var written = "loss\n"
    for value in ["0.5", "0.25", "0.125"] {
      written = (value == "0.5" ? "loss\n" : "") + value + "\n"
      #expect(write(file, written, written.utf8.count) == written.utf8.count)
      try await eventually("the loss is \(value)") {
        try Exposition(exporter.scrape()).values["loss"] == Double(value) ? true : nil
      }
    }
  }
}
