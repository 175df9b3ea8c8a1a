/// Finds a metric's series by its label values. Guarded by the registry's lock. It keeps the blocks that series are in;
/// what is dropped must be removed.
struct SeriesIndex {
  /// What of a series' number is its position; the rest is the block's number.
  private static let positionBits = 6

  /// By number; nil: the number is free.
  private var blocks: [SeriesBlock?] = []
  private var freeNumbers: [Int] = []
  private var table = NumberTable()

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
    let hash = Self.hash(key.count) { key[$0]?.toOpaque() }
    return table.find(hash) { number in
      guard let series = Self.series(number, in: blocks), series.block.labels.isSame(key, at: series.position) else {
        return nil
      }
      return series
    }
  }

  mutating func insert(_ series: Series) {
    table.insert(number(of: series)) { [blocks] in Self.hash($0, in: blocks) }
  }

  mutating func remove(_ series: Series) {
    table.remove(number(of: series)) { [blocks] in Self.hash($0, in: blocks) }
  }

  private func number(of series: Series) -> Int { series.block.number << Self.positionBits | series.position }

  private static func series(_ number: Int, in blocks: [SeriesBlock?]) -> Series? {
    guard let block = blocks[number >> positionBits] else { return nil }
    return Series(block: block, position: number & (1 << positionBits - 1))
  }

  private static func hash(_ number: Int, in blocks: [SeriesBlock?]) -> Int {
    guard let series = series(number, in: blocks) else { return 0 }
    let labels = series.block.labels
    return hash(series.labelCount) { label in
      labels.value(ofLabel: label, at: series.position).map { Unmanaged.passUnretained($0).toOpaque() }
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
