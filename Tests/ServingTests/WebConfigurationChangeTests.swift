import Foundation
import NIOHTTP1
import Testing

@testable import Serving

/// A web configuration that changes while the exporter runs.
@Suite struct WebConfigurationChangeTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)")

  /// A file that is written over is empty for a moment: what one look finds has to be there at the next. One that stays
  /// empty, is cut, or is something else by then, opens nothing either.
  @Test func whatBecomesOfTheFileOpensNoDoor() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "web.yml")
    let closed = Data("rate_limit: { interval: 1ns }\nbasic_auth_users: { prometheus: \(PasswordTests.secret) }\n".utf8)
    try closed.write(to: file)
    let security = try #require(ConnectionSecurity.load(path: file.path).security)
    #expect(!isOpen(security))

    try Data().write(to: file)
    #expect(!security.refresh(quietLogger) && !isOpen(security))
    try closed.write(to: file)
    look(security)
    #expect(!isOpen(security) && security.lastReload?.isSuccessful == true)

    let others: [() throws -> Void] = [
      { try Data().write(to: file) },
      { try closed.prefix(30).write(to: file) },
      { try Data("basic_auth_users: {}\nrate_limit: { interval: 1ns }\n".utf8).write(to: file) },
      { try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false) },
      { mkfifo(file.path, 0o600) },
      {},
    ]
    for other in others {
      try FileManager.default.removeItem(at: file)
      try other()
      look(security)
      #expect(!isOpen(security) && security.lastReload?.isSuccessful == false)
      try? FileManager.default.removeItem(at: file)
      try closed.write(to: file)
      look(security)
      #expect(!isOpen(security) && security.lastReload?.isSuccessful == true)
    }
  }

  private func look(_ security: ConnectionSecurity) {
    for _ in 0..<3 { _ = security.refresh(quietLogger) }
  }

  private func isOpen(_ security: ConnectionSecurity) -> Bool {
    if case .open = security.admission(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/metrics")) {
      true
    } else {
      false
    }
  }
}
