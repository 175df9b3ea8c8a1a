package import Clocks
internal import MetricCatalog
internal import MetricRegistry

/// Ends series whose logs have not changed for as long as `expire_after` says: the metric's own, else that of the
/// watcher that fed the series last. It goes by the monotonic clock, and never looks at files.
package final class Expiry {
  let clock: () -> Moment
  private let registry: Registry
  /// What the metrics say themselves; by position.
  private let ofMetrics: [Duration?]
  /// The metrics that may have series which end.
  private let expiring: [Int]
  /// After so long without a change all series of a watcher's logs have ended; nil: some never do.
  private let longest: [Duration?]
  private var now: Int64 = .min

  /// Whether the logs are read that were there at the start: nothing has been swept yet.
  var isStarting: Bool { now == .min }

  /// Between two sweeps, however many series end one after the other.
  private static let pauseMin: Int64 = 100_000_000

  init(catalog: Catalog, fed: [[Bool]], registry: Registry, clock: @escaping () -> Moment) {
    self.clock = clock
    self.registry = registry
    ofMetrics = catalog.metrics.map(\.expireAfter)
    expiring = catalog.metrics.indices.filter { metric in
      catalog.metrics[metric].expireAfter != nil
        || zip(catalog.watchers, fed).contains { $0.expireAfter != nil && $1[metric] }
    }
    longest = zip(catalog.watchers, fed).map { watcher, fed in
      let all = catalog.metrics.indices.filter { fed[$0] }
        .map { catalog.metrics[$0].expireAfter ?? watcher.expireAfter }
      return all.contains { $0 == nil } ? nil : all.compactMap { $0 }.max()
    }
  }

  /// Ends what has to end.
  ///
  /// - Returns: when to look again, in nanoseconds of the monotonic clock.
  package func sweep(_ moment: Moment) -> Int64 {
    now = moment.monotonic
    var next = Int64.max
    for metric in expiring {
      let earliest = registry.expire(metric: metric, now: now) { series in
        guard let feeder = series.feeder, let after = ofMetrics[metric] ?? feeder.expireAfter else { return nil }
        return Self.end(of: feeder, after)
      }
      if let earliest { next = min(next, earliest) }
    }
    return next == .max ? .max : max(next, now &+ Self.pauseMin)
  }

  /// Whether all series that a log of this watcher fed have ended.
  func isOver(_ feeder: Feeder, watcher: Int) -> Bool {
    longest[watcher].map { Self.end(of: feeder, $0) <= now } ?? false
  }

  private static func end(of feeder: Feeder, _ after: Duration) -> Int64 {
    let (end, overflow) = feeder.lastChange.addingReportingOverflow(after.wholeNanoseconds)
    return overflow ? .max : end
  }
}
