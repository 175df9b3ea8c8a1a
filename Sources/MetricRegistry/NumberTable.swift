/// A hash table of 32-bit numbers that stand for what others own: four bytes a slot. Who has it knows the hash of what a
/// number stands for, and what is the same. Linear probing, at most three quarters full.
struct NumberTable {
  private static let empty = UInt32.max

  /// Their count is a power of two.
  private var slots: [UInt32] = []
  private var count = 0

  /// What is sought, of the numbers with that hash: the first answer that is not nil.
  @inline(__always)
  func find<Sought>(_ hash: Int, sought: (_ number: Int) -> Sought?) -> Sought? {
    guard !slots.isEmpty else { return nil }
    var slot = hash & (slots.count - 1)
    while slots[slot] != Self.empty {
      if let found = sought(Int(slots[slot])) { return found }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Takes up a number that is not in the table.
  ///
  /// - Parameter hash: that of any number in the table, for when it grows.
  mutating func insert(_ number: Int, hash: (Int) -> Int) {
    if (count + 1) * 4 > slots.count * 3 {
      let old = slots
      slots = Array(repeating: Self.empty, count: max(4, old.count * 2))
      for number in old where number != Self.empty { place(number, hash(Int(number))) }
    }
    place(UInt32(number), hash(number))
    count += 1
  }

  private mutating func place(_ number: UInt32, _ hash: Int) {
    var slot = hash & (slots.count - 1)
    while slots[slot] != Self.empty { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number
  }

  mutating func remove(_ number: Int, hash: (Int) -> Int) {
    guard !slots.isEmpty else { return }
    let mask = slots.count - 1
    var hole = hash(number) & mask
    while slots[hole] != Self.empty, slots[hole] != UInt32(number) { hole = (hole + 1) & mask }
    guard slots[hole] != Self.empty else { return }
    slots[hole] = Self.empty
    count -= 1
    // What follows without a gap may have been pushed past the hole: moved back, no tombstone is needed.
    var slot = (hole + 1) & mask
    while slots[slot] != Self.empty {
      if (slot &- hash(Int(slots[slot]))) & mask >= (slot &- hole) & mask {
        slots[hole] = slots[slot]
        slots[slot] = Self.empty
        hole = slot
      }
      slot = (slot + 1) & mask
    }
  }
}
