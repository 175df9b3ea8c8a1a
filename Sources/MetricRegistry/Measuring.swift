import Synchronization

/// What takes observations: a histogram or a summary.
public protocol ObservingHandle: SeriesHandle {
  /// Takes an observation, in the metric's unit; says whether it was accepted.
  @discardableResult func observe(_ value: Double) -> Bool
}

extension Histogram: ObservingHandle {
  /// A timer of a histogram, as `startTimer()` gives it.
  public typealias Timer = ObservationTimer
}

extension Summary: ObservingHandle {
  /// A timer of a summary, as `startTimer()` gives it.
  public typealias Timer = ObservationTimer
}

extension ObservingHandle {
  /// Runs the body, and observes how long that took, in seconds.
  ///
  /// The time is that of a clock that is never set. It is observed whether the body returns or throws.
  ///
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  public func time<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let timer = RunningTime(series)
    defer { timer.observe() }
    return try body()
  }

  /// Runs the body, and observes how long that took, in seconds, with all that it waited for.
  ///
  /// The time is that of a clock that is never set. It is observed whether the body returns or throws, which a cancelled
  /// one does too. The body runs where the caller does: an actor's may use the actor's state.
  ///
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  @_disfavoredOverload
  public func time<Result: ~Copyable, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let timer = RunningTime(series)
    defer { timer.observe() }
    return try await body()
  }

  /// Starts a timer, for what begins in one place and ends in another.
  public func startTimer() -> ObservationTimer { ObservationTimer(RunningTime(series)) }
}

/// A timer that is stopped by hand, from any thread. It observes once, in the histogram or summary that started it.
///
/// One that is never stopped observes nothing: nothing that was begun and not finished is in the metric. To have such
/// work counted too, use `time(_:)`, or count what begins in a counter of its own.
public final class ObservationTimer: Sendable {
  private let running: RunningTime
  private let isStopped = Atomic(false)

  fileprivate init(_ running: RunningTime) { self.running = running }

  /// Observes the time since the start. Whoever calls it again changes nothing.
  ///
  /// - Returns: the seconds that were observed; nil if the timer was stopped before.
  @discardableResult
  public func stop() -> Double? {
    isStopped.exchange(true, ordering: .relaxed) ? nil : running.observe()
  }
}

private struct RunningTime: Sendable {
  let series: Series
  let start: Int64

  init(_ series: Series) {
    self.series = series
    start = series.metric.ledger.monotonic()
  }

  @discardableResult
  func observe() -> Double {
    let seconds = Double(series.metric.ledger.monotonic() &- start) / 1e9
    series.observe(seconds)
    return seconds
  }
}

extension Counter {
  /// Runs the body, and adds 1 when it has returned.
  ///
  /// - Parameter includingErrors: whether 1 is added also where the body throws. False by default.
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  public func countCalls<Result: ~Copyable, Failure: Error>(
    includingErrors: Bool = false,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(Failure) {
      let result = try body()
      increment()
      return result
    } catch {
      if includingErrors { increment() }
      throw error
    }
  }

  /// Runs the body, and adds 1 when it has returned. The body runs where the caller does.
  ///
  /// - Parameter includingErrors: whether 1 is added also where the body throws, which a cancelled one does too. False by
  ///   default.
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  @_disfavoredOverload
  public func countCalls<Result: ~Copyable, Failure: Error>(
    includingErrors: Bool = false,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      let result = try await body()
      increment()
      return result
    } catch {
      if includingErrors { increment() }
      throw error
    }
  }
}

extension Family where Handle == Counter {
  /// Runs the body. Where it throws, adds 1 to the series whose label `error_type` is the name of the error's type, such
  /// as `DecodingError`, and throws the error on. `CancellationError` is counted like any other.
  ///
  /// The metric has to declare the label `error_type`. As with any label, a type that it does not allow is refused and
  /// counted, or replaced by `otherwise:`. Neither keeps the error from being thrown.
  ///
  /// - Parameter labels: values for the metric's other labels.
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  public func countErrors<Result: ~Copyable, Failure: Error>(
    labels: [String: String] = [:],
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(Failure) {
      return try body()
    } catch {
      count(error, labels)
      throw error
    }
  }

  /// Runs the body. Where it throws, adds 1 as the synchronous `countErrors(labels:_:)` does, and throws the error on.
  /// The body runs where the caller does.
  ///
  /// - Parameter labels: values for the metric's other labels.
  /// - Returns: what the body returns.
  /// - Throws: what the body throws.
  @_disfavoredOverload
  public func countErrors<Result: ~Copyable, Failure: Error>(
    labels: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      return try await body()
    } catch {
      count(error, labels)
      throw error
    }
  }

  private func count(_ error: any Error, _ labels: [String: String]) {
    var labels = labels
    labels["error_type"] = "\(type(of: error))"
    with(labels)?.increment()
  }
}

/// One series of a stateset whose states are the cases of an enum: what accessors have that were generated from a catalog.
public struct TypedStateSet<State: RawRepresentable<String>>: Sendable {
  /// The series, for states as texts.
  public let untyped: StateSet

  /// Wraps a handle.
  public init(_ untyped: StateSet) { self.untyped = untyped }

  /// Makes one state the active one, in place of the one before.
  public func set(_ state: State) { untyped.set(state.rawValue) }
}
