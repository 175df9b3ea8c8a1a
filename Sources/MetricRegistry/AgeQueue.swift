/// Label values by their ages: a binary heap whose ages may lag behind the values' own, which only grow, so that using a
/// value never touches the heap. Never decides what is evicted.
struct AgeQueue {
  private var heap: [(age: LabelAge, value: LabelValue)] = []

  var count: Int { heap.count }

  mutating func insert(_ value: LabelValue, age: LabelAge) {
    heap.append((age, value))
    var child = heap.count - 1
    while child > 0, heap[child].age < heap[(child - 1) / 2].age {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The value used longest ago. Values that are no longer live leave the queue on the way.
  mutating func oldest(isLive: (LabelValue) -> Bool) -> LabelValue? {
    while let top = heap.first {
      let age = top.value.age
      if !isLive(top.value) {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
      } else if age > top.age {
        heap[0].age = age
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
      if child + 1 < heap.count, heap[child + 1].age < heap[child].age { child += 1 }
      if heap[parent].age <= heap[child].age { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }
}
