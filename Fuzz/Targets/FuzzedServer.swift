import Dispatch
import Exposition
import Foundation
import Logging
import Serving

/// Servers of this process on free ports of the loopback, which run until it ends.
enum FuzzedServer {
  /// - Returns: its port.
  static func start(security: ConnectionSecurity = ConnectionSecurity()) -> UInt16 {
    let started = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var address = ""
    let server = HTTPServer(
      options: ServerOptions(
        addresses: [ListenAddress(host: "127.0.0.1", port: 0)],
        landing: LandingPage(name: "fuzz", version: "", description: "", links: []),
        documents: ["/api/v1/runs"],
        security: security
      ),
      exposition: { ExpositionBody(contentType: $0.contentType, bytes: Array("# EOF\n".utf8)) },
      document: { ServedDocument(rest: Array("\($0.parameters)\n".utf8)) },
      isReady: { true },
      logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    )
    Task.detached {
      address = (try? await server.start().first) ?? ""
      started.signal()
    }
    started.wait()
    guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      preconditionFailure("the server does not listen")
    }
    return port
  }
}
