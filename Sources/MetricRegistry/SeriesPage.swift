import Synchronization

/// A run of a metric's series in the order of their first appearance, which scrapes read while the registry appends.
///
/// The registry writes only behind the count that a scrape was given under its lock, and never moves or removes an
/// entry: dropped series stay, marked, until the family gets new pages. So a scrape reads without the lock what is
/// written under it: hence `@unchecked`.
package final class SeriesPage: @unchecked Sendable {
  /// Bounds what an exposition renders anew when the last page has grown, and what a metric of few series costs.
  private static let capacityMax = 512
  private static let capacityMin = 4

  let capacity: Int
  private let start: UnsafeMutablePointer<Unmanaged<Series>>
  /// Guarded by the registry's lock.
  private(set) var count = 0
  /// Of its series, each of which belongs to this page alone. Guarded by the registry's lock.
  private(set) var changeMarks: [ChangeMark] = []
  /// What an exposition keeps of this page, opaque to the registry.
  package let cache = Mutex<(any AnyObject & Sendable)?>(nil)

  /// - Parameter needed: how many series there has to be room for.
  init(after previous: SeriesPage?, needed: Int = 0) {
    capacity = max(needed, min(Self.capacityMax, max(Self.capacityMin, 8 * (previous?.capacity ?? 0))))
    start = .allocate(capacity: capacity)
  }

  deinit {
    for position in 0..<count { start[position].release() }
    start.deallocate()
  }

  var isFull: Bool { count == capacity }
  var room: Int { capacity - count }
  /// For the next series that is made for this page.
  var changeMark: ChangeMark { changeMarks.last ?? ChangeMark() }

  func append(_ series: Series) {
    precondition(!isFull)
    (start + count).initialize(to: .passRetained(series))
    count += 1
    series.noteChange()
    if changeMarks.last !== series.changeMark { changeMarks.append(series.changeMark) }
  }

  /// The series at a position below the count that the snapshot gave.
  package func series(at position: Int) -> Series { start[position].takeUnretainedValue() }

  /// Whether a series of the page may have changed since it was last saved. Under the registry's lock.
  func takeUnsaved() -> Bool {
    var hasChanged = false
    for mark in changeMarks where mark.take(.saving) { hasChanged = true }
    return hasChanged
  }

  /// The values of all counters, gauges, infos or statesets of the page, `Series.noValueBits` for what is not exposed.
  package func readBits(into bits: UnsafeMutableBufferPointer<UInt64>) {
    for position in bits.indices {
      bits[position] = start[position]._withUnsafeGuaranteedRef { series in
        series.isDropped ? Series.noValueBits : series.exposedBits
      }
    }
  }
}

/// A metric's series as a scrape sees them.
package struct FamilySnapshot: Sendable {
  package let metric: Metric
  package let pages: [PageSnapshot]
}

/// A page with how many of its entries there were.
package struct PageSnapshot: Sendable {
  package let page: SeriesPage
  package let count: Int
  fileprivate let changeMarks: [ChangeMark]

  init(_ page: SeriesPage) {
    self.page = page
    count = page.count
    changeMarks = page.changeMarks
  }

  package func series(at position: Int) -> Series { page.series(at: position) }

  /// Whether a series of the page may have changed since the last call. Updates that came before the call are seen by
  /// whoever reads values after it. Call it under `page.cache`'s lock: it answers once.
  package func takeChange() -> Bool {
    var hasChanged = false
    for mark in changeMarks where mark.take(.exposition) { hasChanged = true }
    return hasChanged
  }
}

/// Whether a series of a page has changed since each of those who look at it last asked. One store for an update,
/// whatever the number of threads.
final class ChangeMark: Sendable {
  enum Reader: UInt8 {
    case exposition = 1
    case saving = 2
  }

  private static let everybody: UInt8 = 3

  /// Who has not seen the last change yet.
  private let unseen = Atomic<UInt8>(everybody)

  /// Never looks first whether it is set: that look could be older than the value just stored.
  @inline(__always)
  func set() { unseen.store(Self.everybody, ordering: .releasing) }

  func take(_ reader: Reader) -> Bool {
    let before = unseen.bitwiseAnd(~reader.rawValue, ordering: .acquiringAndReleasing).oldValue
    return before & reader.rawValue != 0
  }
}
