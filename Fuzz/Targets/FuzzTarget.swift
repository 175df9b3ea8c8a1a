import Exposition
import Foundation
import Logging
import Serving
import WebConfiguration

/// What a fuzzer feeds: bytes go in, and whatever they are, nothing traps, hangs or breaks a promise. The fuzzer and the
/// test that replays the corpora enter here alike.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// Header values: the lines up to an empty one are `Accept`, those after it `Accept-Encoding`.
  case accept
  /// What a client sends before it hangs up.
  case request
  /// A file for `--web.config.file`.
  case webConfig = "web-config"
  /// A state file, whose checksums are taken for right.
  case state

  package func run(_ bytes: [UInt8]) {
    switch self {
    case .accept: Self.negotiate(bytes)
    case .request: RequestFuzzing.shared.send(bytes)
    case .webConfig: Self.load(bytes)
    case .state: StateFuzzing.shared.restart(from: bytes)
    }
  }

  private static func negotiate(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    let end = lines.firstIndex(of: "") ?? lines.count
    let encodings: [ContentEncoding] = [.gzip, .zstd]
    let variant = ContentNegotiation.variant(
      accept: Array(lines[..<end]),
      acceptEncoding: Array(lines[end...].dropFirst()),
      encodings: encodings
    )
    precondition(!variant.contentType.utf8.contains { $0 < 0x20 || $0 > 0x7E }, "a content type for headers")
    precondition(end > 0 || variant.format == .text004, "nobody asked for another format")
    precondition(lines.count > end + 1 || variant.encoding == .identity, "nobody asked for packing")
  }

  private static func load(_ bytes: [UInt8]) {
    let file = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(getpid()).yml")
    guard (try? Data(bytes).write(to: file)) != nil else { return }
    let loading = WebConfigurationLoader.load(path: file.path)
    precondition(loading.settings != nil || !loading.diagnostics.isEmpty, "a refusal says why")
    try? FileManager.default.removeItem(at: file)
  }
}
