import ExporterKit
import Glibc
import Logging
import MetricModel
import MetricRegistry
import Synchronization
import Testing

/// A registry that an application serves by itself.
@Suite struct MetricsServerTests {
  private let registry = Registry(metrics: [
    MetricDescriptor(name: "images_total", type: .counter, help: "Images"),
    MetricDescriptor(name: "process_open_fds", type: .gauge, help: "The application's own"),
  ])

  @Test func itServesUntilItIsStopped() async throws {
    let log = Log()
    let server = MetricsServer(registry: registry, port: 0, address: "127.0.0.1", logger: log.logger)
    #expect(!server.isRunning && server.address == nil)
    await server.stop()
    for round in 1...2 {
      try registry.counter("images_total").handle().increment()
      try await server.start()
      #expect(server.isRunning)
      let address = try #require(server.address)
      let answer = try get("/metrics", address)
      #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("\nimages_total \(round)\n"))
      #expect(try get("/-/healthy", address).hasPrefix("HTTP/1.1 200"))

      try await server.start()
      #expect(log.warnings == round && server.address == address)

      await server.stop()
      #expect(!server.isRunning && server.address == nil)
      #expect(throws: (any Error).self) { try get("/metrics", address) }
    }
  }

  @Test func aPortInUseIsAnErrorThatSaysSo() async throws {
    let first = MetricsServer(registry: registry, port: 0, address: "127.0.0.1", logger: Log().logger)
    try await first.start()
    let port = try #require(first.address?.split(separator: ":").last.flatMap { UInt16($0) })
    let second = MetricsServer(registry: registry, port: port, address: "127.0.0.1", logger: Log().logger)
    for _ in 1...2 {
      do throws(ExporterError) {
        try await second.start()
        Issue.record("two servers have one port")
      } catch {
        #expect(error.description.hasPrefix("cannot listen on 127.0.0.1:\(port): another program"))
      }
      #expect(!second.isRunning)
    }
    await first.stop()
    try await second.start()
    await second.stop()
  }

  @Test func theTextHasTheMetricsAndWhatWasRefused() throws {
    try registry.counter("images_total").handle().increment(by: -1)
    let text = MetricsServer(registry: registry).metricsText
    #expect(text.contains("# HELP images_total Images\n# TYPE images_total counter\nimages_total 0\n"))
    let rejection = #"{metric="images_total",label="",reason="negative_increment"} 1"#
    #expect(text.contains("training_exporter_rejections_total\(rejection)\n"))
    #expect(text.contains("process_resident_memory_bytes "))
    #expect(!text.contains("process_open_fds"), "the application's own goes before, and has no value")
  }

  private struct Failure: Error {}

  private func get(_ path: String, _ address: String) throws -> String {
    let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &name) { name in
      name.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
    }
    guard isConnected else { throw Failure() }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw Failure() }
    var answer: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &part, part.count, 0)
      guard count > 0 else { break }
      answer += part[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }
}

/// Counts warnings.
private final class Log: LogHandler, Sendable {
  private let count = Atomic(0)

  var logger: Logger { Logger(label: "test") { _ in self } }
  var warnings: Int { count.load(ordering: .relaxed) }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    if event.level == .warning { count.add(1, ordering: .relaxed) }
  }
}
