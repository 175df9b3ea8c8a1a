internal import MetricModel

/// Clocks, fan, performance state and the PCIe link of one GPU.
extension NVMLReadings {
  static let clocks: [Group] = [
    Group(
      readings: domains.map { name, _, what in
        level("clock.\(name)_hertz", unit: "hertz", "Clock of \(what)", "nvmlDeviceGetClockInfo")
      }
    ) { calls in domains.map { calls.number(.nvmlDeviceGetClockInfo, $0.number).map { $0 * 1e6 } } },
    Group(
      readings: domains.map { name, _, what in
        level(
          "clock.\(name)_maximum_hertz",
          unit: "hertz",
          "Highest clock of \(what)",
          "nvmlDeviceGetMaxClockInfo"
        )
      },
      isFixed: true
    ) { calls in domains.map { calls.number(.nvmlDeviceGetMaxClockInfo, $0.number).map { $0 * 1e6 } } },
    Group(
      readings: [
        level(
          "fan.speed_ratio",
          unit: "ratio",
          "Speed that the fans are told to have, as part of the highest; it may be above 1",
          "nvmlDeviceGetFanSpeed",
          joining: .maximum
        )
      ]
    ) { [$0.number(.nvmlDeviceGetFanSpeed).map { $0 / 100 }] },
    Group(
      readings: [
        level(
          "performance.state",
          "Performance state, from 0 (fastest) to 15",
          "nvmlDeviceGetPerformanceState",
          joining: .maximum
        )
      ]
      // 32 stands for a state that is not known.
    ) { [$0.number(.nvmlDeviceGetPerformanceState).flatMap { $0 < 32 ? $0 : nil }] },
  ]

  static let domains: [(name: String, number: UInt32, what: String)] = [
    ("graphics", 0, "the graphics engine"),
    ("sm", 1, "the streaming multiprocessors"),
    ("memory", 2, "the device memory"),
    ("video", 3, "the video engines"),
  ]

  static let pcie: [Group] = [
    Group(
      readings: [
        level(
          "pcie.link_generation",
          "Generation of PCIe that the link runs at",
          "nvmlDeviceGetCurrPcieLinkGeneration",
          joining: .minimum
        ),
        level(
          "pcie.link_width",
          "Lanes that the link runs with",
          "nvmlDeviceGetCurrPcieLinkWidth",
          joining: .minimum
        ),
        counter("pcie.replays", "Packets that had to be sent again", "nvmlDeviceGetPcieReplayCounter"),
      ]
    ) { calls in
      [
        calls.number(.nvmlDeviceGetCurrPcieLinkGeneration), calls.number(.nvmlDeviceGetCurrPcieLinkWidth),
        calls.number(.nvmlDeviceGetPcieReplayCounter),
      ]
    },
    Group(
      readings: [
        level(
          "pcie.link_generation_maximum",
          "Highest generation of PCIe that GPU and slot have",
          "nvmlDeviceGetMaxPcieLinkGeneration",
          joining: .minimum
        ),
        level(
          "pcie.link_width_maximum",
          "Lanes that GPU and slot have",
          "nvmlDeviceGetMaxPcieLinkWidth",
          joining: .minimum
        ),
      ],
      isFixed: true
    ) { [$0.number(.nvmlDeviceGetMaxPcieLinkGeneration), $0.number(.nvmlDeviceGetMaxPcieLinkWidth)] },
    Group(
      readings: [
        amount(
          "pcie.transmitted_bytes_per_second",
          unit: "bytes_per_second",
          "Bytes sent over PCIe in 20 ms, as a rate; reading it takes those 20 ms",
          "nvmlDeviceGetPcieThroughput"
        ),
        amount(
          "pcie.received_bytes_per_second",
          unit: "bytes_per_second",
          "Bytes received over PCIe in 20 ms, as a rate; reading it takes those 20 ms",
          "nvmlDeviceGetPcieThroughput"
        ),
      ],
      isSlow: true
        // In KB/s, which the reference tells apart from KiB.
    ) { calls in [0, 1].map { calls.number(.nvmlDeviceGetPcieThroughput, $0).map { $0 * 1000 } } },
  ]
}
