import MetricModel
import Synchronization

/// The series of one metric as an application asks for them. Those that it asked for before are found without the
/// registry's lock, and without an allocation.
@usableFromInline
final class FamilySeries: Sendable {
  let registry: Registry
  let metric: Metric
  private let table = Mutex(SeriesTable())
  private let unseen = AtomicLazyReference<SeriesBlock>()

  init(registry: Registry, metric: Metric) {
    self.registry = registry
    self.metric = metric
  }

  /// The series with these label values: as many as there are before the first nil. nil: they are refused, which is
  /// counted.
  @usableFromInline
  func series(
    _ value1: String?,
    _ value2: String?,
    _ value3: String?,
    _ value4: String?,
    _ value5: String?,
    _ value6: String?
  ) -> Series? {
    SeriesKey.with { key in
      _ =
        key.append(value1) && key.append(value2) && key.append(value3) && key.append(value4) && key.append(value5)
        && key.append(value6)
      if let known = find(&key) { return known }
      let values = [value1, value2, value3, value4, value5, value6]
      return ask(values.prefix { $0 != nil }.compactMap { $0 }, key)
    }
  }

  @usableFromInline
  func series(_ labelValues: [String]) -> Series? {
    SeriesKey.with { key in
      for value in labelValues { _ = key.append(value) }
      return find(&key) ?? ask(labelValues, key)
    }
  }

  @inline(__always)
  private func find(_ key: inout SeriesKey) -> Series? {
    key.end()
    return table.withLock { [key] in $0.find(key) }
  }

  private func ask(_ labelValues: [String], _ key: SeriesKey) -> Series? {
    guard let series = registry.series(metric: metric.index, labelValues: labelValues) else { return nil }
    // Only the values that it shows are bounded by the registry's limits: any text may stand for one of them.
    let isShown = zip(series.labelValues, labelValues).allSatisfy { ByteText($0) == ByteText($1) }
    if isShown, key.isWhole { table.withLock { $0.keep(series, key) } }
    return series
  }

  /// What stands for a series that there is not: one that has ended, whose updates nobody sees.
  @usableFromInline
  func ended() -> Series {
    let block = unseen.load() ?? unseen.storeIfNil(SeriesBlock(ofEndedSeriesOf: metric))
    return Series(block: block, position: 0)
  }
}

/// Label values as the words of a hash table's key: the bytes of each behind their count. It lives on the stack of whoever
/// asks, and goes nowhere else: hence `@unchecked`.
private struct SeriesKey: @unchecked Sendable {
  /// Longer values are found by the registry.
  private static let bytesMax = 256

  private let bytes: UnsafeMutableRawBufferPointer
  private var count = 0
  private(set) var isWhole = true
  private(set) var wordCount = 0
  private(set) var hash = 0

  @inline(__always)
  static func with(_ body: (inout SeriesKey) -> Series?) -> Series? {
    withUnsafeTemporaryAllocation(byteCount: bytesMax, alignment: 8) { bytes in
      var key = SeriesKey(bytes: bytes)
      return body(&key)
    }
  }

  private init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

  /// - Returns: false for nil, behind which there is nothing.
  @inline(__always)
  mutating func append(_ value: String?) -> Bool {
    guard let value else { return false }
    let length = value.utf8.count
    // With room for what fills the last word.
    if count + 2 + length + 8 > bytes.count { isWhole = false }
    guard isWhole else { return true }
    bytes.storeBytes(of: UInt16(truncatingIfNeeded: length), toByteOffset: count, as: UInt16.self)
    let text = UnsafeMutableRawBufferPointer(rebasing: bytes[(count + 2)...])
    let copied: Void? = value.utf8.withContiguousStorageIfAvailable {
      text.copyMemory(from: UnsafeRawBufferPointer($0))
    }
    if copied == nil { isWhole = false }
    count += 2 + length
    return true
  }

  /// Fills the last word with zeros, and hashes: each step multiplies 64 by 64 bits and folds the product, so that every
  /// bit reaches every other.
  @inline(__always)
  mutating func end() {
    bytes.storeBytes(of: 0, toByteOffset: count, as: UInt64.self)
    wordCount = (count + 7) / 8
    var state = Self.seed
    for word in words {
      let (high, low) = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      state = high ^ low
    }
    hash = Int(truncatingIfNeeded: state)
  }

  /// Label values may come from anywhere: nobody is to make up some that collide.
  private static let seed = UInt64.random(in: .min ... .max)

  var words: UnsafeMutableBufferPointer<UInt64> {
    UnsafeMutableBufferPointer(rebasing: bytes.assumingMemoryBound(to: UInt64.self)[..<wordCount])
  }
}

/// Series by their keys, with linear probing. It keeps series that ended until it grows, and never has more that live
/// than the registry has.
private struct SeriesTable: ~Copyable {
  private struct Slot {
    let hash: Int
    let words: UnsafeMutableBufferPointer<UInt64>
    var series: Series
  }

  /// At most three quarters full; the size is a power of two.
  private var slots: [Slot?] = []
  private var count = 0

  deinit { for slot in slots { slot?.words.deallocate() } }

  @inline(__always)
  mutating func find(_ key: SeriesKey) -> Series? {
    guard !slots.isEmpty else { return nil }
    let position = position(of: key.hash, key.words)
    guard let series = slots[position]?.series, !series.isDropped else { return nil }
    return series
  }

  mutating func keep(_ series: Series, _ key: SeriesKey) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    let position = position(of: key.hash, key.words)
    if slots[position] == nil {
      let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: key.wordCount)
      _ = words.initialize(from: key.words)
      slots[position] = Slot(hash: key.hash, words: words, series: series)
      count += 1
    } else {
      // One that ended, or that another thread has kept meanwhile.
      slots[position]?.series = series
    }
  }

  private mutating func grow() {
    // A series may end at any moment: each is asked once.
    var live: [Slot] = []
    for case let slot? in slots {
      if slot.series.isDropped { slot.words.deallocate() } else { live.append(slot) }
    }
    var size = 4
    while (live.count + 1) * 2 > size { size *= 2 }
    slots = Array(repeating: nil, count: size)
    count = live.count
    for slot in live { slots[position(of: slot.hash, slot.words)] = slot }
  }

  /// Where the key is, or else the free slot where it belongs.
  @inline(__always)
  private mutating func position(of hash: Int, _ words: UnsafeMutableBufferPointer<UInt64>) -> Int {
    var position = hash & (slots.count - 1)
    while let slot = slots[position] {
      if slot.hash == hash, slot.words.count == words.count, slot.words.elementsEqual(words) { break }
      position = (position + 1) & (slots.count - 1)
    }
    return position
  }
}
