import Synchronization

/// One live value of a label, shared by all series that carry it. Never changes but for its use.
package final class LabelValue: Sendable {
  package let text: String
  let use: LabelUse

  init(text: String, slot: Int, age: LabelAge) {
    self.text = text
    use = LabelUse(slot: slot, age: age)
  }

  /// Its place in the label's table while it is live.
  var slot: Int { use.slot }
  var age: LabelAge { use.age }
}

/// When a label value was used last: apart from its text, since series that have ended are done with that, and updates of
/// theirs may come at any time.
///
/// `@unchecked`, for what is under the registry's lock.
final class LabelUse: @unchecked Sendable {
  /// The value's place in the label's table.
  let slot: Int
  /// When the newest sample of a series with the value was written. Kept only where values are evicted.
  private let time: Atomic<Int64>
  /// The registry's tick when it came.
  private let tick: Atomic<UInt64>
  /// The age that it was saved with last. Under the registry's lock.
  @exclusivity(unchecked) var savedAge = LabelAge.none

  init(slot: Int, age: LabelAge) {
    self.slot = slot
    time = Atomic(age.time)
    tick = Atomic(age.tick)
  }

  var age: LabelAge {
    LabelAge(time: time.load(ordering: .relaxed), tick: tick.load(ordering: .relaxed))
  }

  /// Notes a use. One that is older than another says nothing: an age only grows.
  @inline(__always)
  func note(_ age: LabelAge) {
    let known = time.load(ordering: .relaxed)
    if age.time < known { return }
    if age.time > known { time.store(age.time, ordering: .relaxed) }
    tick.store(age.tick, ordering: .relaxed)
  }
}
