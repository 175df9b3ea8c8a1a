internal import Clocks
internal import Diagnostics
internal import MetricCatalog
internal import Synchronization

/// Taking a new catalog into use while the exporter runs. Whoever asks waits until the reading thread has handed over,
/// or until it is known that nothing changes. Never touches what runs.
final class CatalogReload: Sendable {
  enum Answer: Sendable {
    case done(Catalog)
    /// In lines, for the operator.
    case refused(String)
  }

  struct Status: Sendable {
    var isSuccessful = true
    /// Nanoseconds since 1970: of the start, or of the last reload that succeeded.
    var succeededAt: Int64
  }

  private struct State {
    var status: Status
    var pending: Request?
    var isOver = false
  }

  /// A catalog that waits to be taken into use.
  struct Request: Sendable {
    let catalog: Catalog
    let done: Signal
  }

  private let clock: TimeSource
  private let state: Mutex<State>
  /// One reload at a time.
  private let turn = Mutex<Void>(())

  init(clock: TimeSource) {
    self.clock = clock
    state = Mutex(State(status: Status(succeededAt: clock.now.wall)))
  }

  var status: Status { state.withLock { $0.status } }

  /// Loads the catalog's file, and hands it to the reading thread, which `interrupt` makes look for it. Blocks until it is
  /// in use.
  func reload(path: String, interrupt: () -> Void) -> Answer {
    turn.withLock { _ in
      let loading = loadCatalog(path: path)
      guard let catalog = loading.catalog else {
        state.withLock { $0.status.isSuccessful = false }
        return .refused(ConsoleRenderer(source: loading.source).render(loading.diagnostics))
      }
      let request = Request(catalog: catalog, done: Signal())
      let isOver = state.withLock { state in
        if !state.isOver { state.pending = request }
        return state.isOver
      }
      guard !isOver else { return .refused("the exporter is stopping") }
      interrupt()
      guard request.done.wait() else { return .refused("the exporter is stopping") }
      state.withLock { $0.status = Status(succeededAt: clock.now.wall) }
      return .done(catalog)
    }
  }

  /// For the reading thread: the catalog that waits.
  func take() -> Request? {
    state.withLock { state in
      defer { state.pending = nil }
      return state.pending
    }
  }

  /// No catalog will be taken any more.
  func end() {
    let left = state.withLock { state in
      state.isOver = true
      defer { state.pending = nil }
      return state.pending
    }
    left?.done.give(false)
  }
}
