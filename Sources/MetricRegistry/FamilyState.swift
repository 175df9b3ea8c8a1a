/// The series of one metric that there are. Guarded by the registry's lock.
struct FamilyState {
  var index = SeriesIndex()
  private(set) var pages: [SeriesPage] = []
  var liveCount = 0
  /// Dropped series that are still in the pages.
  var deadCount = 0

  /// A further series, at the end. It is not in the index yet.
  mutating func append(_ metric: Metric, _ values: [LabelValue], isProvisional: Bool = false) -> Series {
    let block = openBlock(metric, isProvisional: isProvisional)
    let series = block.append(values)
    pages.last?.append(series)
    liveCount += 1
    return series
  }

  /// Where the next series goes: a block of the last page.
  private mutating func openBlock(_ metric: Metric, isProvisional: Bool) -> SeriesBlock {
    let last = pages.last?.runs.last?.block
    if let last, !last.isFull { return last }
    let block = SeriesBlock(metric: metric, after: last, isProvisional: isProvisional)
    index.add(block)
    if pages.last?.hasRoom(for: block.capacity) != true { pages.append(SeriesPage()) }
    return block
  }

  /// Leaves the dropped series behind. What is left of a block stays together.
  mutating func compact() {
    let old = pages
    pages = []
    deadCount = 0
    for run in old.lazy.flatMap(\.runs) {
      guard let live = run.live else {
        index.remove(run.block)
        continue
      }
      live.block.forgetEndedLabels()
      // A block that is still open may grow to its capacity.
      if pages.last?.hasRoom(for: live.count) != true { pages.append(SeriesPage()) }
      pages.last?.append(live)
    }
  }
}
