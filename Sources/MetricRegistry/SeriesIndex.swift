/// Finds a metric's series by its label values: a hash table of 32-bit numbers, each of which says a block and a place in
/// it. Guarded by the registry's lock. It keeps the blocks, so what is dropped must be removed.
struct SeriesIndex {
  private static let positionBits = 6
  private static let empty = UInt32.max

  /// By number; nil: the number is free.
  private var blocks: [SeriesBlock?] = []
  private var freeNumbers: [Int] = []
  /// At most three quarters full; the size is a power of two.
  private var slots: [UInt32] = []
  private var count = 0

  typealias LabelValues = UnsafeMutableBufferPointer<Unmanaged<LabelValue>?>

  /// Takes up a block, before its first series.
  mutating func add(_ block: SeriesBlock) {
    if let number = freeNumbers.popLast() {
      block.number = number
      blocks[number] = block
    } else {
      block.number = blocks.count
      blocks.append(block)
    }
  }

  /// Forgets a block, all of whose series were removed.
  mutating func remove(_ block: SeriesBlock) {
    blocks[block.number] = nil
    freeNumbers.append(block.number)
  }

  /// `key` holds a label value at each of the metric's labels. `mutating` only to work in place, not on a copy.
  mutating func find(_ key: LabelValues) -> Series? {
    guard !slots.isEmpty else { return nil }
    var slot = Self.hash(key.count) { key[$0]?.toOpaque() } & (slots.count - 1)
    while let candidate = series(slots[slot]) {
      if candidate.block.labels.isSame(key, at: candidate.position) { return candidate }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  mutating func insert(_ series: Series) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(number(of: series))
    count += 1
  }

  mutating func remove(_ series: Series) {
    guard !slots.isEmpty else { return }
    let mask = slots.count - 1
    let number = number(of: series)
    var hole = home(number)
    while slots[hole] != Self.empty, slots[hole] != number { hole = (hole + 1) & mask }
    guard slots[hole] != Self.empty else { return }
    slots[hole] = Self.empty
    count -= 1
    // What follows without a gap may have been pushed past the hole: moved back, no tombstone is needed.
    var slot = (hole + 1) & mask
    while slots[slot] != Self.empty {
      if (slot &- home(slots[slot])) & mask >= (slot &- hole) & mask {
        slots[hole] = slots[slot]
        slots[slot] = Self.empty
        hole = slot
      }
      slot = (slot + 1) & mask
    }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Self.empty, count: max(4, old.count * 2))
    for number in old where number != Self.empty { place(number) }
  }

  private mutating func place(_ number: UInt32) {
    var slot = home(number)
    while slots[slot] != Self.empty { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number
  }

  private func number(of series: Series) -> UInt32 {
    UInt32(series.block.number << Self.positionBits | series.position)
  }

  private func series(_ number: UInt32) -> Series? {
    if number == Self.empty { return nil }
    guard let block = blocks[Int(number >> Self.positionBits)] else { return nil }
    return Series(block: block, position: Int(number & (1 << Self.positionBits - 1)))
  }

  private func home(_ number: UInt32) -> Int {
    guard let series = series(number) else { return 0 }
    let values = series.block.labels
    let hash = Self.hash(series.labelCount) { label in
      values.value(ofLabel: label, at: series.position).map { Unmanaged.passUnretained($0).toOpaque() }
    }
    return hash & (slots.count - 1)
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
