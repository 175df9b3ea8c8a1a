/// The counters of trees of processes, such that none ever falls while its tree lives, also when members end. It keeps
/// what each process had counted at the last look, and reads nothing.
///
/// The kernel adds to a parent what its children had counted, once they have ended and it has waited for them. So a tree
/// grows by what its members counted themselves and by what their ended children had, short-lived ones included, less
/// what was already counted of those while they lived. What a child does between the last look and its end comes with
/// its parent's numbers. A child whose parent does not wait for it takes that little with it; what was seen stays.
package struct ProcessLedger {
  /// The counters of a process: places in a `Counts`.
  package enum Counter: Int, Sendable, CaseIterable {
    case userTicks, systemTicks, minorFaults, majorFaults
    case readBytes, writtenBytes, readCallBytes, writeCallBytes
    case voluntarySwitches, involuntarySwitches
  }

  package typealias Counts = SIMD16<UInt64>

  /// Counters that not every process tells everybody.
  package struct Known: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bytes = Known(rawValue: 1)
    package static let switches = Known(rawValue: 2)
  }

  /// What one process says at one look.
  package struct Entry: Sendable {
    package var identity: ProcessTable.Identity
    package var parent: UInt64
    /// Of the process itself; for bytes the kernel has no number without the children that were waited for.
    package var own: Counts
    package var reaped: Counts
    /// The place of its tree; nil: none.
    package var tree: Int?
    package var known: Known

    package init(
      identity: ProcessTable.Identity,
      parent: UInt64,
      own: Counts,
      reaped: Counts,
      tree: Int?,
      known: Known = []
    ) {
      self.identity = identity
      self.parent = parent
      self.own = own
      self.reaped = reaped
      self.tree = tree
      self.known = known
    }
  }

  /// What tells a tree from others. A root that takes another name or other labels begins a tree, which counts from
  /// there on: what it counted before is the former one's.
  package struct Root: Sendable, Hashable {
    package var identity: ProcessTable.Identity
    package var name: String
    package var label: ProcessTable.Label

    package init(identity: ProcessTable.Identity, name: String, label: ProcessTable.Label) {
      self.identity = identity
      self.name = name
      self.label = label
    }
  }

  package struct Total: Sendable, Hashable {
    package var counts = Counts.zero
    /// What any of its processes ever told.
    package var known: Known = []
    /// What it has counted since the look before; nil: it was not there then.
    package var gain: Counts?

    fileprivate mutating func add(_ other: Total) {
      counts &+= other.counts
      known.formUnion(other.known)
    }
  }

  private struct Seen {
    var parent: UInt64
    var startTicks: UInt64
    var own: Counts
    var reaped: Counts
    var isCounted: Bool
    /// What its ended children had counted before it waited for them, as far as its own numbers have not shown it yet:
    /// since this look, and since the one before, after which nothing more is waited for.
    var debt = Counts.zero
  }

  /// Generations that ended between two looks and still are told apart. More are no training, and looking through a
  /// long chain for each of its processes takes its square.
  private static let ancestorsMax = 64

  private var seen: [UInt64: Seen] = [:]
  private var totals: [Root: Total] = [:]

  package init() {}

  private static let areBytes = SIMDMask<Counts.MaskStorage>(
    places: Counter.readBytes.rawValue...Counter.writeCallBytes.rawValue
  )

  /// Takes a look's numbers, and returns each root's total, in the roots' order.
  package mutating func observe(_ entries: [Entry], roots: [Root]) -> [Total] {
    var now: [UInt64: Seen] = Dictionary(minimumCapacity: entries.count)
    for entry in entries {
      let before = seen[entry.identity.id].flatMap { $0.startTicks == entry.identity.startTicks ? $0 : nil }
      now[entry.identity.id] = Seen(
        parent: entry.parent,
        startTicks: entry.identity.startTicks,
        // What can be read no more keeps its last number.
        own: before.map { pointwiseMax($0.own, entry.own) } ?? entry.own,
        reaped: before.map { pointwiseMax($0.reaped, entry.reaped) } ?? entry.reaped,
        isCounted: entry.tree != nil || before?.isCounted ?? false,
        debt: .zero
      )
    }
    let debts = debts(now)
    var gains = Array(repeating: Total(), count: roots.count)
    for entry in entries {
      let id = entry.identity.id
      guard let tree = entry.tree, let after = now[id] else { continue }
      gains[tree].known.formUnion(entry.known)
      let before = seen[id].flatMap { $0.startTicks == after.startTicks ? $0 : nil }
      guard let before, before.isCounted || entry.identity != roots[tree].identity else {
        // Nobody had counted it: it is new, or begins a tree of its own now.
        gains[tree].counts &+= after.own &+ after.reaped
        continue
      }
      let own = after.own &- before.own
      let inherited = (after.reaped &- before.reaped).replacing(with: own, where: Self.areBytes)
      let fresh = debts[id] ?? Counts.zero
      let owed = before.debt &+ fresh
      let paid = pointwiseMin(inherited, owed)
      now[id]?.debt = pointwiseMin(owed &- paid, fresh)
      gains[tree].counts &+= own.replacing(with: Counts.zero, where: Self.areBytes) &+ (inherited &- paid)
    }
    seen = now
    return settle(roots, gains)
  }

  /// What was counted of processes that are gone, by the id of the closest ancestor that is not.
  private func debts(_ now: [UInt64: Seen]) -> [UInt64: Counts] {
    var debts: [UInt64: Counts] = [:]
    for (id, gone) in seen where now[id]?.startTicks != gone.startTicks {
      var parent = gone.parent
      var steps = Self.ancestorsMax
      while let above = seen[parent], steps > 0, now[parent]?.startTicks != above.startTicks {
        parent = above.parent
        steps -= 1
      }
      if now[parent] != nil { debts[parent, default: .zero] &+= gone.own &+ gone.reaped }
    }
    return debts
  }

  private mutating func settle(_ roots: [Root], _ gains: [Total]) -> [Total] {
    var now: [Root: Total] = [:]
    var result: [Total] = []
    for (root, gain) in zip(roots, gains) {
      let before = totals[root]
      var total = before ?? Total()
      total.add(gain)
      total.gain = before == nil ? nil : gain.counts
      now[root] = total
      result.append(total)
    }
    totals = now
    return result
  }
}

extension SIMDMask<SIMD16<Int64>> {
  fileprivate init(places: ClosedRange<Int>) {
    self.init(repeating: false)
    for place in places { self[place] = true }
  }
}

extension SIMD16<UInt64> {
  package subscript(counter: ProcessLedger.Counter) -> UInt64 {
    get { self[counter.rawValue] }
    set { self[counter.rawValue] = newValue }
  }
}
