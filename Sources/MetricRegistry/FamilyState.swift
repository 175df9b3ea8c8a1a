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
    let capacity = SeriesBlock.capacity(after: last)
    let page = pageWithRoom(for: capacity)
    let block = SeriesBlock(metric: metric, capacity: capacity, pageMark: page.mark, isProvisional: isProvisional)
    index.add(block)
    return block
  }

  private mutating func pageWithRoom(for further: Int) -> SeriesPage {
    if let last = pages.last, last.hasRoom(for: further) { return last }
    let page = SeriesPage()
    pages.append(page)
    return page
  }

  /// Leaves the dropped series behind. What is left of a page stays together: a mark belongs to one page.
  mutating func compact() {
    let old = pages
    pages = []
    deadCount = 0
    for page in old {
      var live: [SeriesRun] = []
      for run in page.runs {
        guard let left = run.live else {
          index.remove(run.block)
          continue
        }
        left.block.forgetEndedLabels()
        live.append(left)
      }
      if live.isEmpty { continue }
      let page = pageWithRoom(for: live.reduce(0) { $0 + $1.count })
      for run in live { page.append(run) }
    }
  }
}
