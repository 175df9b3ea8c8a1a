import Synchronization

/// One live value of a label, shared by all series that carry it. Never changes but for the time of its last use.
package final class LabelValue: Sendable {
  package let text: String
  /// Its place in the label's table while it is live.
  let slot: Int
  /// The registry's tick at the last accepted update of a series with this value. Kept only where values are evicted.
  let lastUse: Atomic<UInt64>

  init(text: String, slot: Int, tick: UInt64) {
    self.text = text
    self.slot = slot
    lastUse = Atomic(tick)
  }
}
