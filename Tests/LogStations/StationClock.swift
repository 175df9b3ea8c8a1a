import Clocks

/// Timers stand still but for what is added to them; the clock that people set goes on, and may be set. For one thread.
package final class StationClock: @unchecked Sendable {
  private var monotonic: Int64 = 1_000_000_000
  /// What the clock that people set is ahead of this machine's.
  private var ahead: Int64 = 0
  private var boot = BootIdentity(1)

  package init() {}

  package var now: Moment { Moment(monotonic: monotonic, wall: Moment.now.wall + ahead, boot: boot) }

  /// Time passes.
  package func pass(nanoseconds: Int64) {
    monotonic += nanoseconds
    ahead += nanoseconds
  }

  /// Somebody sets the clock.
  package func set(by nanoseconds: Int64) { ahead += nanoseconds }

  /// The machine is started anew: its monotonic clock is another.
  package func reboot() {
    boot = BootIdentity(boot.value + 1)
    monotonic += 1_000_000_000_000
  }
}
