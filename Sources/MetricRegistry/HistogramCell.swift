import Glibc
import Synchronization

/// A histogram's buckets, sum and count, which agree in every reading. Observers never wait, for each other or for a
/// scrape; readers wait for each other and for the observations in flight.
///
/// There are two sets of counts. Observers announce themselves in one word, which also says which set is hot. A
/// reader flips it, waits until the cold set has all that was announced, reads it, and adds it to the hot one.
final class HistogramCell: Sendable {
  /// In the announcing word: the hot set's index. The bits below count observations announced.
  private static let hotBit: UInt64 = 1 << 63

  let origin: SeriesOrigin
  /// Buckets with `+Inf`.
  let bucketCount: Int
  /// Shares its storage with the metric's descriptor.
  private let bounds: [Double]
  /// The announcing word, then two sets of: buckets (not cumulative), the sum's bits, the observations completed.
  /// Atomics all, and never moved: hence `nonisolated(unsafe)`.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let reader = Mutex<Void>(())

  init(bounds: [Double], created: Int64) {
    origin = SeriesOrigin(created: created)
    bucketCount = bounds.count + 1
    self.bounds = bounds
    let wordCount = 1 + 2 * (bucketCount + 2)
    words = .allocate(capacity: wordCount)
    for word in 0..<wordCount { (words + word).initialize(to: Atomic(0)) }
  }

  deinit {
    words.deinitialize(count: 1 + 2 * (bucketCount + 2))
    words.deallocate()
  }

  func observe(_ value: Double) {
    let bucket = bounds.classicBucket(of: value)
    let set = announce(1)
    words[set + bucket].wrappingAdd(1, ordering: .relaxed)
    add(value, toSumAt: set + bucketCount)
    words[set + bucketCount + 1].wrappingAdd(1, ordering: .releasing)
  }

  func add(bucketCounts: [UInt64], sum: Double) {
    precondition(bucketCounts.count == bucketCount, "a count for each bucket, +Inf included")
    let total = bucketCounts.reduce(0, &+)
    let set = announce(total)
    for (bucket, count) in bucketCounts.enumerated() where count != 0 {
      words[set + bucket].wrappingAdd(count, ordering: .relaxed)
    }
    add(sum, toSumAt: set + bucketCount)
    words[set + bucketCount + 1].wrappingAdd(total, ordering: .releasing)
  }

  /// Takes on what another cell of this metric had; false: it has counted already.
  func restore(bucketCounts: [UInt64], sum: Double) -> Bool {
    guard words[0].load(ordering: .relaxed) & ~Self.hotBit == 0 else { return false }
    add(bucketCounts: bucketCounts, sum: sum)
    return true
  }

  /// Fills `buckets` with cumulative counts, `+Inf` last, and returns the sum.
  func read(into buckets: UnsafeMutableBufferPointer<UInt64>) -> Double {
    precondition(buckets.count >= bucketCount)
    return reader.withLock { _ in
      let announced = words[0].wrappingAdd(Self.hotBit, ordering: .acquiringAndReleasing).oldValue
      let cold = setStart(announced)
      let hot = setStart(announced ^ Self.hotBit)
      let expected = announced & ~Self.hotBit
      let completed = bucketCount + 1
      var spins = 0
      while words[cold + completed].load(ordering: .acquiring) & ~Self.hotBit != expected { pause(&spins) }
      var cumulative: UInt64 = 0
      for bucket in 0..<bucketCount {
        let count = words[cold + bucket].load(ordering: .relaxed)
        cumulative &+= count
        buckets[bucket] = cumulative
        if count != 0 {
          words[hot + bucket].wrappingAdd(count, ordering: .relaxed)
          words[cold + bucket].store(0, ordering: .relaxed)
        }
      }
      let sum = Double(bitPattern: words[cold + bucketCount].load(ordering: .relaxed))
      add(sum, toSumAt: hot + bucketCount)
      words[cold + bucketCount].store(0, ordering: .relaxed)
      words[cold + completed].store(0, ordering: .relaxed)
      // Released last: the next reader may only take the hot set for complete when it has what was read here.
      words[hot + completed].wrappingAdd(expected, ordering: .releasing)
      return sum
    }
  }

  /// Announces observations and returns the start of the set they belong to.
  private func announce(_ count: UInt64) -> Int {
    setStart(words[0].wrappingAdd(count, ordering: .acquiring).newValue)
  }

  private func setStart(_ announced: UInt64) -> Int {
    announced & Self.hotBit == 0 ? 1 : 3 + bucketCount
  }

  private func add(_ value: Double, toSumAt word: Int) {
    var current = words[word].load(ordering: .relaxed)
    while true {
      let (exchanged, original) = words[word].weakCompareExchange(
        expected: current,
        desired: Double(bitPattern: current).addingWithinRange(value).bitPattern,
        ordering: .relaxed
      )
      if exchanged { return }
      current = original
    }
  }

  /// An observer between its two words may have lost its processor: let it have this one.
  private func pause(_ spins: inout Int) {
    spins += 1
    if spins > 100 { _ = sched_yield() }
  }
}
