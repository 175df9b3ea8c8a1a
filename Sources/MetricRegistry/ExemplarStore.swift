import Synchronization

/// The exemplars of one series: the last of each slot, and the newest of all. It is made with a series' first exemplar,
/// and never decides which labels an exemplar may have.
final class ExemplarStore: Sendable {
  /// As client_golang keeps for a native histogram.
  static let recentMax = 10

  struct Contents {
    /// One for a counter, one for each classic bucket of a histogram.
    var slots: [Exemplar?]
    /// The newest last. Only for native histograms, whose buckets come and go.
    var recent: [Exemplar] = []
  }

  private let keepsRecent: Bool
  private let state: Mutex<Contents>

  init(slotCount: Int, keepsRecent: Bool) {
    self.keepsRecent = keepsRecent
    state = Mutex(Contents(slots: Array(repeating: nil, count: slotCount)))
  }

  func put(_ exemplar: Exemplar, inSlot slot: Int) {
    state.withLock { contents in
      contents.slots[slot] = exemplar
      guard keepsRecent else { return }
      if contents.recent.count == Self.recentMax { contents.recent.removeFirst() }
      contents.recent.append(exemplar)
    }
  }

  var contents: Contents { state.withLock { $0 } }

  /// Takes on what another store of this metric had.
  func restore(_ contents: Contents) {
    state.withLock { state in
      for (slot, exemplar) in zip(state.slots.indices, contents.slots) { state.slots[slot] = exemplar }
      if keepsRecent { state.recent = contents.recent.suffix(Self.recentMax) }
    }
  }
}
