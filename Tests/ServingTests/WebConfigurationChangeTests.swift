import Foundation
import NIOHTTP1
import Testing

@testable import Serving

/// A web configuration that changes while the exporter runs.
@Suite struct WebConfigurationChangeTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)")

  /// A file that is written over is empty for a moment, and an empty one allows everything: what one look finds has to
  /// be there at the next.
  @Test func aFileThatIsBeingWrittenOpensNoDoor() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "web.yml")
    let closed = Data("basic_auth_users: { prometheus: \(PasswordTests.secret) }\n".utf8)
    try closed.write(to: file)
    let security = try #require(ConnectionSecurity.load(path: file.path).security)
    #expect(!isOpen(security))

    try Data().write(to: file)
    #expect(!security.refresh(quietLogger) && !isOpen(security))
    try closed.write(to: file)
    for _ in 0..<3 { #expect(!security.refresh(quietLogger) && !isOpen(security)) }

    // An empty file that stays is meant.
    try Data().write(to: file)
    #expect(!security.refresh(quietLogger) && !isOpen(security))
    #expect(!security.refresh(quietLogger) && isOpen(security))
    try closed.write(to: file)
    for _ in 0..<2 { _ = security.refresh(quietLogger) }
    #expect(!isOpen(security))
    #expect(security.lastReload?.isSuccessful == true)
  }

  private func isOpen(_ security: ConnectionSecurity) -> Bool {
    if case .open = security.admission(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/metrics")) {
      true
    } else {
      false
    }
  }
}
