/// Counts by bucket index, only of buckets in use. Never knows their schema: its owner does.
struct NativeBuckets {
  /// Ascending.
  private(set) var indices: [Int32] = []
  private(set) var counts: [UInt64] = []

  var count: Int { indices.count }
  /// What all of them hold.
  var total: UInt64 { counts.reduce(0, &+) }

  mutating func add(_ index: Int, count: UInt64 = 1) {
    let place = place(of: index)
    if place < indices.count, Int(indices[place]) == index {
      counts[place] &+= count
    } else {
      indices.insert(Int32(truncatingIfNeeded: index), at: place)
      counts.insert(count, at: place)
    }
  }

  /// Takes away what others hold.
  ///
  /// - Returns: false where one has less.
  mutating func subtract(_ others: NativeBuckets) -> Bool {
    var (kept, other) = (0, 0)
    for place in indices.indices {
      var count = counts[place]
      if other < others.count, others.indices[other] <= indices[place] {
        guard others.indices[other] == indices[place], others.counts[other] <= count else { return false }
        count -= others.counts[other]
        other += 1
      }
      if count == 0 { continue }
      indices[kept] = indices[place]
      counts[kept] = count
      kept += 1
    }
    indices.removeSubrange(kept...)
    counts.removeSubrange(kept...)
    return other == others.count
  }

  /// Where a bucket is, or would be.
  @inline(__always)
  private func place(of index: Int) -> Int {
    var low = 0
    var high = indices.count
    while low < high {
      let middle = (low + high) / 2
      if Int(indices[middle]) < index { low = middle + 1 } else { high = middle }
    }
    return low
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

  /// nil: the schema does not have one of these buckets, or one is there twice.
  init?(_ buckets: [(index: Int32, count: UInt64)], schema: Int) {
    guard NativeSchema.range.contains(schema) else { return nil }
    let indexMax = NativeSchema.indexMax >> (NativeSchema.range.upperBound - schema)
    indices.reserveCapacity(buckets.count)
    counts.reserveCapacity(buckets.count)
    for (index, count) in buckets where count > 0 {
      guard abs(Int(index)) <= indexMax else { return nil }
      // Mostly they come in their order.
      let place = indices.last.map { $0 < index } ?? true ? indices.count : place(of: Int(index))
      if place < indices.count, indices[place] == index { return nil }
      indices.insert(index, at: place)
      counts.insert(count, at: place)
    }
  }
}
