internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Does work (rendering one variant of the exposition, reloading the catalog) on a thread of its own, once for all who
/// ask for the same while it is under way. Nobody gets what began before they asked: those wait for the next one,
/// together. So any number of scrapes at once costs two renderings a variant, and a scrape shows whatever was there
/// before it. Never does two pieces at a time, whatever their keys. Clients take turns, each with its keys in the order
/// in which it asked for them: whoever asks for much is alone in waiting for it.
final class SharedWork<Key: Hashable & Sendable, Output: Sendable>: Sendable {
  private enum Step {
    case begin
    case wait
    case refuse
  }

  private struct State {
    var isStopped = false
    /// Those whom the work under way is for; `nil` when none is.
    var served: [EventLoopPromise<Output>]?
    /// Those who wait for work that has not begun, by what they want.
    var waiting: [Key: [EventLoopPromise<Output>]] = [:]
    /// The keys of `waiting`, each once for every client that asked for it.
    var turns = Turns<Key>()

    mutating func next() -> Key? {
      guard let key = turns.next() else { return nil }
      // It is done for all who wait for it; whoever shares it keeps its turn for what else it asked for.
      turns.removeAll { $0 == key }
      served = waiting.removeValue(forKey: key)
      return key
    }
  }

  private let state = Mutex(State())
  private let pool: NIOThreadPool
  private let work: @Sendable (Key) -> Output

  /// The pool has one thread.
  init(pool: NIOThreadPool, work: @escaping @Sendable (Key) -> Output) {
    self.pool = pool
    self.work = work
  }

  /// Settles the promise with what begins from now on, or fails it when the server stops.
  func fulfil(_ promise: EventLoopPromise<Output>, _ key: Key, for client: ClientAddress) {
    let step = state.withLock { state -> Step in
      if state.isStopped { return .refuse }
      if state.served != nil {
        state.waiting[key, default: []].append(promise)
        if !state.turns.contains(key, of: client) { state.turns.append(key, of: client) }
        return .wait
      }
      state.served = [promise]
      return .begin
    }
    switch step {
    case .begin: pool.submit { _ in self.workUntilNobodyWaits(beginningWith: key) }
    case .wait: break
    case .refuse: promise.fail(CancellationError())
    }
  }

  /// Fails all who wait; after it returns, no promise is touched again.
  func stop() {
    let asking = state.withLock { state in
      defer { state = State(isStopped: true) }
      return (state.served ?? []) + state.waiting.values.joined()
    }
    for promise in asking { promise.fail(CancellationError()) }
  }

  /// How many turns are kept for clients.
  var turnCount: Int { state.withLock { $0.turns.count } }

  private func workUntilNobodyWaits(beginningWith first: Key) {
    var next: Key? = first
    while let key = next {
      let output = work(key)
      // Promises are settled under the lock, so that none reaches an event loop that `stop()` has let go. Nobody is called
      // back here: this is no event loop's thread.
      next = state.withLock { state in
        guard let served = state.served else { return nil }
        for promise in served { promise.succeed(output) }
        state.served = nil
        return state.next()
      }
    }
  }
}
