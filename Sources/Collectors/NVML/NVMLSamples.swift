internal import CNVML

/// What is known of one GPU between collections: integrals that only grow, and the highest values since the last
/// collection. Pure: it is handed values and times.
struct NVMLSamples {
  /// One look at a GPU; nil: it does not have the reading.
  struct Look {
    /// 0 to 1, of the sample period before.
    var utilization: Double?
    var powerWatts: Double?
    var memoryUsedBytes: Double?
  }

  private var last: ContinuousClock.Instant?
  private var taken: UInt64 = 0
  private var busySeconds: Double?
  private var joules: Double?
  private var maximum = Look()

  /// Values stand for the time since the look before. Of a longer gap nothing is known, and it counts for nothing.
  mutating func take(_ look: Look, at now: ContinuousClock.Instant, gapMax: Duration) {
    let passed = last.map { now - $0 } ?? .zero
    let seconds = passed > .zero && passed <= gapMax ? passed / .seconds(1) : 0
    last = now
    taken += 1
    if let utilization = look.utilization { busySeconds = (busySeconds ?? 0) + utilization * seconds }
    if let watts = look.powerWatts { joules = (joules ?? 0) + watts * seconds }
    Self.raise(&maximum.utilization, look.utilization)
    Self.raise(&maximum.powerWatts, look.powerWatts)
    Self.raise(&maximum.memoryUsedBytes, look.memoryUsedBytes)
  }

  /// In the order of `NVMLReadings.sampled`; the highest values begin anew.
  mutating func report() -> [Double?] {
    defer { maximum = Look() }
    return [
      Double(taken), busySeconds, joules, maximum.utilization, maximum.powerWatts, maximum.memoryUsedBytes,
    ]
  }

  private static func raise(_ highest: inout Double?, _ value: Double?) {
    guard let value else { return }
    highest = max(highest ?? value, value)
  }
}

extension NVMLReadings {
  /// What samples read: three calls.
  static func look(_ calls: NVMLCalls) -> NVMLSamples.Look {
    NVMLSamples.Look(
      utilization: calls.get(.nvmlDeviceGetUtilizationRates, into: CNVMLUtilization()).map { Double($0.gpu) / 100 },
      powerWatts: calls.number(.nvmlDeviceGetPowerUsage).map { $0 / 1000 },
      memoryUsedBytes: NVMLMemory(calls)?.used
    )
  }
}
