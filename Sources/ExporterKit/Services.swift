internal import Dispatch
internal import ServiceLifecycle
internal import Serving
internal import UnixSignals

/// The HTTP server as a service: stops when the group does.
struct ServerService: Service {
  let server: HTTPServer

  func run() async throws {
    try? await gracefulShutdown()
    await server.stop()
  }
}

/// The reading of logs as a service, on a thread of its own.
struct LogReadingService: Service {
  let run: @Sendable () -> Void
  let stop: @Sendable () -> Void

  func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await onThread(named: "tailer", run)
    } onCancelOrGracefulShutdown: {
      stop()
    }
  }
}

/// Reloads at SIGHUP.
struct ReloadSignalService: Service {
  let reload: @Sendable () -> Void

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      await onThread(named: "reload", reload)
    }
  }
}

/// Blocking work, kept off the threads of the concurrency runtime.
private func onThread(named label: String, _ body: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { continuation in
    DispatchQueue(label: label).async {
      body()
      continuation.resume()
    }
  }
}
