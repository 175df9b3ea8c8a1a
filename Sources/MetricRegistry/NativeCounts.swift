package import StateStore

/// What native buckets have counted, on both sides of 0, at one resolution. Where two of them meet, the finer one is made
/// as coarse as the other.
package struct NativeCounts: Sendable {
  package private(set) var schema: Int
  private(set) var zeroCount: UInt64 = 0
  private(set) var positive = NativeBuckets()
  private(set) var negative = NativeBuckets()

  init(schema: Int) { self.schema = schema }

  /// - Parameter factor: by how much buckets may grow.
  package init(factor: Double) { self.init(schema: NativeSchema.schema(factor: factor)) }

  /// As somebody else has counted them; nil: no schema has such buckets.
  ///
  /// - Parameter positive: by index, each once, in any order.
  package init?(
    schema: Int,
    zeroCount: UInt64,
    positive: [(index: Int32, count: UInt64)],
    negative: [(index: Int32, count: UInt64)]
  ) {
    guard let positive = NativeBuckets(positive, schema: schema), let negative = NativeBuckets(negative, schema: schema)
    else { return nil }
    self.init(schema: schema, zeroCount: zeroCount, positive: positive, negative: negative)
  }

  init(schema: Int, zeroCount: UInt64, positive: NativeBuckets, negative: NativeBuckets) {
    self.schema = schema
    self.zeroCount = zeroCount
    self.positive = positive
    self.negative = negative
  }

  /// Of the buckets in use, without that of 0.
  var bucketCount: Int { positive.count + negative.count }

  /// All observations.
  package var count: UInt64 { zeroCount &+ positive.total &+ negative.total }

  @inline(__always)
  mutating func add(_ value: Double) {
    if abs(value) <= NativeSchema.zeroThreshold {
      zeroCount &+= 1
      return
    }
    let index = NativeSchema.index(of: abs(value), schema: schema)
    if value > 0 { positive.add(index) } else { negative.add(index) }
  }

  package mutating func add(_ other: NativeCounts) {
    var other = other
    other.coarsen(to: schema)
    coarsen(to: other.schema)
    zeroCount &+= other.zeroCount
    for (index, count) in other.positive.all { positive.add(index, count: count) }
    for (index, count) in other.negative.all { negative.add(index, count: count) }
  }

  /// Leaves what is more than before, of what is as coarse as that already.
  ///
  /// - Returns: false where a bucket has less.
  package mutating func subtract(_ former: NativeCounts) -> Bool {
    var former = former
    former.coarsen(to: schema)
    guard zeroCount >= former.zeroCount else { return false }
    zeroCount -= former.zeroCount
    return positive.subtract(former.positive) && negative.subtract(former.negative)
  }

  /// Makes it no finer than this.
  package mutating func coarsen(to schema: Int) {
    while self.schema > schema { halve() }
  }

  /// Halves the resolution until there are no more buckets than these. The coarsest resolution stays whatever their number.
  package mutating func coarsen(toBuckets bucketsMax: Int) {
    while bucketCount > bucketsMax, schema > NativeSchema.range.lowerBound { halve() }
  }

  private mutating func halve() {
    positive.halve()
    negative.halve()
    schema -= 1
  }
}

extension NativeCounts: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(schema)
    encoder.encode(zeroCount)
    encoder.encode(positive)
    encoder.encode(negative)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      schema: try decoder.decode(),
      zeroCount: try decoder.decode(),
      positive: try decoder.decode(),
      negative: try decoder.decode()
    )
    guard NativeSchema.range.contains(schema) else { throw StateDecoder.Failure() }
  }
}
