internal import MetricRegistry

/// The gauges and statesets that a log has set, each with what fed it then: another log may have set it since.
struct ShownSeries {
  private var all: [Series: Feeder] = [:]
  /// Series that have ended are forgotten when there are so many.
  private var roomFor = 64

  mutating func note(_ series: Series, by feeder: Feeder) {
    all[series] = feeder
    guard all.count > roomFor else { return }
    all = all.filter { !$0.key.isDropped }
    roomFor = 2 * all.count + 64
  }

  mutating func takeOver(_ other: ShownSeries) {
    for (series, feeder) in other.all { note(series, by: feeder) }
  }

  /// Forgets what a document of the log has set, which is another log from now on.
  mutating func forget(by feeder: Feeder) {
    all = all.filter { $0.value !== feeder }
  }

  /// Forgets those that the log does not say any more, and returns those of them that no other log has set since.
  ///
  /// - Parameter said: those that it says.
  mutating func takeUnsaid(said: Set<Series>) -> [Series] {
    let unsaid = all.filter { !said.contains($0.key) }
    for series in unsaid.keys { all[series] = nil }
    return unsaid.filter { $0.key.feeder === $0.value && !$0.key.isDropped }.map(\.key)
  }
}
