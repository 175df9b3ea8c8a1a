import Dispatch
import Exposition
import Logging
import Synchronization

@testable import Serving

/// The exposition that tests serve unless they bring their own.
let sampleExposition = ExpositionBody(
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  bytes: Array("# TYPE up gauge\nup 1\n".utf8)
)

/// Runs `body` against a server on a free port of the loopback, which stops afterwards.
func withServer(
  limits: ServerLimits = ServerLimits(),
  telemetryPath: String = "/metrics",
  landing: LandingPage = LandingPage(name: "exporter", version: "1.2.3", description: "Training metrics"),
  security: ConnectionSecurity = ConnectionSecurity(),
  responses: ResponseCounts = ResponseCounts(),
  limitHits: RefusalCounts<ClientLimit> = RefusalCounts<ClientLimit>(),
  documents: [String] = [],
  contentEncodings: [ContentEncoding] = [.gzip],
  isReady: @escaping @Sendable () -> Bool = { true },
  exposition: @escaping @Sendable (ExpositionVariant) -> ExpositionBody = { _ in sampleExposition },
  document: @escaping @Sendable (DocumentRequest) -> ServedDocument = { _ in .notFound("there is none") },
  running body: (_ address: String, _ server: HTTPServer) async throws -> Void
) async throws {
  let options = ServerOptions(
    addresses: [ListenAddress(host: "127.0.0.1", port: 0)],
    telemetryPath: telemetryPath,
    limits: limits,
    landing: landing,
    documents: documents,
    contentEncodings: contentEncodings,
    security: security,
    responses: responses,
    limitHits: limitHits
  )
  let server = HTTPServer(
    options: options,
    exposition: exposition,
    document: document,
    isReady: isReady,
    logger: quietLogger
  )
  try await withTaskExecutorPreference(BlockingExecutor.shared) {
    let addresses = try await server.start()
    do {
      try await body(addresses[0], server)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }
}

extension RefusalCounts {
  /// The reasons that there were, and how often.
  var counted: [Reason: Int] {
    Dictionary(uniqueKeysWithValues: zip(Reason.allCases, all.map(\.count))).filter { $0.value > 0 }
  }
}

/// Runs what waits on sockets, so that it holds up no other test: the concurrency runtime's own threads are as few
/// as the machine's cores.
final class BlockingExecutor: TaskExecutor {
  static let shared = BlockingExecutor()
  private let queue = DispatchQueue(label: "blocking", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
