package import Clocks

/// Time that passes only when it is told to, on both clocks of a machine. Never asks the real one.
package final class SimulatedClock {
  /// Nanoseconds since the simulated machine started.
  package private(set) var monotonic: Int64 = 1_000_000_000_000
  /// Nanoseconds since 1970.
  package private(set) var wall: Int64 = 1_700_000_000_000_000_000
  private var jumps: Int64 = 0

  /// The kernel gives files the time of its last tick: 4 ms at the usual 250 Hz.
  private static let tick: Int64 = 4_000_000

  package init() {}

  package var now: Moment { Moment(monotonic: monotonic, wall: wall) }

  /// What a change of a file is stamped with. After a jump it is off by some nanoseconds: no reader can tell two
  /// changes apart that are stamped alike, and only a clock that was set back to the very tick would make such two.
  var fileTime: Int64 { wall / Self.tick * Self.tick + jumps }

  package func advance(nanoseconds: Int64) {
    monotonic += nanoseconds
    wall += nanoseconds
  }

  /// Somebody sets the clock.
  package func jump(nanoseconds: Int64) {
    wall += nanoseconds
    jumps += 1
  }
}
