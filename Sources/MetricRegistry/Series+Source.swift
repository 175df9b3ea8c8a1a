/// What logs say of a series. All of this belongs to the thread that feeds series from logs.
struct SeriesSource {
  var feeder: Feeder?
  var saidAt = Int64.min
  var logCount = 0
  var provisionalFeeder: Feeder?
}

/// Blocks of series that no log feeds have none of it.
extension Series {
  /// What fed it last; nil: an application.
  package var feeder: Feeder? {
    get { block.sources?[position].feeder }
    nonmutating set {
      if newValue === feeder { return }
      change { $0.feeder = newValue }
      noteChange()
    }
  }

  /// Whether this log fed it last. It is asked for each sample, and so counts no references, as reading `feeder` does.
  package func isFed(by log: ObjectIdentifier) -> Bool {
    block.sources?[position].feeder.map { ObjectIdentifier($0) == log } ?? false
  }

  /// When that log was written, in nanoseconds since 1970, as it said what a gauge or a stateset has; or when a process
  /// said it, also of an info; `.min`: nobody knows.
  /// The log may have changed since without a word of it.
  package var saidAt: Int64 { block.sources?[position].saidAt ?? .min }

  /// How many logs show it, of an info: one must not take away what another still shows.
  package var logCount: Int {
    get { block.sources?[position].logCount ?? 0 }
    nonmutating set { change { $0.logCount = newValue } }
  }

  /// Whose last line without its end says what is shown for the time being.
  package internal(set) var provisionalFeeder: Feeder? {
    get { block.sources?[position].provisionalFeeder }
    nonmutating set { change { $0.provisionalFeeder = newValue } }
  }

  private func change(_ change: (inout SeriesSource) -> Void) {
    change(&(block.sources ?? block.makeSources())[position])
  }

  /// Whether another log has said what the series has later than `log` changed: by modification time, then by name.
  ///
  /// - Parameter now: the wall clock: a time that is still to come is of a clock that was wrong; nil: it counts as well.
  package func isSaid(after log: Feeder, now: Int64?) -> Bool {
    guard let feeder, feeder !== log, saidAt > .min, saidAt <= now ?? .max else { return false }
    return (saidAt, feeder.name) > (log.modified, log.name)
  }

  /// Notes who says what the series has from now on.
  package func said(by log: Feeder) { said(by: log, at: log.modified) }

  /// - Parameter time: in nanoseconds since 1970.
  package func said(by log: Feeder?, at time: Int64) {
    if feeder !== log { feeder = log }
    if time != saidAt { change { $0.saidAt = time } }
  }
}
