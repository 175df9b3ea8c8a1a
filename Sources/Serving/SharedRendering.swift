internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Renders the exposition on a thread of its own, once for all who ask while a rendering is under way. Nobody gets a
/// rendering that began before they asked: those wait for the next one, together. So any number of scrapes at once
/// costs two renderings, and a scrape shows whatever was there before it.
final class SharedRendering: Sendable {
  private struct State {
    var isStopped = false
    /// Those whom the rendering under way is for; `nil` when none is.
    var served: [EventLoopPromise<ExpositionBody>]?
    /// Those who asked after it began.
    var waiting: [EventLoopPromise<ExpositionBody>] = []
  }

  private let state = Mutex(State())
  private let pool: NIOThreadPool
  private let exposition: @Sendable () -> ExpositionBody

  init(pool: NIOThreadPool, exposition: @escaping @Sendable () -> ExpositionBody) {
    self.pool = pool
    self.exposition = exposition
  }

  /// Settles the promise with a rendering that begins from now on, or fails it when the server stops.
  func fulfil(_ promise: EventLoopPromise<ExpositionBody>) {
    enum Step { case render, wait, refuse }
    let step = state.withLock { state -> Step in
      if state.isStopped { return .refuse }
      if state.served != nil {
        state.waiting.append(promise)
        return .wait
      }
      state.served = [promise]
      return .render
    }
    switch step {
    case .render: pool.submit { _ in self.renderUntilNobodyWaits() }
    case .wait: break
    case .refuse: promise.fail(CancellationError())
    }
  }

  /// Fails all who wait; after it returns, no promise is touched again.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      for promise in (state.served ?? []) + state.waiting { promise.fail(CancellationError()) }
      state.served = nil
      state.waiting = []
    }
  }

  private func renderUntilNobodyWaits() {
    var goesOn = true
    while goesOn {
      let body = exposition()
      // Promises are settled under the lock, so that none reaches an event loop that `stop()` has let go.
      goesOn = state.withLock { state in
        guard let served = state.served else { return false }
        for promise in served { promise.succeed(body) }
        state.served = state.waiting.isEmpty ? nil : state.waiting
        state.waiting = []
        return state.served != nil
      }
    }
  }
}
