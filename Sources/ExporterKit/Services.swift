internal import Clocks
internal import Dispatch
internal import ServiceLifecycle
internal import Serving
internal import Synchronization
internal import UnixSignals

/// The HTTP server as a service: stops when the group does.
struct ServerService: Service {
  let server: HTTPServer
  /// Told as soon as the end begins.
  let notifier: ServiceNotifier

  func run() async throws {
    try? await gracefulShutdown()
    notifier.tell(.stopping)
    await server.stop()
  }
}

/// The reading of logs as a service, on a thread of its own.
struct LogReadingService: Service {
  let follow: @Sendable () -> Void
  let stop: @Sendable () -> Void
  var endTimeMax = servicesEndTimeMax

  func run() async throws {
    try await onThread(named: "tailer", stop: stop, endTimeMax: endTimeMax, follow)
  }
}

/// Reloads at SIGHUP.
struct ReloadSignalService: Service {
  let reload: @Sendable () -> Void

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      try await onThread(named: "reload", stop: {}, endTimeMax: servicesEndTimeMax, reload)
    }
  }
}

/// How long the end waits for threads: a file system that does not answer holds them for ever. The largest state takes
/// some seconds to be saved; Kubernetes kills after 30 s.
let servicesEndTimeMax: Duration = .seconds(20)

/// Blocking work, kept off the threads of the concurrency runtime. At the end of the services it is told to stop.
///
/// - Throws: `ExporterError` where it does not stop in time. Its thread is left behind.
func onThread(
  named label: String,
  stop: @escaping @Sendable () -> Void,
  endTimeMax: Duration,
  _ body: @escaping @Sendable () -> Void
) async throws {
  let end = ThreadEnd()
  let isInTime = await withTaskCancellationOrGracefulShutdownHandler {
    await withCheckedContinuation { continuation in
      end.wait(continuation)
      DispatchQueue(label: label).async {
        body()
        end.give(true)
      }
    }
  } onCancelOrGracefulShutdown: {
    stop()
    DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(endTimeMax.wholeNanoseconds))) {
      end.give(false)
    }
  }
  guard isInTime else {
    throw ExporterError(
      description:
        "the thread \(label) did not end within \(endTimeMax) and is left behind: what was read last may not "
        + "be saved, and is read again at the next start"
    )
  }
}

/// Whether a thread ended in time: the first answer counts, also one that comes before anybody waits.
private final class ThreadEnd: Sendable {
  private struct State {
    var waiting: CheckedContinuation<Bool, Never>?
    var answer: Bool?
  }

  private let state = Mutex(State())

  func wait(_ continuation: CheckedContinuation<Bool, Never>) {
    let answer = state.withLock { state in
      if state.answer == nil { state.waiting = continuation }
      return state.answer
    }
    if let answer { continuation.resume(returning: answer) }
  }

  func give(_ answer: Bool) {
    let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      defer { state.waiting = nil }
      state.answer = state.answer ?? answer
      return state.waiting
    }
    waiting?.resume(returning: answer)
  }
}
