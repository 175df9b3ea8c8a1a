import Foundation
import Glibc
import Testing

/// What the exporter says of itself: the table in `docs/own-metrics.md` and a real scrape are the same.
struct OwnMetricsTests {
  struct Family: Equatable, CustomStringConvertible {
    var name: String
    var type: String
    var labels: [String]
    var help: String

    var description: String { "\(name) \(type) \(labels) \(help)" }
  }

  /// A served catalog that gives every family something to say.
  private func serve(in folder: TemporaryFolder, _ more: [String] = []) async throws -> Exporter.Server {
    try folder.write("loss\n0.5\n", to: "a.csv")
    let catalog = try folder.write(
      """
      version: 1
      labels: { run: { values: [b] } }
      metrics:
        loss: { type: gauge, help: Loss }
        refused: { type: gauge, help: Refused, labels: [run] }
        available_bytes: { type: gauge, help: Memory }
      watchers:
        log: { files: "{run}.csv", format: csv, fields: { loss: [loss, refused] } }
      collectors:
        system: { readings: { memory.available_bytes: available_bytes } }
      """,
      to: "metrics.yaml"
    )
    return try await Exporter.Server(catalog: catalog, more: more)
  }

  @Test func theTableAndAScrapeAgree() async throws {
    let folder = try TemporaryFolder()
    // An empty web configuration allows everything.
    let server = try await serve(in: folder, ["--web.config.file", try folder.write("", to: "web.yml")])
    let shown = try await eventually("every family has something to say") {
      let text = try server.scrape()
      let names = ["rejections_total", "last_record_", "state_last_write_", "scrape_duration_", "last_collection_"]
      return names.allSatisfy { text.contains("\ntraining_exporter_\($0)") } ? text : nil
    }
    let families = Self.families(shown).filter {
      $0.name.hasPrefix("training_exporter_") || $0.name.hasPrefix("process_")
    }
    let table = try Self.table()
    #expect(families.map(\.name) == table.map(\.name))
    for (family, row) in zip(families, table) {
      var row = row
      // This format has no type for it.
      if row.type == "info" { row.type = "gauge" }
      #expect(family == row)
    }
    try await expectCleanLint(ofFile: folder.write(shown, to: "exposition"))
  }

  @Test func theProcessIsTheOneThatServes() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(in: folder)
    let values = try Exposition(server.scrape()).values
    let resident = try #require(values["process_resident_memory_bytes"])
    #expect(abs(resident - Double(server.process.residentBytes)) < Double(8 << 20))
    let start = try #require(values["process_start_time_seconds"])
    #expect(abs(start - Date.now.timeIntervalSince1970) < 3000)
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.process.id)/fd").count
    #expect(abs(try #require(values["process_open_fds"]) - Double(descriptors)) <= 3)
    #expect(try #require(values["process_max_fds"]) >= Double(descriptors))
  }

  @Test func allOfThemCanBeLeftOut() async throws {
    let folder = try TemporaryFolder()
    let web = try folder.write("", to: "web.yml")
    let server = try await serve(in: folder, ["--web.disable-exporter-metrics", "--web.config.file", web])
    #expect(try Self.families(server.scrape()).map(\.name) == ["loss", "available_bytes"])
  }

  @Test func aScrapeMayAskForSome() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(in: folder)
    for (query, names) in [
      ("name[]=loss", ["loss"]), ("collect[]=log", ["loss"]), ("collect[]=system", ["available_bytes"]),
      ("collect%5B%5D=system&name%5B%5D=loss", ["loss", "available_bytes"]), ("collect[]=none&name[]=none", []),
      ("name[]=training_exporter_up&collect[]=log", ["loss", "training_exporter_up"]),
    ] {
      let reply = try HTTP.get("/metrics?\(query)", port: server.port)
      #expect(reply.status == 200 && Self.families(reply.body).map(\.name) == names, "\(query): \(reply.body)")
    }
  }

  /// A 401, a 429, and reloads of the web configuration, good and bad.
  @Test func whatTheWebDoorRefusesIsCounted() async throws {
    let folder = try TemporaryFolder()
    let users = "basic_auth_users: { prometheus: \(BasicAuthTests.hash) }\n"
    let server = try await SecureServer(in: folder, web: users)
    func values() async throws -> [String: Double] {
      Exposition(try await server.curl("--user", "prometheus:secret").text).values
    }
    try await eventually("the log has been read") {
      try await server.curl("--user", "prometheus:secret", path: "/-/ready").status == 200 ? true : nil
    }
    let requests = "training_exporter_http_requests_total"
    let reload = "training_exporter_web_config_last_reload"
    let before = try await values()
    #expect(before["\(requests){code=\"401\"}"] == 0 && before["\(requests){code=\"505\"}"] == 0)
    #expect(before["\(reload)_successful"] == 1)
    let loaded = try #require(before["\(reload)_success_timestamp_seconds"])
    #expect(abs(loaded - Date.now.timeIntervalSince1970) < 300)

    var counted = before
    #expect(try await server.curl().status == 401)
    #expect(try await server.curl("--user", "prometheus:wrong").status == 401)
    #expect(try await values()["\(requests){code=\"401\"}"] == 2)

    try folder.write("basic_auth_users: 7", to: "web.yml")
    try await server.logs("web configuration not reloaded")
    counted = try await values()
    #expect(counted["\(reload)_successful"] == 0 && counted["\(reload)_success_timestamp_seconds"] == loaded)

    try folder.write(users + "rate_limit: { interval: 1h, burst: 1 }\n", to: "web.yml")
    try await server.logs("web configuration reloaded")
    #expect(try await server.curl("--user", "prometheus:secret").status == 200)
    #expect(try await server.curl("--user", "prometheus:secret").status == 429)
    try folder.write(users + "rate_limit: { interval: 1ms, burst: 100 }\n", to: "web.yml")
    try await server.logs("web configuration reloaded", times: 2)
    counted = try await values()
    #expect(counted["\(requests){code=\"429\"}"] == 1)
    #expect(counted["\(reload)_successful"] == 1)
    #expect(try #require(counted["\(reload)_success_timestamp_seconds"]) > loaded)
  }

  /// A client that does not read keeps the only place, since the answer is larger than what the system holds for it.
  @Test func scrapesOverTheLimitAreCounted() async throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "x", count: 4_000)
    let rows = (0..<2_000).map { "{\"run\": \"\(name)\($0)\", \"loss\": 1}\n" }
    try folder.write(rows.joined(), to: "a.jsonl")
    let catalog = try folder.write(
      """
      version: 1
      labels: { run: { max_values: 2000 } }
      metrics: { loss: { type: gauge, help: Loss, labels: [run] } }
      watchers: { log: { files: a.jsonl, format: jsonl, labels: { run: "{.run}" }, fields: { loss: loss } } }
      """,
      to: "metrics.yaml"
    )
    let server = try await Exporter.Server(catalog: catalog, more: ["--web.max-requests", "1"])
    let silent = try HTTP.connection(to: server.port)
    defer { close(silent) }
    let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    #expect(send(silent, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
    // Whoever asks at the same address waits a second for it, and then has its place.
    try await eventually("a scrape has gone before one that is not read") {
      let values = try Exposition(server.scrape()).values
      return values["training_exporter_client_limits_reached_total{limit=\"scrapes\"}"] ?? 0 > 0 ? true : nil
    }
  }

  private static func table() throws -> [Family] {
    let text = try String(contentsOf: Exporter.package.appending(path: "docs/own-metrics.md"), encoding: .utf8)
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.count { $0 == "|" } == 5 }.map { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let labels = cells[3].matches(of: /`([^`]+)`/).map { String($0.1) }
      return Family(name: cells[1].replacing("`", with: ""), type: cells[2], labels: labels, help: cells[4])
    }
  }

  /// With the labels of each family's first sample.
  private static func families(_ text: String) -> [Family] {
    var families: [Family] = []
    var isFirst = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if line.hasPrefix("# HELP ") {
        families.append(Family(name: words[2], type: "", labels: [], help: words[3]))
      } else if line.hasPrefix("# TYPE ") {
        families[families.count - 1].type = words[3]
        isFirst = true
      } else if isFirst {
        families[families.count - 1].labels = line.matches(of: /[{,](\w+)="/).map { String($0.1) }
        isFirst = false
      }
    }
    return families
  }
}
