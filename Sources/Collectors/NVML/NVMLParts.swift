internal import CNVML
internal import MetricModel

/// What a GPU has several of: kinds of errors, reasons for lower clocks, links, instances. Each function gives the
/// further labels and values of one record's kind.
extension NVMLReadings {
  typealias Part = (labels: [String], values: [Double?])

  static func errors(_ calls: NVMLCalls) -> [Part] {
    ["corrected", "uncorrected"].enumerated().flatMap { error, errorName in
      ["volatile", "aggregate"].enumerated().compactMap { counter, counterName in
        calls.get(.nvmlDeviceGetTotalEccErrors, (UInt32(error), UInt32(counter)), into: UInt64(0)).map {
          ([errorName, counterName], [Double($0)])
        }
      }
    }
  }

  // MARK: Clocks

  /// Bits of the mask; the names are those of nvidia-smi.
  static let reasons: [(name: String, bit: UInt64)] = [
    ("gpu_idle", 0x001), ("applications_clocks_setting", 0x002), ("sw_power_cap", 0x004), ("hw_slowdown", 0x008),
    ("sync_boost", 0x010), ("sw_thermal_slowdown", 0x020), ("hw_thermal_slowdown", 0x040),
    ("hw_power_brake_slowdown", 0x080), ("display_clock_setting", 0x100),
  ]

  static func throttling(_ calls: NVMLCalls, supported: UInt64?) -> [Part] {
    let symbols: [NVMLSymbol] = [.nvmlDeviceGetCurrentClocksEventReasons, .nvmlDeviceGetCurrentClocksThrottleReasons]
    guard let active = calls.library.first(symbols).flatMap({ calls.long($0) }) else { return [] }
    return reasons.filter { (supported ?? .max) & $0.bit != 0 }.map { ([$0.name], [active & $0.bit != 0 ? 1 : 0]) }
  }

  /// `nvmlPerfPolicyType_t`, and the field that has the same where the function is gone.
  static let policies: [(name: String, number: UInt32?, field: UInt32)] = [
    ("power", 0, 74), ("thermal", 1, 75), ("sync_boost", 2, 76), ("board_limit", 3, 77), ("low_utilization", 4, 78),
    ("reliability", 5, 79), ("total_app_clocks", 10, 80), ("total_base_clocks", 11, 81),
    ("sw_thermal_slowdown", nil, 269), ("hw_thermal_slowdown", nil, 270), ("hw_power_brake_slowdown", nil, 271),
  ]

  /// In nanoseconds both.
  static func throttleTimes(_ calls: NVMLCalls) -> [Part] {
    let hasFunction = calls.library.has(.nvmlDeviceGetViolationStatus)
    let byField = policies.filter { $0.number == nil || !hasFunction }
    let fields = calls.fields(byField.map { .init(id: $0.field) })
    let values = Dictionary(zip(byField.map(\.field), fields), uniquingKeysWith: { first, _ in first })
    return policies.compactMap { policy in
      var nanoseconds = values[policy.field] ?? nil
      if hasFunction, let number = policy.number {
        let status = calls.get(.nvmlDeviceGetViolationStatus, number, into: CNVMLViolationTime())
        nanoseconds = status.map { Double($0.violationTime) }
      }
      return nanoseconds.map { ([policy.name], [$0 / 1e9]) }
    }
  }

  // MARK: NVLink

  static let linkReadings: [ReadingDescriptor] =
    [
      level(
        "nvlink.up",
        "1: the link is active",
        "nvmlDeviceGetNvLinkState",
        joining: .minimum,
        chapter: "NvLink Methods"
      ),
      level("nvlink.version", "Version of NVLink", "nvmlDeviceGetNvLinkVersion", chapter: "NvLink Methods"),
    ]
    + linkErrors.map {
      counter("nvlink.\($0.name)_errors", $0.help, "nvmlDeviceGetNvLinkErrorCounter", chapter: "NvLink Methods")
    }
    + linkFields.map { field in
      counter(
        "nvlink.\(field.name)",
        unit: field.factor == nil ? nil : "bytes",
        field.help,
        "nvmlDeviceGetFieldValues(\(field.constant))",
        chapter: "Field Value Queries"
      )
    }

  private static let linkErrors: [(name: String, help: String)] = [
    ("replay", "Packets that had to be sent again"),
    ("recovery", "Times the link had to recover"),
    ("crc_flit", "Flow control digits with a wrong checksum"),
    ("crc_data", "Data with a wrong checksum"),
  ]

  private struct LinkField: Sendable {
    var name: String
    var help: String
    var constant: String
    var id: UInt32
    /// Bytes that one stands for; nil: a number of things.
    var factor: Double?
    /// Where the fifth version of NVLink has it, in bytes.
    var newer: UInt32?
  }

  private static let linkFields: [LinkField] = [
    LinkField(
      name: "transmitted_bytes",
      help: "Data sent",
      constant: "NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, else NVML_FI_DEV_NVLINK_COUNT_XMIT_BYTES",
      id: 138,
      factor: 1024,
      newer: 202
    ),
    LinkField(
      name: "received_bytes",
      help: "Data received",
      constant: "NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, else NVML_FI_DEV_NVLINK_COUNT_RCV_BYTES",
      id: 139,
      factor: 1024,
      newer: 204
    ),
    LinkField(
      name: "transmitted_raw_bytes",
      help: "Data and protocol sent",
      constant: "NVML_FI_DEV_NVLINK_THROUGHPUT_RAW_TX",
      id: 140,
      factor: 1024
    ),
    LinkField(
      name: "received_raw_bytes",
      help: "Data and protocol received",
      constant: "NVML_FI_DEV_NVLINK_THROUGHPUT_RAW_RX",
      id: 141,
      factor: 1024
    ),
    LinkField(
      name: "link_recoveries",
      help: "Times the link went from up to recovery (NVLink 5)",
      constant: "NVML_FI_DEV_NVLINK_COUNT_LINK_RECOVERY_EVENTS",
      id: 215
    ),
    LinkField(
      name: "receive_errors",
      help: "Packets received with errors (NVLink 5)",
      constant: "NVML_FI_DEV_NVLINK_COUNT_RCV_ERRORS",
      id: 208
    ),
  ]

  static func links(_ calls: NVMLCalls, _ links: [(number: UInt32, version: Double?)]) -> [Part] {
    // One call for the fields of all links.
    let wanted = links.flatMap { link in
      linkFields.flatMap { field in
        [field.id, field.newer].compactMap { $0 }.map { NVMLCalls.Field(id: $0, scope: link.number) }
      }
    }
    let values = Dictionary(zip(wanted, calls.fields(wanted)), uniquingKeysWith: { first, _ in first })
    return links.compactMap { link in
      guard let state = calls.number(.nvmlDeviceGetNvLinkState, link.number) else { return nil }
      let errors = linkErrors.indices.map { kind in
        calls.get(.nvmlDeviceGetNvLinkErrorCounter, (link.number, UInt32(kind)), into: UInt64(0)).map { Double($0) }
      }
      let counts = linkFields.map { field in
        let old = values[.init(id: field.id, scope: link.number)] ?? nil
        let new = field.newer.flatMap { values[.init(id: $0, scope: link.number)] ?? nil }
        return old.map { $0 * (field.factor ?? 1) } ?? new
      }
      return ([String(link.number)], [state, link.version] + errors + counts)
    }
  }
}
