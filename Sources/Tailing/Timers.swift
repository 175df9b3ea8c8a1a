/// The logs that are to be looked at without an event, by their deadlines: a heap. A deadline that moved to later is found
/// out when the earlier one is over, so that a log which changes all the time costs nothing here.
struct Timers {
  private var heap: [(due: Int64, log: FollowedLog)] = []

  /// No deadline is over before; a turn then may find that it has moved.
  var next: Int64 { heap.first?.due ?? .max }

  /// Takes note of the log's deadline.
  mutating func schedule(_ log: FollowedLog) {
    let due = log.deadline
    guard due < log.scheduledAt else { return }
    log.scheduledAt = due
    heap.append((due, log))
    var place = heap.count - 1
    while place > 0, heap[place].due < heap[(place - 1) / 2].due {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Calls `body` with each log whose deadline is over.
  mutating func take(until now: Int64, _ body: (FollowedLog) -> Void) {
    while let (due, log) = heap.first, due <= now {
      removeFirst()
      // An entry from before its deadline moved to earlier.
      guard log.scheduledAt == due else { continue }
      log.scheduledAt = .max
      if log.deadline <= now { body(log) } else { schedule(log) }
    }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].due < heap[least].due {
        least = child
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
