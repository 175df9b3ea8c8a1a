/// One budget of memory for what is remembered of all logs together and grows with what they say: the names of their
/// fields, the keys of their totals, handles that are kept for speed. Whoever remembers such things holds a share.
///
/// It decides how much each share may hold. It keeps nothing itself, and knows only what it is told. For one thread.
package final class MemoryBudget {
  /// What all shares may hold together beyond what each is guaranteed. Some hundred times what an ordinary training's
  /// logs need, and little beside the memory of a machine that trains.
  package static let bytesMax = 32 << 20
  /// What each share may hold whatever the others do: some dozen fields with long names.
  package static let guaranteedBytes = 16 << 10

  private let bytesMax: Int
  /// Held beyond what is guaranteed.
  package private(set) var bytes = 0

  package init(bytesMax: Int = MemoryBudget.bytesMax) {
    self.bytesMax = bytesMax
  }

  /// Whether a share that held `before` bytes beyond its guarantee may hold `after`: no more than what is left. So one
  /// alone gets half of the budget, two get a third each, and there always is something left for the next.
  fileprivate func change(from before: Int, to after: Int) -> Bool {
    guard after <= before || after <= bytesMax - bytes else { return false }
    bytes += after - before
    return true
  }
}

/// What one part of one log holds of the budget. What it holds goes back when nobody refers to it any more.
package final class MemoryShare {
  package let budget: MemoryBudget
  package private(set) var bytes = 0

  package init(of budget: MemoryBudget) {
    self.budget = budget
  }

  deinit {
    _ = budget.change(from: Self.beyondGuarantee(bytes), to: 0)
  }

  /// Holds so many bytes from now on. False: there is no room, and it holds what it held.
  package func hold(_ count: Int) -> Bool {
    guard budget.change(from: Self.beyondGuarantee(bytes), to: Self.beyondGuarantee(count)) else { return false }
    bytes = count
    return true
  }

  private static func beyondGuarantee(_ bytes: Int) -> Int {
    max(0, bytes - MemoryBudget.guaranteedBytes)
  }
}

/// The share of a value whose copies have their storage in common until one of them changes, as Swift's collections do:
/// a copy that grows gets a share of its own, because from then on it has storage of its own.
package struct CopiedShare {
  private var share: MemoryShare

  package init(of budget: MemoryBudget) {
    share = MemoryShare(of: budget)
  }

  package var budget: MemoryBudget { share.budget }
  package var bytes: Int { share.bytes }

  /// Holds so many bytes more. False: there is no room, and the value must not grow.
  package mutating func grow(by count: Int) -> Bool {
    if isKnownUniquelyReferenced(&share) { return share.hold(share.bytes + count) }
    let own = MemoryShare(of: share.budget)
    guard own.hold(share.bytes + count) else { return false }
    share = own
    return true
  }

  /// The value is empty again.
  package mutating func removeAll() {
    share = MemoryShare(of: share.budget)
  }
}
