internal import MetricRegistry

/// The gauges and statesets that a log has set. Others may have set them since: whose they are `Series.feeder` says.
struct ShownSeries {
  private var all: [ObjectIdentifier: Series] = [:]
  /// Series that have ended are forgotten when there are so many.
  private var roomFor = 64

  mutating func note(_ series: Series) {
    all[ObjectIdentifier(series)] = series
    guard all.count > roomFor else { return }
    all = all.filter { !$0.value.isDropped }
    roomFor = 2 * all.count + 64
  }

  mutating func takeOver(_ other: ShownSeries) {
    for series in other.all.values { note(series) }
  }

  /// Forgets those that a log has set and does not say any more, and returns them.
  ///
  /// - Parameter said: those that it says.
  mutating func takeUnsaid(by feeder: Feeder, said: Set<ObjectIdentifier>) -> [Series] {
    let unsaid = all.filter { !said.contains($0.key) }
    for place in unsaid.keys { all[place] = nil }
    return unsaid.values.filter { $0.feeder === feeder && !$0.isDropped }
  }
}
