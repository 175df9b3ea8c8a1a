import Synchronization

/// A summary's exact sum and count, and its last observations for the quantiles. Sorting is outside of its lock.
final class SummaryCell: Sendable {
  private struct State {
    var sum = 0.0
    var count: UInt64 = 0
    /// A ring once it has `window` entries; grows up to there as observations come.
    var recent: [Double] = []
    var next = 0
  }

  let origin: SeriesOrigin
  /// How many observations the quantiles cover; 0: there are no quantiles.
  private let window: Int
  private let state = Mutex(State())

  init(window: Int, created: Int64) {
    origin = SeriesOrigin(created: created)
    self.window = window
  }

  func observe(_ value: Double) {
    state.withLock { state in
      state.sum = state.sum.addingWithinRange(value)
      state.count &+= 1
      if state.recent.count < window {
        state.recent.append(value)
      } else if window > 0 {
        state.recent[state.next] = value
        state.next = state.next + 1 == window ? 0 : state.next + 1
      }
    }
  }

  func add(count: UInt64, sum: Double) {
    state.withLock { state in
      state.sum = state.sum.addingWithinRange(sum)
      state.count &+= count
    }
  }

  /// What was observed so far: sum, count, and the last observations, oldest first.
  var contents: (sum: Double, count: UInt64, recent: [Double]) {
    state.withLock { state in
      (state.sum, state.count, Array(state.recent[state.next...] + state.recent[..<state.next]))
    }
  }

  /// Takes on what another cell of this metric had.
  func restore(sum: Double, count: UInt64, recent: [Double]) {
    state.withLock { state in
      state.sum = sum
      state.count = count
      state.recent = Array(recent.suffix(window))
      state.next = 0
    }
  }

  /// Quantiles by nearest rank.
  func read(quantiles: [Double]) -> (sum: Double, count: UInt64, quantiles: [Double]) {
    let (sum, count, recent) = state.withLock { state in
      // A real copy: sharing the storage would make the next observer copy it.
      (state.sum, state.count, state.recent.map { $0 })
    }
    guard !recent.isEmpty else { return (sum, count, quantiles.map { _ in .nan }) }
    let sorted = recent.sorted()
    let values = quantiles.map { quantile in
      // A rounding error must not turn rank 900 of 1000 into 901.
      let rank = (quantile * Double(sorted.count) - 1e-9).rounded(.up)
      return sorted[Int(min(max(rank, 1), Double(sorted.count))) - 1]
    }
    return (sum, count, values)
  }
}
