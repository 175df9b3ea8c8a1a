internal import Glibc

/// A point in time on both clocks: timers go by the one that never jumps, files by the one that people set.
package struct Moment: Sendable, Hashable {
  /// Nanoseconds since the machine started.
  package var monotonic: Int64
  /// Nanoseconds since 1970.
  package var wall: Int64
  /// Which start of which machine `monotonic` counts from: within one, moments of two processes can be compared by it.
  /// nil: that is not known.
  package var boot: BootIdentity?

  package init(monotonic: Int64, wall: Int64, boot: BootIdentity? = nil) {
    self.monotonic = monotonic
    self.wall = wall
    self.boot = boot
  }

  package static var now: Moment {
    Moment(monotonic: read(CLOCK_MONOTONIC), wall: read(CLOCK_REALTIME), boot: BootIdentity.current)
  }

  /// The monotonic clock alone, in half the time.
  package static var monotonicNow: Int64 { read(CLOCK_MONOTONIC) }

  /// How long before `other` this was, by the clock that never jumps where both are of one start of the machine, else
  /// by the one that people set.
  package func elapsed(until other: Moment) -> Int64 {
    if let boot, boot == other.boot { return other.monotonic &- monotonic }
    return other.wall &- wall
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Clamped to what 64 bits hold, 292 years.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowed ? (seconds < 0 ? .min : .max) : sum
  }
}
