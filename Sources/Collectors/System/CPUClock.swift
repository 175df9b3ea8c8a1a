/// Follows the times of one CPU, or of all together, from one collection to the next: its counters never fall while it
/// stays what it is, and the shares of its modes are those of the time between the last two collections.
///
/// The kernel computes `idle` and `iowait` from several clocks, so that they may jump back by a little. The old value is
/// then held until the new one has passed it. When `idle` falls by three seconds or more, the CPU was away and begins
/// anew; so does node_exporter tell them apart.
struct CPUClock {
  enum Restart {
    /// The counters begin again with what the kernel says: what is counted is another thing now.
    case anew
    /// The counters go on from where they were, without the time in between: a fall of the sum over all CPUs, of which
    /// one was away, must not look as if all had started again.
    case onwards
  }

  static let jumpBackSeconds = 3.0

  private let restart: Restart
  private let jumpBackTicks: UInt64
  /// As the kernel said them at their highest.
  private var raw: SIMD16<UInt64>
  /// What was counted before the counters went on.
  private var before = SIMD16<UInt64>.zero
  /// Where the shares' interval begins.
  private var start: SIMD16<UInt64>
  /// Nil until the second collection, and after a restart.
  private(set) var shares: Shares?

  /// What the CPU did between two collections.
  struct Shares {
    fileprivate var spent: SIMD16<UInt64>
    fileprivate var total: Double

    /// Of one of `CPUTimes.modes`, between 0 and 1.
    subscript(mode: Int) -> Double { Double(spent[mode]) / total }

    /// Without `idle` and `iowait`, between 0 and 1.
    var busy: Double { max(0, total - Double(spent[CPUTimes.idle]) - Double(spent[CPUTimes.iowait])) / total }
  }

  init(_ times: CPUTimes, restart: Restart, ticksPerSecond: Double) {
    self.restart = restart
    jumpBackTicks = UInt64(max(1, Self.jumpBackSeconds * ticksPerSecond))
    raw = times.ticks
    start = raw
  }

  /// Ticks, made non-decreasing.
  var ticks: SIMD16<UInt64> { before &+ raw }

  mutating func observe(_ times: CPUTimes) {
    let idle = (old: raw[CPUTimes.idle], new: times.ticks[CPUTimes.idle])
    if idle.new < idle.old, idle.old - idle.new >= jumpBackTicks {
      if restart == .onwards { before &+= raw &- times.ticks }
      raw = times.ticks
      start = ticks
      shares = nil
      return
    }
    raw = pointwiseMax(raw, times.ticks)
    let spent = ticks &- start
    let total = CPUTimes.modes.indices.reduce(0) { $0 + Double(spent[$1]) }
    // Two collections within one tick: the interval goes on.
    guard total > 0 else { return }
    shares = Shares(spent: spent, total: total)
    start = ticks
  }
}
