import MetricModel
import Synchronization

/// A histogram with native buckets, and with classic ones where they are declared; all of a reading agrees.
///
/// Unlike the classic cell it has a lock: buckets come into being and are merged. Where more buckets are in use than
/// may be, the resolution is halved until they fit; the coarsest is kept whatever the number. It never widens the zero
/// bucket and never starts anew.
final class NativeHistogramCell: Sendable {
  struct State {
    var native: NativeCounts
    /// By bucket, not cumulative, `+Inf` last.
    var classic: [UInt64]
    var sum = 0.0
    var count: UInt64 = 0
  }

  let origin: SeriesOrigin
  /// Classic buckets with `+Inf`.
  let bucketCount: Int
  /// Shares its storage with the metric's descriptor.
  private let bounds: [Double]
  private let bucketsMax: Int
  private let state: Mutex<State>

  init(_ native: MetricDescriptor.NativeHistogram, bounds: [Double], created: Int64) {
    origin = SeriesOrigin(created: created)
    self.bounds = bounds
    bucketCount = bounds.count + 1
    bucketsMax = native.maxBuckets
    let classic = [UInt64](repeating: 0, count: bounds.count + 1)
    state = Mutex(State(native: NativeCounts(factor: native.factor), classic: classic))
  }

  func observe(_ value: Double) {
    let bucket = bounds.classicBucket(of: value)
    state.withLock { state in
      state.classic[bucket] &+= 1
      state.sum = state.sum.addingWithinRange(value)
      state.count &+= 1
      state.native.add(value)
      state.native.coarsen(toBuckets: bucketsMax)
    }
  }

  /// Adds observations at once.
  ///
  /// - Parameter classic: by bucket, not cumulative, `+Inf` last.
  func add(_ native: NativeCounts, classic: [UInt64], sum: Double) {
    precondition(classic.count == bucketCount)
    state.withLock { state in
      state.native.add(native)
      state.native.coarsen(toBuckets: bucketsMax)
      for bucket in classic.indices { state.classic[bucket] &+= classic[bucket] }
      state.sum = state.sum.addingWithinRange(sum)
      state.count &+= native.count
    }
  }

  /// Fills `buckets` with cumulative counts of the classic buckets, `+Inf` last, and returns the sum.
  func read(into buckets: UnsafeMutableBufferPointer<UInt64>) -> Double {
    precondition(buckets.count >= bucketCount)
    return state.withLock { state in
      var cumulative: UInt64 = 0
      for bucket in 0..<bucketCount {
        cumulative &+= state.classic[bucket]
        buckets[bucket] = cumulative
      }
      return state.sum
    }
  }

  func read() -> NativeHistogramReading {
    state.withLock { state in
      var cumulative: UInt64 = 0
      return NativeHistogramReading(
        schema: state.native.schema,
        zeroThreshold: NativeSchema.zeroThreshold,
        zeroCount: state.native.zeroCount,
        positive: state.native.positive.all,
        negative: state.native.negative.all,
        sum: state.sum,
        count: state.count,
        classic: state.classic.map { count in
          cumulative &+= count
          return cumulative
        }
      )
    }
  }

  var contents: State { state.withLock { $0 } }

  /// Takes on what another cell of this metric had; false: no cell of this metric can have had that.
  func restore(_ saved: State) -> Bool {
    state.withLock { state in
      guard saved.native.schema <= state.native.schema, saved.count < 1 << 48, saved.native.count == saved.count,
        saved.classic.count == bucketCount, saved.classic.reduce(0, &+) == saved.count
      else { return false }
      state = saved
      return true
    }
  }
}

/// A native histogram as it was at one moment.
package struct NativeHistogramReading: Sendable {
  package let schema: Int
  package let zeroThreshold: Double
  package let zeroCount: UInt64
  /// Buckets in use, ascending, not cumulative: index i reaches up to 2^(i/2^schema).
  package let positive: [(index: Int, count: UInt64)]
  /// The same for magnitudes of values below 0.
  package let negative: [(index: Int, count: UInt64)]
  package let sum: Double
  package let count: UInt64
  /// Cumulative classic buckets, `+Inf` last.
  package let classic: [UInt64]
}

extension [Double] {
  /// The classic bucket of a value, by ascending upper bounds.
  @inline(__always)
  func classicBucket(of value: Double) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if value <= self[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
