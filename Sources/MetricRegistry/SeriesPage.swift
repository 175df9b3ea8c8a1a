import Synchronization

/// A run of a metric's series in the order of their first appearance: what an exposition renders as one piece.
///
/// Its blocks are guarded by the registry's lock; a scrape is given a `PageSnapshot` of them. Hence `@unchecked`.
package final class SeriesPage: @unchecked Sendable {
  /// Bounds what an exposition renders anew when a series has changed. Each page costs a rendering and the server some
  /// hundred nanoseconds, changed or not.
  static let countMax = 1024

  private(set) var runs: [SeriesRun] = []
  private(set) var count = 0
  /// Of the blocks, each of which belongs to this page alone.
  private(set) var marks: [PageMark] = []
  /// What an exposition keeps of this page, opaque to the registry.
  package let cache = Mutex<(any AnyObject & Sendable)?>(nil)

  /// Whether so many series more have room.
  func hasRoom(for further: Int) -> Bool { count + further <= Self.countMax }

  /// For the next block that is made for this page.
  var mark: PageMark { marks.last ?? PageMark() }

  func append(_ run: SeriesRun) {
    runs.append(run)
    count += run.count
    if marks.last !== run.block.pageMark { marks.append(run.block.pageMark) }
  }

  /// Appends a series that was just made.
  func append(_ series: Series) {
    if runs.last?.block !== series.block { append(SeriesRun(series.block)) }
    runs[runs.count - 1].members.insert(series.position)
    count += 1
  }
}

/// Those series of a block that a page shows.
struct SeriesRun: Sendable {
  let block: SeriesBlock
  var members = PositionSet()

  init(_ block: SeriesBlock) { self.block = block }

  var count: Int { members.count }

  /// The same without what has ended by now; nil: nothing is left.
  var live: SeriesRun? {
    var run = self
    run.members.subtract(block.ended)
    return run.members.isEmpty ? nil : run
  }

  /// The series in their order.
  var series: some Sequence<Series> {
    members.lazy.map { [block] in Series(block: block, position: $0) }
  }
}

/// A metric's series as a scrape sees them.
package struct FamilySnapshot: Sendable {
  package let metric: Metric
  package let pages: [PageSnapshot]
}

/// A page with the series that it had.
package struct PageSnapshot: Sendable {
  package let page: SeriesPage
  package let content: PageContent
  private let marks: [PageMark]

  init(_ page: SeriesPage) {
    self.page = page
    marks = page.marks
    content = PageContent(runs: page.runs, count: page.count)
  }

  package var count: Int { content.count }

  package func series(at position: Int) -> Series { content.series(at: position) }

  /// Whether a series of the page may have changed since the last call. Updates that came before the call are seen by
  /// whoever reads values after it. Call it under `page.cache`'s lock: it answers once.
  package func takeChange() -> Bool {
    var hasChanged = false
    for mark in marks where mark.change.take() { hasChanged = true }
    return hasChanged
  }
}

/// What was in a page at a moment. Of two moments, the later one's begins with the series of the other.
package struct PageContent: Sendable {
  let runs: [SeriesRun]
  package let count: Int

  /// Calls `body` with each series and its position, also with such as have ended since.
  package func forEachSeries(_ body: (_ position: Int, Series) -> Void) {
    var position = 0
    for run in runs {
      for series in run.series {
        body(position, series)
        position += 1
      }
    }
  }

  /// - Precondition: `position` is below `count`.
  package func series(at position: Int) -> Series {
    var rest = position
    for run in runs {
      if rest < run.count { return Series(block: run.block, position: run.members.member(at: rest)) }
      rest -= run.count
    }
    preconditionFailure("no such series")
  }

  /// The bits of what all counters, gauges, infos or statesets of the page show, `Series.noValueBits` for what is not
  /// exposed.
  ///
  /// - Parameter bits: room for `count`.
  package func readBits(into bits: UnsafeMutableBufferPointer<UInt64>) {
    var next = 0
    for run in runs {
      run.block.readBits(of: run.members, into: UnsafeMutableBufferPointer(rebasing: bits[next..<next + run.count]))
      next += run.count
    }
  }
}
