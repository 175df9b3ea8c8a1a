internal import MetricRegistry

/// The gauges and statesets that a log has set, each with what fed it then: another log may have set it since.
struct ShownSeries {
  private var all: [ObjectIdentifier: (series: Series, feeder: Feeder)] = [:]
  /// Series that have ended are forgotten when there are so many.
  private var roomFor = 64

  mutating func note(_ series: Series, by feeder: Feeder) {
    all[ObjectIdentifier(series)] = (series, feeder)
    guard all.count > roomFor else { return }
    all = all.filter { !$0.value.series.isDropped }
    roomFor = 2 * all.count + 64
  }

  mutating func takeOver(_ other: ShownSeries) {
    for (series, feeder) in other.all.values { note(series, by: feeder) }
  }

  /// Forgets what a document of the log has set, which is another log from now on.
  mutating func forget(by feeder: Feeder) {
    all = all.filter { $0.value.feeder !== feeder }
  }

  /// Forgets those that the log does not say any more, and returns those of them that no other log has set since.
  ///
  /// - Parameter said: those that it says.
  mutating func takeUnsaid(said: Set<ObjectIdentifier>) -> [Series] {
    let unsaid = all.filter { !said.contains($0.key) }
    for place in unsaid.keys { all[place] = nil }
    return unsaid.values.filter { $0.series.feeder === $0.feeder && !$0.series.isDropped }.map(\.series)
  }
}
