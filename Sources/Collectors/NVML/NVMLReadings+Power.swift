internal import CNVML
internal import MetricModel

/// Power, energy and temperatures of one GPU.
extension NVMLReadings {
  static let fieldChapter = "Field Value Queries"

  static let power: [Group] = [
    Group(
      readings: [
        amount(
          "power.usage_watts",
          unit: "watts",
          "Power draw: the average of a second since Ampere (but not GA100), of the moment before",
          "nvmlDeviceGetPowerUsage"
        )
      ]
    ) { [$0.number(.nvmlDeviceGetPowerUsage).map { $0 / 1000 }] },
    Group(
      readings: [
        amount(
          "power.average_watts",
          unit: "watts",
          "Power draw, average of a second",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_POWER_AVERAGE)",
          chapter: fieldChapter
        ),
        amount(
          "power.instant_watts",
          unit: "watts",
          "Power draw of the moment",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_POWER_INSTANT)",
          chapter: fieldChapter
        ),
      ]
    ) { $0.fields([.init(id: 185), .init(id: 186)]).map { $0.map { $0 / 1000 } } },
    Group(
      readings: [
        amount(
          "power.limit_watts",
          unit: "watts",
          "Power limit that is in force",
          "nvmlDeviceGetEnforcedPowerLimit"
        )
      ]
    ) { [$0.number(.nvmlDeviceGetEnforcedPowerLimit).map { $0 / 1000 }] },
    Group(
      readings: [
        amount(
          "power.limit_default_watts",
          unit: "watts",
          "Power limit that the GPU starts with",
          "nvmlDeviceGetPowerManagementDefaultLimit"
        ),
        amount(
          "power.limit_minimum_watts",
          unit: "watts",
          "Least power limit that can be set",
          "nvmlDeviceGetPowerManagementLimitConstraints"
        ),
        amount(
          "power.limit_maximum_watts",
          unit: "watts",
          "Highest power limit that can be set",
          "nvmlDeviceGetPowerManagementLimitConstraints"
        ),
      ],
      isFixed: true
    ) { calls in
      let limits = calls.pair(.nvmlDeviceGetPowerManagementLimitConstraints)
      return [calls.number(.nvmlDeviceGetPowerManagementDefaultLimit), limits?.0, limits?.1].map {
        $0.map { $0 / 1000 }
      }
    },
    Group(
      readings: [
        counter(
          "energy.joules",
          unit: "joules",
          "Energy used since the driver was loaded",
          "nvmlDeviceGetTotalEnergyConsumption"
        )
      ]
    ) { [$0.long(.nvmlDeviceGetTotalEnergyConsumption).map { Double($0) / 1000 }] },
  ]

  static let temperature: [Group] = [
    Group(
      readings: [
        level(
          "temperature.gpu_celsius",
          unit: "celsius",
          "Temperature of the GPU",
          "nvmlDeviceGetTemperatureV, else nvmlDeviceGetTemperature",
          joining: .maximum
        )
      ]
    ) { calls in
      var versioned = CNVMLTemperature()
      versioned.version = UInt32(MemoryLayout<CNVMLTemperature>.size) | 1 << 24
      let value = calls.get(.nvmlDeviceGetTemperatureV, into: versioned, hasOther: true).map { Double($0.celsius) }
      return [value ?? calls.number(.nvmlDeviceGetTemperature, 0)]
    },
    Group(
      readings: [
        level(
          "temperature.memory_celsius",
          unit: "celsius",
          "Temperature of the device memory",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_MEMORY_TEMP)",
          joining: .maximum,
          chapter: fieldChapter
        )
      ]
    ) { calls in
      // GPUs without the sensor answer 0.
      calls.fields([.init(id: 82)]).map { $0 == 0 ? nil : $0 }
    },
    Group(
      readings: [
        level(
          "temperature.margin_celsius",
          unit: "celsius",
          "How far the GPU is below the temperature at which it slows down",
          "nvmlDeviceGetMarginTemperature",
          joining: .minimum
        )
      ]
    ) { calls in
      var margin = CNVMLMarginTemperature()
      margin.version = UInt32(MemoryLayout<CNVMLMarginTemperature>.size) | 1 << 24
      return [calls.get(.nvmlDeviceGetMarginTemperature, into: margin).map { Double($0.celsius) }]
    },
    Group(
      readings: thresholds.map { name, _, what in
        level(
          "temperature.\(name)_celsius",
          unit: "celsius",
          "Temperature at which \(what)",
          "nvmlDeviceGetTemperatureThreshold",
          joining: .minimum
        )
      },
      isFixed: true
    ) { calls in thresholds.map { calls.number(.nvmlDeviceGetTemperatureThreshold, $0.number) } },
  ]

  static let thresholds: [(name: String, number: UInt32, what: String)] = [
    ("shutdown", 0, "the GPU shuts down"),
    ("slowdown", 1, "the hardware slows the GPU down"),
    ("memory_maximum", 2, "the GPU is slowed down for its memory"),
    ("gpu_maximum", 3, "the GPU may run below its base clock"),
  ]
}
