/// The last so many numbers, with their quantiles. Adding one takes a search and two moves of memory; numbers that are not
/// finite are left out.
package struct SortedWindow: Sendable {
  package let capacity: Int
  /// In the order in which they came; once there are `capacity`, the oldest is at `oldest`.
  private var arrived: [Double] = []
  private var oldest = 0
  private var sorted: [Double] = []
  /// How many numbers ever came, and how often all were removed: what of them was saved is known by that.
  private(set) var arrivals = 0
  private(set) var removals = 0

  /// - Parameter capacity: at least 1.
  package init(capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
  }

  package var count: Int { sorted.count }
  package var isEmpty: Bool { sorted.isEmpty }

  package mutating func insert(_ number: Double) {
    guard number.isFinite else { return }
    arrivals &+= 1
    if arrived.count < capacity {
      arrived.append(number)
    } else {
      sorted.remove(at: place(of: arrived[oldest]))
      arrived[oldest] = number
      oldest = (oldest + 1) % capacity
    }
    sorted.insert(number, at: place(of: number))
  }

  package mutating func removeAll() {
    arrived = []
    sorted = []
    oldest = 0
    removals &+= 1
  }

  /// Between two numbers, by how near it is to each. nil: there are none.
  ///
  /// - Parameter fraction: 0 for the smallest, 0.5 for the median, 1 for the largest.
  package func quantile(_ fraction: Double) -> Double? {
    guard let last = sorted.indices.last else { return nil }
    let position = min(max(fraction, 0), 1) * Double(last)
    guard let below = Int(exactly: position.rounded(.down)), below < last else { return sorted[last] }
    let share = position - Double(below)
    return sorted[below] * (1 - share) + sorted[below + 1] * share
  }

  /// The numbers in the order in which they came.
  package var numbers: [Double] { Array(arrived[oldest...] + arrived[..<oldest]) }

  /// Has these numbers alone, of more than fit the last.
  package mutating func refill(_ numbers: [Double]) {
    removeAll()
    for number in numbers.suffix(capacity) { insert(number) }
  }

  /// Of the first that is not smaller.
  private func place(of number: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
