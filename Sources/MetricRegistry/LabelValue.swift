import Synchronization

/// One live value of a label, shared by all series that carry it. Never changes but for its age.
package final class LabelValue: Sendable {
  package let text: String
  /// Its place in the label's table while it is live.
  let slot: Int
  /// When the newest sample of a series with this value was written. Kept only where values are evicted.
  private let time: Atomic<Int64>
  /// The registry's tick when it came.
  private let lastUse: Atomic<UInt64>
  /// The age that it was saved with last; nil: it was not. Under the registry's lock.
  let savedAge = Mutex<LabelAge?>(nil)

  init(text: String, slot: Int, age: LabelAge) {
    self.text = text
    self.slot = slot
    time = Atomic(age.time)
    lastUse = Atomic(age.tick)
  }

  var age: LabelAge {
    LabelAge(time: time.load(ordering: .relaxed), tick: lastUse.load(ordering: .relaxed))
  }

  /// Notes a use. One that is older than another says nothing: an age only grows.
  @inline(__always)
  func use(_ age: LabelAge) {
    let known = time.load(ordering: .relaxed)
    if age.time < known { return }
    if age.time > known { time.store(age.time, ordering: .relaxed) }
    lastUse.store(age.tick, ordering: .relaxed)
  }
}
