package import Clocks
package import Collectors
internal import Dispatch
internal import Ingest
package import Logging
package import MetricCatalog
package import MetricRegistry
internal import Synchronization

/// Runs one collector at its interval, on a thread of its own, and maps what it reads. A collection that takes longer
/// than its timeout ends the collector's series until one is in time again; a second one never begins beside it.
///
/// `collector` is used by that thread alone, and all else under the lock: hence `@unchecked`.
package final class CollectorRunner: @unchecked Sendable {
  package struct Status {
    /// By outcome, in the order of `CollectionOutcome.allCases`.
    package var collections = [UInt64](repeating: 0, count: CollectionOutcome.allCases.count)
    /// nil: there was no collection yet.
    package var last: CollectionOutcome?
    /// Of the last collection that ended.
    package var duration: Duration?
    /// In nanoseconds since 1970.
    package var lastSuccess: Int64?
    package var problems: [String] = []
  }

  private struct State {
    var status = Status()
    /// When the collection at hand began, in nanoseconds since the machine started; nil: none is.
    var begun: Int64?
    /// What the last collection read, where that is kept.
    var latest: ReadingBatch?
    /// The collection at hand has been counted as one that timed out.
    var isOverdue = false
    var isStopped = false
    let mapping: ReadingMapping
  }

  package let settings: Catalog.Collector
  private let collector: any Collector
  /// Whether the collector is that of the runner before.
  private let goesOn: Bool
  private let logger: Logger
  private let clock: TimeSource
  private let state: Mutex<State>
  /// Whether what was read last is kept: it is copied each time.
  private let keepsLatest: Bool
  private let firstEnd = Signal()
  private let stopping = Signal()
  private let ended = Signal()

  /// Rates need two collections; the second comes early, so that they are there soon after the start.
  private static let secondAfter: Duration = .seconds(1)

  /// - Parameter former: the runner of the catalog before. Its collector goes on here where nothing of it has changed,
  ///   so that rates have no gap; and nothing is read before its last collection has ended.
  /// - Parameter keepsLatest: whether `latest` has what was read.
  package init(
    _ settings: Catalog.Collector,
    type: any Collector.Type,
    registry: Registry,
    catalog: Catalog,
    former: CollectorRunner?,
    keepsLatest: Bool = false,
    logger: Logger,
    clock: TimeSource = .system
  ) {
    self.settings = settings
    self.keepsLatest = keepsLatest
    self.former = former
    self.logger = logger
    self.clock = clock
    goesOn =
      former.map { former in
        former.settings.options == settings.options
          && former.settings.wantedReadings(of: type.descriptor) == settings.wantedReadings(of: type.descriptor)
      } ?? false
    collector = (goesOn ? former?.collector : nil) ?? type.init(settings: settings)
    let mapping = ReadingMapping(
      settings,
      type.descriptor,
      registry: registry,
      metrics: catalog.metrics
    )
    former?.state.withLock { mapping.takeOver($0.mapping) }
    state = Mutex(State(mapping: mapping))
  }

  /// Released when its thread has ended.
  private var former: CollectorRunner?

  /// Begins to collect, until `stop`.
  package func start() {
    // A serial queue of its own is a thread of its own while it blocks.
    DispatchQueue(label: "collector.\(settings.name)").async { [self] in
      _ = former?.ended.wait()
      if !goesOn { former?.collector.end() }
      former = nil
      run()
      ended.give(true)
    }
  }

  /// Ends its series; a collection that is under way ends by itself and changes nothing.
  package func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      state.mapping.suspend()
    }
    stopping.give(true)
  }

  /// Blocks until the first collection has ended, or so long; only the first who wait do.
  package func waitForFirst(atMost limit: Duration) {
    firstEnd.wait(atMost: limit)
    firstEnd.give(true)
  }

  /// Blocks until the thread has ended, or so long, and ends the collector. Not for one that goes on in another runner.
  package func waitForEnd(atMost limit: Duration) {
    ended.wait(atMost: limit)
    if ended.isGiven { collector.end() }
  }

  /// What came of the collections so far. One that takes too long ends the collector's series here.
  package func status() -> Status {
    let now = clock.now.monotonic
    let (before, status) = state.withLock { state in
      let before = state.status
      if isOverdue(state, now) { timeOut(&state) }
      return (before, state.status)
    }
    report(status, before)
    return status
  }

  /// What the last collection read; nil: there was none in time, or it is not kept.
  package var latest: ReadingBatch? { state.withLock { $0.isOverdue || $0.isStopped ? nil : $0.latest } }

  // MARK: On its thread

  private func run() {
    var batch = ReadingBatch()
    var due = clock.now.monotonic
    let interval = settings.interval.wholeNanoseconds
    var isFirst = true
    while !stopping.isGiven {
      let begun = clock.now.monotonic
      state.withLock { $0.begun = begun }
      batch.removeAll()
      collector.collect(into: &batch)
      take(batch, begun: begun)
      firstEnd.give(true)
      due += isFirst ? min(interval, Self.secondAfter.wholeNanoseconds) : interval
      isFirst = false
      let now = clock.now.monotonic
      // Collections that were missed are not made up for.
      if due < now { due += (now - due) / interval * interval + interval }
      stopping.wait(atMost: .nanoseconds(due - now))
    }
    firstEnd.give(true)
  }

  private func take(_ batch: ReadingBatch, begun: Int64) {
    let moment = clock.now
    let (before, status) = state.withLock { state -> (Status, Status) in
      let before = state.status
      if isOverdue(state, moment.monotonic) { timeOut(&state) }
      let wasInTime = !state.isOverdue
      state.begun = nil
      state.isOverdue = false
      guard !state.isStopped else { return (before, before) }
      state.status.duration = .nanoseconds(moment.monotonic - begun)
      // What came too late is not shown as if it were of now; the next one may be in time.
      guard wasInTime else { return (before, state.status) }
      let outcome: CollectionOutcome =
        if !batch.problems.isEmpty { .failure } else if batch.records.isEmpty { .noData } else { .success }
      if outcome == .failure, batch.records.isEmpty { state.mapping.suspend() } else { state.mapping.apply(batch) }
      if keepsLatest { state.latest = batch }
      state.status.note(outcome)
      state.status.problems = batch.problems
      if outcome == .success { state.status.lastSuccess = moment.wall }
      return (before, state.status)
    }
    report(status, before)
  }

  private func isOverdue(_ state: borrowing State, _ now: Int64) -> Bool {
    guard let begun = state.begun, !state.isOverdue, !state.isStopped else { return false }
    return now - begun > settings.timeout.wholeNanoseconds
  }

  private func timeOut(_ state: inout State) {
    state.isOverdue = true
    state.status.note(.timeout)
    state.status.problems = ["it took longer than \(settings.timeout)"]
    state.mapping.suspend()
  }

  /// Says what has changed, and nothing while it stays the same.
  private func report(_ status: Status, _ before: Status) {
    guard status.last != before.last || status.problems != before.problems else { return }
    let name: Logger.MetadataValue = "\(settings.name)"
    switch status.last {
    case .failure, .timeout:
      logger.warning(
        "collector fails",
        metadata: ["collector": name, "reason": "\(status.problems.joined(separator: "; "))"]
      )
    case .noData where before.last != nil: logger.info("collector has no data", metadata: ["collector": name])
    case .success where before.last != nil && before.last != .noData:
      logger.info("collector works again", metadata: ["collector": name])
    case .success, .noData, nil: break
    }
  }
}

extension CollectorRunner.Status {
  fileprivate mutating func note(_ outcome: CollectionOutcome) {
    last = outcome
    if let place = CollectionOutcome.allCases.firstIndex(of: outcome) { collections[place] += 1 }
  }
}

/// How a collection ended: the label `outcome` of `training_exporter_collections_total`.
package enum CollectionOutcome: String, CaseIterable {
  case success
  /// It worked, and there was nothing to read.
  case noData = "no_data"
  case failure
  case timeout
}
