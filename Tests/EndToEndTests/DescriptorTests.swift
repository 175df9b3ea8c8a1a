import Foundation
import Glibc
import Testing

/// A process that may have few descriptors, and clients and logs that want more of them.
@Suite struct DescriptorTests {
  private static let logs = 120

  /// Served logs, more than there are descriptors.
  private static func serve(in folder: TemporaryFolder, descriptors: Int) async throws -> (ChildProcess, port: UInt16) {
    for log in 0..<logs { try folder.write("loss\n0.5\n", to: "runs/\(log).csv") }
    let catalog = try folder.write(
      """
      version: 1
      labels: { run: { max_values: \(logs) } }
      metrics: { loss: { type: gauge, help: Loss, labels: [run] } }
      watchers: { logs: { files: "runs/{run}.csv", format: csv, fields: { loss: loss } } }
      """,
      to: "metrics.yaml"
    )
    let process = try ChildProcess([
      "sh", "-c", "ulimit -n \(descriptors); exec \"$@\"", "sh", Exporter.binary, "serve", "--config.file", catalog,
      "--web.listen-address", "127.0.0.1:0", "--log.format", "logfmt",
    ])
    let port: UInt16 = try await eventually("the exporter says where it listens") {
      process.standardError.firstMatch(of: /address="?http:\/\/127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
    }
    return (process, port)
  }

  /// How many logs a scrape shows at this value.
  private static func shown(_ value: String, port: UInt16) throws -> Int {
    try HTTP.get("/metrics", port: port).body.split(separator: "\n").count {
      $0.hasPrefix("loss{") && $0.hasSuffix(" \(value)")
    }
  }

  private static func open(_ process: ChildProcess) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.id)/fd").count
  }

  /// Of the processor, in clock ticks.
  private static func time(of process: ChildProcess) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
  }

  /// Idle connections take no more than their share: logs are read to their ends meanwhile, and scrapes are answered.
  @Test func clientsAndLogsLeaveEachOtherDescriptors() async throws {
    let folder = try TemporaryFolder()
    let (process, port) = try await Self.serve(in: folder, descriptors: 64)
    try await eventually("all logs have been read") { try Self.shown("0.5", port: port) == Self.logs ? true : nil }
    var idle: [Int32] = []
    defer { for descriptor in idle { close(descriptor) } }
    for _ in 0..<100 { idle.append(try HTTP.connection(to: port)) }
    for log in 0..<Self.logs { try folder.append("0.25\n", to: "runs/\(log).csv") }
    try await process.logs("clients have reached a limit")
    try await eventually("all logs have been read again") {
      try Self.shown("0.25", port: port) == Self.logs ? true : nil
    }
    #expect(!process.standardError.contains("Too many open files"), "\(process.standardError)")
    #expect(process.hasEnded() == nil)
  }

  /// Without a single descriptor left the exporter waits, and goes on once there are some.
  @Test func outOfDescriptorsItWaits() async throws {
    let folder = try TemporaryFolder()
    let (process, port) = try await Self.serve(in: folder, descriptors: 64)
    try await eventually("all logs have been read") { try Self.shown("0.5", port: port) == Self.logs ? true : nil }
    try await Self.limit(process, descriptors: 3)
    let waiting = try HTTP.connection(to: port)
    defer { close(waiting) }
    let request = Array("GET /metrics HTTP/1.0\r\n\r\n".utf8)
    #expect(send(waiting, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
    for log in 0..<Self.logs { try folder.append("0.25\n", to: "runs/\(log).csv") }
    try await process.logs("Too many open files; trying again")
    try await process.logs("no connection can be accepted")
    let before = try Self.time(of: process)
    let clock = ContinuousClock()
    let begin = clock.now
    // What is measured is how much it works in a time, whatever that is.
    try await eventually("a while has passed") { clock.now - begin > .seconds(2) ? true : nil }
    let worked = Double(try Self.time(of: process) - before) / Double(sysconf(Int32(_SC_CLK_TCK)))
    #expect(worked < 0.2, "\(worked) s of two")
    #expect(process.hasEnded() == nil)
    try await Self.limit(process, descriptors: 64)
    // The scrape that waited is answered, and no log is lost.
    var answer = [UInt8](repeating: 0, count: 15)
    #expect(recv(waiting, &answer, answer.count, Int32(MSG_WAITALL)) == answer.count)
    #expect(String(decoding: answer, as: UTF8.self) == "HTTP/1.1 200 OK")
    try await eventually("all logs have been read again") {
      try Self.shown("0.25", port: port) == Self.logs ? true : nil
    }
  }

  private static func limit(_ process: ChildProcess, descriptors: Int) async throws {
    let change = try ChildProcess(["prlimit", "--pid", "\(process.id)", "--nofile=\(descriptors):64"])
    try #require(try await change.waitForExit().status == 0, "\(change.standardError)")
  }
}

extension ChildProcess {
  /// Waits until it has said so on standard error.
  fileprivate func logs(_ message: String) async throws {
    try await eventually("the log says \(message)") { self.standardError.contains(message) ? true : nil }
  }
}
