import Runs

/// What is seen of a run, one thing after the other. Times are in seconds since its beginning, which is some time after
/// 1970.
struct Story {
  static let beginning: Int64 = 1_700_000_000

  var health = RunHealth()
  var now = 0.0

  static func nanoseconds(_ seconds: Double) -> Int64 { beginning * 1_000_000_000 + Int64(seconds * 1e9) }
  static func seconds(_ nanoseconds: Int64?) -> Double? {
    nanoseconds.map { Double($0 - beginning * 1_000_000_000) / 1e9 }
  }

  var state: RunState { health.state(at: Self.nanoseconds(now)) }
  var end: Double? { Self.seconds(health.end(at: Self.nanoseconds(now))) }
  var expectedEnd: Double? { Self.seconds(health.expectedEnd(at: Self.nanoseconds(now))) }

  /// A report of what was written so many seconds ago.
  mutating func take(ago: Double = 0, _ change: (inout RunReport) -> Void = { _ in }) {
    var report = RunReport(time: Self.nanoseconds(now - ago))
    change(&report)
    health.take(report, at: Self.nanoseconds(now))
  }

  mutating func files(_ count: Int) { health.filesChanged(count: count, at: Self.nanoseconds(now)) }
  /// A look at marks of its end, which were written at these times.
  mutating func marks(finished: Double? = nil, failed: Double? = nil) {
    health.saw(
      finished: finished.map(Self.nanoseconds),
      failed: failed.map(Self.nanoseconds),
      at: Self.nanoseconds(now)
    )
  }

  mutating func processes(_ count: Int) { health.saw(processes: count, at: Self.nanoseconds(now)) }
}
