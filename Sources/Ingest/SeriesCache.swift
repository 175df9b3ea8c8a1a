internal import Budgets
internal import MetricRegistry

/// Handles of series whose labels come from records, by what the records said: kept for speed alone, and forgotten where
/// there is no room. It never holds a series alive that the registry has dropped for longer than until it is asked for.
struct SeriesCache {
  /// Beyond, they are looked up anew.
  private static let entriesMax = 4096
  /// What an entry costs beside its key's text.
  private static let bytesPerEntry = 100

  private var series: [RunningTotals.TotalKey: Series] = [:]
  private var share: CopiedShare

  init(budget: MemoryBudget) {
    share = CopiedShare(of: budget)
  }

  subscript(key: RunningTotals.TotalKey) -> Series? { series[key] }

  mutating func keep(_ one: Series, for key: RunningTotals.TotalKey) {
    let bytes = Self.bytesPerEntry + key.labels.utf8.count
    if series.count >= Self.entriesMax || !share.grow(by: bytes) {
      removeAll()
      guard share.grow(by: bytes) else { return }
    }
    series[key] = one
  }

  mutating func removeAll() {
    series = [:]
    share.removeAll()
  }
}
