/// Counts by bucket index, only of buckets in use. Never knows their schema: its owner does.
struct NativeBuckets {
  /// Ascending.
  private(set) var indices: [Int32] = []
  private(set) var counts: [UInt64] = []

  var count: Int { indices.count }

  mutating func add(_ index: Int) {
    var low = 0
    var high = indices.count
    while low < high {
      let middle = (low + high) / 2
      if Int(indices[middle]) < index { low = middle + 1 } else { high = middle }
    }
    if low < indices.count, Int(indices[low]) == index {
      counts[low] &+= 1
    } else {
      indices.insert(Int32(truncatingIfNeeded: index), at: low)
      counts.insert(1, at: low)
    }
  }

  /// Makes two buckets of the schema one of the next coarser.
  mutating func halve() {
    var kept = 0
    for place in indices.indices {
      let index = Int32(truncatingIfNeeded: NativeSchema.coarser(Int(indices[place]), by: 1))
      if kept > 0, indices[kept - 1] == index {
        counts[kept - 1] &+= counts[place]
      } else {
        indices[kept] = index
        counts[kept] = counts[place]
        kept += 1
      }
    }
    indices.removeSubrange(kept...)
    counts.removeSubrange(kept...)
  }

  var all: [(index: Int, count: UInt64)] { zip(indices, counts).map { (Int($0), $1) } }

  init() {}

  /// nil: these are not buckets in ascending order with something in each.
  init?(indices: [Int32], counts: [UInt64]) {
    guard indices.count == counts.count, zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }),
      indices.allSatisfy({ abs(Int($0)) <= NativeSchema.indexMax }), !counts.contains(0)
    else { return nil }
    self.indices = indices
    self.counts = counts
  }
}
