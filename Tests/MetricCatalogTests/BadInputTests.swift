import Foundation
import MetricCatalog
import Testing

struct BadInputTests {
  /// A path of its own, and what is there goes away with the test.
  private func withPath(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "catalog-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "metrics.yaml").path)
  }

  private func expect(_ id: String, _ prepare: (String) throws -> Void) throws {
    try withPath { path in
      try prepare(path)
      let start = ContinuousClock.now
      let loading = CatalogLoader.load(path: path, collectors: offered)
      #expect(ContinuousClock.now - start < .seconds(1))
      #expect(loading.catalog == nil)
      #expect(loading.diagnostics.map(\.id) == [id], "\(render(loading))")
      #expect(render(loading).hasPrefix(path + ":"))
    }
  }

  private func write(_ bytes: some Sequence<UInt8>) -> (String) throws -> Void {
    { try Data(bytes).write(to: URL(filePath: $0)) }
  }

  @Test func whatIsNoFile() throws {
    try expect("file/missing") { _ in }
    try expect("file/kind") { try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false) }
    try expect("file/kind") { #expect(mkfifo($0, 0o600) == 0) }
    try expect("file/kind") { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/dev/zero") }
    try expect("file/unreadable") { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: $0) }
  }

  @Test func whatIsNoText() throws {
    try expect("file/empty", write([]))
    try expect("file/empty", write(Array("# nothing\n".utf8)))
    try expect("yaml/encoding", write([0x61, 0x3A, 0x20, 0xE9, 0x0A]))
    try expect("yaml/encoding", write([0xFF, 0xFE, 0x61, 0x00]))
    try expect("yaml/control-character", write(Array("version: 1\0".utf8)))
  }

  @Test func whatIsTooMuch() throws {
    try expect("yaml/size") { path in
      try Data().write(to: URL(filePath: path))
      #expect(truncate(path, 100 << 20) == 0)
    }
    try expect("yaml/depth", write(Array(("a: " + String(repeating: "[", count: 200_000)).utf8)))
    let bomb = (1...9).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x]\n") { text, n in
      text + "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 9).joined(separator: ", ") + "]\n"
    }
    try expect("yaml/nodes", write(Array(bomb.utf8)))
  }

  /// As many mistakes as fit: the report stays bounded and quick.
  @Test func mistakesWithoutEnd() {
    let text = "version: 1\nlabels:\n" + (0..<20_000).map { "  lable\($0): { help: h }\n" }.joined()
    let start = ContinuousClock.now
    let loading = load(text)
    #expect(loading.diagnostics.count == 1_001)
    #expect(loading.diagnostics.last?.message == "19000 more are not shown")
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// An error behind a thousand warnings is an error.
  @Test func warningsHideNoError() {
    let metrics = (0..<1_200).map { "  a\($0)_percent: { type: gauge, help: h }\n" }.joined()
    let watcher = "watchers: { w: { files: f, format: csv, fields: { x: zzz } } }\n"
    let loading = load("version: 1\nmetrics:\n" + metrics + watcher)
    #expect(loading.catalog == nil)
    #expect(loading.diagnostics.filter { $0.severity == .error }.map(\.id) == ["metric/undeclared"])
    #expect(load("version: 1\nmetrics:\n" + metrics).catalog != nil)
  }
}
