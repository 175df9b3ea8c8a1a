internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Does one piece of work (rendering the exposition, reloading the catalog) on a thread of its own, once for all who ask
/// while it is under way. Nobody gets what began before they asked: those wait for the next one, together. So any
/// number of scrapes at once costs two renderings, and a scrape shows whatever was there before it.
final class SharedWork<Output: Sendable>: Sendable {
  private enum Step {
    case begin
    case wait
    case refuse
  }

  private struct State {
    var isStopped = false
    /// Those whom the work under way is for; `nil` when none is.
    var served: [EventLoopPromise<Output>]?
    /// Those who asked after it began.
    var waiting: [EventLoopPromise<Output>] = []
  }

  private let state = Mutex(State())
  private let pool: NIOThreadPool
  private let work: @Sendable () -> Output

  init(pool: NIOThreadPool, work: @escaping @Sendable () -> Output) {
    self.pool = pool
    self.work = work
  }

  /// Settles the promise with what begins from now on, or fails it when the server stops.
  func fulfil(_ promise: EventLoopPromise<Output>) {
    let step = state.withLock { state -> Step in
      if state.isStopped { return .refuse }
      if state.served != nil {
        state.waiting.append(promise)
        return .wait
      }
      state.served = [promise]
      return .begin
    }
    switch step {
    case .begin: pool.submit { _ in self.workUntilNobodyWaits() }
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

  private func workUntilNobodyWaits() {
    var goesOn = true
    while goesOn {
      let output = work()
      // Promises are settled under the lock, so that none reaches an event loop that `stop()` has let go.
      goesOn = state.withLock { state in
        guard let served = state.served else { return false }
        for promise in served { promise.succeed(output) }
        state.served = state.waiting.isEmpty ? nil : state.waiting
        state.waiting = []
        return state.served != nil
      }
    }
  }
}
