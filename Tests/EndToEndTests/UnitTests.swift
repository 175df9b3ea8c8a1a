import Foundation
import Testing

/// The systemd units in `deploy/`: systemd knows what they say, they leave little open, and the exporter lives with them.
@Suite struct UnitTests {
  private static func has(_ programs: String...) -> Bool {
    programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0) }
  }

  private static let units = ["training-exporter.service", "training-exporter.socket"]
  /// Of `systemd-analyze security`, times ten.
  private static let exposureMax = 20

  private static func unit(_ name: String) throws -> String {
    try String(contentsOf: Exporter.package.appending(path: "deploy/systemd/\(name)"), encoding: .utf8)
  }

  @Test(.enabled(if: has("systemd-analyze"), "there is no systemd here"))
  func theUnitsAreGoodAndLeaveLittleOpen() async throws {
    let folder = try TemporaryFolder()
    let files = try Self.units.map { name in
      let text = try Self.unit(name).replacing("/usr/local/bin/training-exporter", with: Exporter.binary)
      return try folder.write(text, to: name)
    }
    let check = try ChildProcess(["systemd-analyze", "verify", "--man=no"] + files)
    #expect(try await check.waitForExit().status == 0)
    // What it says of other units of this machine is no matter.
    #expect(!check.standardError.contains("training-exporter"), "\(check.standardError)")
    let security = try ChildProcess(
      ["systemd-analyze", "security", "--offline=true", "--threshold=\(Self.exposureMax)", files[0]]
    )
    #expect(try await security.waitForExit().status == 0, "\(security.standardOutput.suffix(80))")
  }

  /// Listens where systemd would, and prints the first line of what it hears.
  private static let manager = """
    import os, signal, socket, subprocess, sys
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(sys.argv[1])
    child = subprocess.Popen(sys.argv[2:], env=dict(os.environ, NOTIFY_SOCKET=sys.argv[1]))
    def hear(): print(heard.recv(200).decode().splitlines()[0])
    hear()
    child.send_signal(signal.SIGHUP)
    hear(), hear()
    child.send_signal(signal.SIGTERM)
    hear()
    print(child.wait())
    """

  @Test func systemdHearsHowFarItIs() async throws {
    let folder = try TemporaryFolder()
    let catalog = try StateTests.makeCatalog(in: folder)
    let process = try ChildProcess(
      ["python3", "-c", Self.manager, folder.path("notify"), Exporter.binary, "serve", catalog]
        + ["--web.listen-address", "127.0.0.1:0"]
    )
    #expect(try await process.waitForExit().status == 0)
    #expect(process.standardOutput == "READY=1\nRELOADING=1\nREADY=1\nSTOPPING=1\n0\n")
  }

  @Test(.enabled(if: has("systemd-analyze", "strace"), "there is no systemd or no strace here"))
  func theExporterMakesNoCallThatItsUnitRefuses() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(
      """
      version: 1
      metrics:
        rows_total: { type: counter, help: Rows. }
        used_bytes: { type: gauge, help: Memory. }
        group_bytes: { type: gauge, help: Memory of the group. }
        trainers: { type: gauge, help: Processes. }
      watchers:
        w: { files: "*.csv", format: csv, each_record: rows_total }
      collectors:
        system: { interval: 100ms, readings: { memory.used_bytes: used_bytes } }
        cgroup: { interval: 100ms, readings: { memory.current_bytes: group_bytes } }
        process: { interval: 100ms, match: [sh], readings: { processes: trainers } }
      """,
      to: "metrics.yaml"
    )
    try folder.write("step\n1\n", to: "a.csv")
    let (trace, port) = (folder.path("trace"), try HTTP.freePort())
    // strace itself takes no signals.
    let command = #"echo $$ > "$0"; exec "$@""#
    let process = try ChildProcess(
      ["strace", "-f", "-c", "-o", trace, "sh", "-c", command, folder.path("id"), Exporter.binary, "serve", catalog]
        + ["--web.listen-address", "127.0.0.1:\(port)", "--exit-with-process", "nothing like it"]
    )
    _ = try await eventually("it is ready") { try HTTP.get("/-/ready", port: port).status == 200 ? true : nil }
    try folder.append("2\n", to: "a.csv")
    try await eventually("the row counts") {
      try Exposition(HTTP.get("/metrics", port: port).body).values["rows_total"] == 2 ? true : nil
    }
    let written = try String(contentsOf: folder.url("id"), encoding: .utf8)
    let id = try #require(pid_t(written.trimmingCharacters(in: .whitespacesAndNewlines)))
    kill(id, SIGHUP)
    try await eventually("it has reloaded") { process.standardError.contains("catalog reloaded") ? true : nil }
    kill(id, SIGTERM)
    #expect(try await process.waitForExit().status == 0)
    // A line for each call: shares, counts, and its name last.
    let made = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
      .filter { $0.first == " " && $0.contains(/\d/) }.compactMap { $0.split(separator: " ").last.map(String.init) }
    #expect(made.count > 40 && made.contains("openat"), "\(made)")
    #expect(Set(made).subtracting(try await Self.allowedCalls()).subtracting(["total"]).sorted() == [])
  }

  /// What the service's filter lets through.
  private static func allowedCalls() async throws -> Set<String> {
    let list = try ChildProcess(["systemd-analyze", "syscall-filter", "--no-pager"])
    #expect(try await list.waitForExit().status == 0)
    var sets: [String: [String]] = [:]
    var name = ""
    for line in list.standardOutput.split(separator: "\n") {
      let word = line.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("@") { name = word } else if !word.hasPrefix("#") { sets[name, default: []].append(word) }
    }
    func calls(_ name: String) -> Set<String> {
      name.hasPrefix("@") ? Set(sets[name, default: []].flatMap(calls)) : [name]
    }
    // It is in every list of what is allowed.
    var allowed = calls("@default")
    for line in try unit("training-exporter.service").split(separator: "\n") {
      guard let filter = line.firstMatch(of: /^SystemCallFilter=(~?)(.*)$/) else { continue }
      for name in filter.2.split(separator: " ").map(String.init) {
        if filter.1.isEmpty { allowed.formUnion(calls(name)) } else { allowed.subtract(calls(name)) }
      }
    }
    return allowed
  }
}
