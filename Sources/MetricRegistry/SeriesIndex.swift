/// Finds a metric's series by its label values: a hash table over series that others own. Guarded by the registry's
/// lock. Never retains a series, so what is dropped must be removed first.
struct SeriesIndex {
  private var slots: [Unmanaged<Series>?] = []
  private var count = 0

  typealias LabelValues = UnsafeMutableBufferPointer<Unmanaged<LabelValue>?>

  /// `key` holds a label value at each of the metric's labels. `mutating` only to work in place, not on a copy.
  mutating func find(_ key: LabelValues) -> Series? {
    guard !slots.isEmpty else { return nil }
    var slot = Self.hash(key.count) { key[$0]?.toOpaque() } & (slots.count - 1)
    while let candidate = slots[slot] {
      let matches = candidate._withUnsafeGuaranteedRef { series in
        key.indices.allSatisfy { series.values[$0].toOpaque() == key[$0]?.toOpaque() }
      }
      if matches { return candidate.takeUnretainedValue() }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  mutating func insert(_ series: Series) {
    // At most three quarters full.
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(.passUnretained(series))
    count += 1
  }

  mutating func remove(_ series: Series) {
    guard !slots.isEmpty else { return }
    let mask = slots.count - 1
    var hole = home(.passUnretained(series))
    while let candidate = slots[hole], candidate.toOpaque() != Unmanaged.passUnretained(series).toOpaque() {
      hole = (hole + 1) & mask
    }
    guard slots[hole] != nil else { return }
    slots[hole] = nil
    count -= 1
    // What follows without a gap may have been pushed past the hole: moved back, no tombstone is needed.
    var slot = (hole + 1) & mask
    while let candidate = slots[slot] {
      if (slot &- home(candidate)) & mask >= (slot &- hole) & mask {
        slots[hole] = candidate
        slots[slot] = nil
        hole = slot
      }
      slot = (slot + 1) & mask
    }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: nil, count: max(4, old.count * 2))
    for series in old { if let series { place(series) } }
  }

  private mutating func place(_ series: Unmanaged<Series>) {
    var slot = home(series)
    while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = series
  }

  private func home(_ series: Unmanaged<Series>) -> Int {
    series._withUnsafeGuaranteedRef { series in
      Self.hash(series.labelCount) { series.values[$0].toOpaque() } & (slots.count - 1)
    }
  }

  /// Label values are told apart by their addresses, of which the low bits say nothing.
  @inline(__always)
  private static func hash(_ count: Int, _ address: (Int) -> UnsafeMutableRawPointer?) -> Int {
    var hash: UInt = 0
    for position in 0..<count {
      hash = (hash ^ (UInt(bitPattern: address(position)) >> 4)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return Int(hash & 0x7FFF_FFFF_FFFF_FFFF)
  }
}
