/// The state of a run. It is worked out when it is asked for: most of the states come with time alone.
extension RunHealth {
  /// Below, nothing new is no reason to worry.
  static let stallLimitMin = 60 * Nanoseconds.perSecond
  /// How many times as long as nearly all of its intervals nothing may come.
  static let stallFactor = 3.0
  /// How many of its intervals are not longer: a validation every twenty rows counts, a single pause does not.
  static let stallQuantile = 0.95
  /// What a process wrote last is read in this time after its end: nanoseconds.
  static let lastRowsMax = 10 * Nanoseconds.perSecond

  /// How long nothing may follow a traceback until it counts as the end: nanoseconds.
  static let tracebackRestMin = 10 * Nanoseconds.perSecond

  /// For how long nothing new may come before the run counts as stalled: nanoseconds, at least 60 s.
  package var stallLimit: Int64 {
    let seconds = intervals.quantile(Self.stallQuantile) ?? 0
    return max(Self.stallLimitMin, Nanoseconds.clamped(seconds: seconds * Self.stallFactor) ?? Self.stallLimitMin)
  }

  /// - Parameter now: nanoseconds since 1970.
  package func state(at now: Int64) -> RunState {
    let byFile = endByFile?.state
    if isMarkedFailed || hasFailedWithTraceback(at: now) || byFile == .failed { return .failed }
    if isMarkedFinished || byFile == .finished || steps.hasReachedPlan || epochs.hasReachedPlan { return .finished }
    let unmarked = unmarkedState(at: now)
    switch unmarked {
    case .stalled, .killed, .vanished:
      return steps.mayHaveReachedPlan || epochs.mayHaveReachedPlan ? .finished : unmarked
    case .starting, .running, .finished, .failed:
      return unmarked
    }
  }

  /// Whoever caught what was traced goes on.
  private func hasFailedWithTraceback(at now: Int64) -> Bool {
    tracedAt > 0 && Nanoseconds.elapsed(from: tracedAt, to: now) >= Self.tracebackRestMin
  }

  private func unmarkedState(at now: Int64) -> RunState {
    if files.goneSince != nil { return .vanished }
    if let gone = processes.goneSince, Nanoseconds.elapsed(from: gone, to: now) >= Self.lastRowsMax { return .killed }
    guard lastRecord != nil else { return .starting }
    // Who comes back needs as long for the first record as others for their next.
    let news = max(heard, marks.withdrawn ?? 0, processes.isThere ? returned : 0)
    let quiet = Nanoseconds.elapsed(from: news, to: now)
    return quiet > stallLimit ? .stalled : .running
  }

  /// When it ended: nanoseconds since 1970. nil: it has not.
  package func end(at now: Int64) -> Int64? {
    let state = state(at: now)
    switch state {
    case .finished, .failed:
      if let byFile = endByFile, byFile.state == state { return max(byFile.time, lastRecord ?? byFile.time) }
      // Many fail before they have a record.
      return lastRecord ?? (isMarkedFinished || isMarkedFailed ? finishedAt : tracedAt)
    case .killed: return processes.goneSince
    case .vanished: return files.goneSince
    case .starting, .running, .stalled: return nil
    }
  }

  /// Whether nothing is left of it, and has not been for this long (nanoseconds): no files, no processes, no records.
  package func isForgettable(at now: Int64, after retention: Int64) -> Bool {
    if files.isThere || processes.isThere { return false }
    let last = max(heard, files.goneSince ?? 0, processes.goneSince ?? 0)
    return Nanoseconds.elapsed(from: last, to: now) > retention
  }
}
