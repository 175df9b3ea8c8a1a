import Foundation

/// A folder of its own for one test; it goes away with the value.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "training-exporter-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func url(_ name: String) -> URL { url.appending(path: name) }
  func path(_ name: String = "") -> String { name.isEmpty ? url.path : url(name).path }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }

  @discardableResult
  func write(_ data: Data, to name: String) throws -> String {
    let file = url(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file.path
  }

  func append(_ text: String, to name: String) throws {
    guard let file = fopen(path(name), "a") else { throw CocoaError(.fileWriteUnknown) }
    defer { fclose(file) }
    fputs(text, file)
  }
}
