internal import CNVML
internal import MetricModel

/// The readings of one GPU, each next to the call that it comes from. A further one is a further entry here.
struct NVMLReadings: Sendable {
  /// What one call, or one set of calls, gives.
  struct Group: Sendable {
    let readings: [ReadingDescriptor]
    /// It cannot change while the library is initialized, and is read once.
    var isFixed = false
    /// It takes so long that it is read only where somebody wants it.
    var isSlow = false
    /// One value for each of the readings.
    let read: @Sendable (NVMLCalls) -> [Double?]
  }

  static let groups: [Group] =
    utilization + memory + power + temperature + clocks + pcie + health + modes

  static func source(_ functions: String, _ chapter: String = "Device Queries") -> String {
    "\(functions); NVML API reference, \(chapter)"
  }

  /// A gauge of which the sum over GPUs says nothing.
  static func level(
    _ name: String,
    unit: String? = nil,
    _ help: String,
    _ functions: String,
    joining: ReadingDescriptor.Joining = .mean,
    chapter: String = "Device Queries"
  ) -> ReadingDescriptor {
    ReadingDescriptor(name, .gauge, unit: unit, help: help, source: source(functions, chapter), joining: joining)
  }

  /// A gauge that adds up over GPUs.
  static func amount(
    _ name: String,
    unit: String? = nil,
    _ help: String,
    _ functions: String,
    chapter: String = "Device Queries"
  ) -> ReadingDescriptor {
    ReadingDescriptor(name, .gauge, unit: unit, help: help, source: source(functions, chapter))
  }

  static func counter(
    _ name: String,
    unit: String? = nil,
    _ help: String,
    _ functions: String,
    chapter: String = "Device Queries"
  ) -> ReadingDescriptor {
    ReadingDescriptor(name, .counter, unit: unit, help: help, source: source(functions, chapter))
  }

  static func flag(_ name: String, _ help: String, _ functions: String) -> ReadingDescriptor {
    level(name, help, functions, joining: .maximum)
  }
}

extension NVMLReadings {
  static let utilization: [Group] =
    [
      Group(
        readings: [
          level(
            "utilization.gpu_percent",
            unit: "percent",
            "Time of the last sample period (1/6 s to 1 s) in which any kernel ran",
            "nvmlDeviceGetUtilizationRates"
          ),
          level(
            "utilization.gpu_ratio",
            unit: "ratio",
            "Time of the last sample period (1/6 s to 1 s) in which any kernel ran",
            "nvmlDeviceGetUtilizationRates"
          ),
          level(
            "utilization.memory_percent",
            unit: "percent",
            "Time of the last sample period in which device memory was read or written",
            "nvmlDeviceGetUtilizationRates"
          ),
          level(
            "utilization.memory_ratio",
            unit: "ratio",
            "Time of the last sample period in which device memory was read or written",
            "nvmlDeviceGetUtilizationRates"
          ),
        ]
      ) { calls in
        let rates = calls.get(.nvmlDeviceGetUtilizationRates, into: CNVMLUtilization())
        return [rates?.gpu, rates?.memory].flatMap { percent in
          [percent.map(Double.init), percent.map { Double($0) / 100 }]
        }
      }
    ]
    + engines.map { name, symbol, what in
      Group(
        readings: [
          level("utilization.\(name)_percent", unit: "percent", "How busy \(what) was", symbol.rawValue),
          level("utilization.\(name)_ratio", unit: "ratio", "How busy \(what) was", symbol.rawValue),
        ]
      ) { calls in
        let percent = calls.pair(symbol)?.0
        return [percent, percent.map { $0 / 100 }]
      }
    }

  static let engines: [(name: String, symbol: NVMLSymbol, what: String)] = [
    ("encoder", .nvmlDeviceGetEncoderUtilization, "the video encoder"),
    ("decoder", .nvmlDeviceGetDecoderUtilization, "the video decoder"),
    ("jpeg", .nvmlDeviceGetJpgUtilization, "the JPEG engine"),
    ("ofa", .nvmlDeviceGetOfaUtilization, "the optical flow engine"),
  ]
}
