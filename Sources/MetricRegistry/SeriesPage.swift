import Synchronization

/// A run of a metric's series in the order of their first appearance, which scrapes read while the registry appends.
///
/// The registry writes only behind the count that a scrape was given under its lock, and never moves or removes an
/// entry: dropped series stay, marked, until the family gets new pages.
package final class SeriesPage: @unchecked Sendable {
  /// Bounds what an exposition renders anew when the last page has grown, and what a metric of few series costs.
  private static let capacityMax = 512
  private static let capacityMin = 4

  private let capacity: Int
  private let start: UnsafeMutablePointer<Unmanaged<Series>>
  /// Guarded by the registry's lock.
  private(set) var count = 0
  /// What an exposition keeps of this page, opaque to the registry: label texts change only with the page.
  package let cache = Mutex<(any AnyObject & Sendable)?>(nil)

  init(after previous: SeriesPage?) {
    capacity = min(Self.capacityMax, max(Self.capacityMin, 8 * (previous?.capacity ?? 0)))
    start = .allocate(capacity: capacity)
  }

  deinit {
    for position in 0..<count { start[position].release() }
    start.deallocate()
  }

  var isFull: Bool { count == capacity }

  func append(_ series: Series) {
    precondition(!isFull)
    (start + count).initialize(to: .passRetained(series))
    count += 1
  }

  /// The series at a position below the count that the snapshot gave.
  package func series(at position: Int) -> Series { start[position].takeUnretainedValue() }

  /// The values of all counters, gauges, infos or statesets of the page, `Series.noValueBits` for what is not exposed.
  package func readBits(into bits: UnsafeMutableBufferPointer<UInt64>) {
    for position in bits.indices {
      bits[position] = start[position]._withUnsafeGuaranteedRef { series in
        series.isDropped ? Series.noValueBits : series.bits.load(ordering: .relaxed)
      }
    }
  }
}

/// A metric's series as a scrape sees them.
package struct FamilySnapshot: Sendable {
  package let metric: Metric
  /// Each page with how many of its entries there were.
  package let pages: [(page: SeriesPage, count: Int)]
}
