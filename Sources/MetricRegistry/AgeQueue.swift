/// Label values by the time of their last use: a binary heap whose ticks may lag behind the values' own, which only
/// grow, so that using a value never touches the heap. Never decides what is evicted.
struct AgeQueue {
  private var heap: [(tick: UInt64, value: LabelValue)] = []

  var count: Int { heap.count }

  mutating func insert(_ value: LabelValue, tick: UInt64) {
    heap.append((tick, value))
    var child = heap.count - 1
    while child > 0, heap[child].tick < heap[(child - 1) / 2].tick {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The value used longest ago. Values that are no longer live leave the queue on the way.
  mutating func oldest(isLive: (LabelValue) -> Bool) -> LabelValue? {
    while let top = heap.first {
      let tick = top.value.lastUse.load(ordering: .relaxed)
      if !isLive(top.value) {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
      } else if tick > top.tick {
        heap[0].tick = tick
      } else {
        return top.value
      }
      sink(0)
    }
    return nil
  }

  mutating func removeAll(where isGone: (LabelValue) -> Bool) {
    heap.removeAll { isGone($0.value) }
    for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while 2 * parent + 1 < heap.count {
      var child = 2 * parent + 1
      if child + 1 < heap.count, heap[child + 1].tick < heap[child].tick { child += 1 }
      if heap[parent].tick <= heap[child].tick { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }
}
