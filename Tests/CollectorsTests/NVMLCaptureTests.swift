import Foundation
import Machines
import Testing

@testable import Collectors

/// What nvidia-smi said of real GPUs, in a folder that `NVIDIA_SMI_CAPTURES` names: text files with sections, each
/// headed by the command. They are other people's, and not part of this repository.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["NVIDIA_SMI_CAPTURES"] != nil,
    "NVIDIA_SMI_CAPTURES names no folder with captures of nvidia-smi"
  )
)
struct NVMLCaptureTests {
  private static func captures() throws -> [(name: String, text: String)] {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["NVIDIA_SMI_CAPTURES"] ?? "")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
  }

  /// Real libraries have every function that is looked up in them.
  @Test func librariesHaveTheFunctions() throws {
    var count = 0
    for (name, text) in try Self.captures() {
      let exported = Set(text.split(separator: "\n").filter { $0.wholeMatch(of: /nvml\w+/) != nil }.map(String.init))
      guard exported.count > 100 else { continue }
      count += 1
      let missing = NVMLSymbol.allCases.map(\.rawValue).filter { !exported.contains($0) }
      #expect(missing.isEmpty, "\(name)")
    }
    #expect(count > 0)
  }

  /// nvidia-smi's own words, turned into what NVML must have said, come out as the same numbers.
  @Test func readingsAreWhatNvidiaSMISays() throws {
    var rows = 0
    for (name, text) in try Self.captures() {
      for row in Self.rows(text) {
        rows += 1
        let bench = try GPUBench(Self.script(row))
        #expect(bench.collect().problems.isEmpty, "\(name)")
        let gpu = try #require(bench.gpu(0), "\(name)")
        for (field, reading, factor) in Self.fields {
          let expected = Self.number(row[field]).map { $0 * factor }
          let found = gpu[reading]
          let isEqual = expected.map { expected in found.map { abs($0 - expected) <= abs(expected) * 1e-9 } ?? false }
          #expect(isEqual ?? (found == nil), "\(name): \(field): \(row[field] ?? "none"), \(String(describing: found))")
        }
        let active = bench.parts("gpu.throttle").filter { $0.value["throttle.active"] == 1 }.keys.map { $0[0] }
        let expected = row.filter { $0.key.hasPrefix("clocks_event_reasons.") && $0.value == "Active" }
          .map { String($0.key.dropFirst("clocks_event_reasons.".count)) }
        #expect(Set(active).subtracting(["display_clock_setting"]) == Set(expected), "\(name)")
      }
    }
    #expect(rows > 8)
  }

  private static let mebi = 1_048_576.0

  /// Fields of `--query-gpu`, the reading that stands for each, and what one of the field is.
  private static let fields: [(String, String, Double)] = [
    ("utilization.gpu", "utilization.gpu_percent", 1), ("utilization.gpu", "utilization.gpu_ratio", 0.01),
    ("utilization.memory", "utilization.memory_percent", 1),
    ("utilization.encoder", "utilization.encoder_percent", 1),
    ("utilization.decoder", "utilization.decoder_percent", 1),
    ("memory.total", "memory.total_bytes", mebi), ("memory.used", "memory.used_bytes", mebi),
    ("memory.free", "memory.free_bytes", mebi), ("memory.reserved", "memory.reserved_bytes", mebi),
    ("power.draw.average", "power.average_watts", 1), ("power.draw.instant", "power.instant_watts", 1),
    ("enforced.power.limit", "power.limit_watts", 1), ("power.max_limit", "power.limit_maximum_watts", 1),
    ("temperature.gpu", "temperature.gpu_celsius", 1), ("temperature.memory", "temperature.memory_celsius", 1),
    ("temperature.gpu.tlimit", "temperature.margin_celsius", 1),
    ("clocks.current.sm", "clock.sm_hertz", 1e6), ("clocks.current.memory", "clock.memory_hertz", 1e6),
    ("clocks.current.video", "clock.video_hertz", 1e6), ("clocks.max.graphics", "clock.graphics_maximum_hertz", 1e6),
    ("fan.speed", "fan.speed_ratio", 0.01),
    ("pcie.link.gen.current", "pcie.link_generation", 1), ("pcie.link.width.max", "pcie.link_width_maximum", 1),
    ("remapped_rows.correctable", "remapped_rows.correctable", 1),
  ]

  /// Rows of the comma-separated sections, by field without its unit.
  private static func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { lines[$0].hasPrefix("timestamp, driver_version,") && $0 + 1 < lines.count }.map {
      index in
      let names = lines[index].components(separatedBy: ", ").map { $0.replacing(/\s\[[^\]]*\]$/, with: "") }
      return Dictionary(
        zip(names, lines[index + 1].components(separatedBy: ", ")),
        uniquingKeysWith: { first, _ in first }
      )
    }
  }

  private static func number(_ text: String?) -> Double? {
    text.flatMap { Double($0.prefix { $0 != " " && $0 != "[" }) }
  }

  private static func script(_ row: [String: String]) -> [String: String] {
    var lines = GPUBench.plain(0).merging(["nvmlDeviceGetCount": "1"]) { $1 }
    func set(_ key: String, _ fields: [String], factor: Double = 1, _ format: (String) -> String = { $0 }) {
      let values = fields.map { number(row[$0]).map { String(Int(($0 * factor).rounded())) } }
      let isThere = values.allSatisfy { $0 != nil }
      lines["0 " + key] = isThere ? format(values.compactMap { $0 }.joined(separator: " ")) : "!3"
    }
    set("nvmlDeviceGetUtilizationRates", ["utilization.gpu", "utilization.memory"])
    set("nvmlDeviceGetEncoderUtilization", ["utilization.encoder"])
    set("nvmlDeviceGetDecoderUtilization", ["utilization.decoder"])
    set(
      "nvmlDeviceGetMemoryInfo_v2",
      ["memory.total", "memory.reserved", "memory.free", "memory.used"],
      factor: mebi
    )
    set("field 185 0", ["power.draw.average"], factor: 1000) { "1 " + $0 }
    set("field 186 0", ["power.draw.instant"], factor: 1000) { "1 " + $0 }
    set("nvmlDeviceGetEnforcedPowerLimit", ["enforced.power.limit"], factor: 1000)
    set("nvmlDeviceGetPowerManagementLimitConstraints", ["power.min_limit", "power.max_limit"], factor: 1000)
    set("nvmlDeviceGetTemperatureV 0", ["temperature.gpu"])
    set("nvmlDeviceGetMarginTemperature", ["temperature.gpu.tlimit"])
    set("field 82 0", ["temperature.memory"]) { "1 " + $0 }
    let clocks = ["graphics", "sm", "memory", "video"]
    for (number, clock) in clocks.enumerated() {
      set("nvmlDeviceGetClockInfo \(number)", ["clocks.current." + clock])
      set("nvmlDeviceGetMaxClockInfo \(number)", ["clocks.max." + clock])
    }
    set("nvmlDeviceGetFanSpeed", ["fan.speed"])
    set("nvmlDeviceGetCurrPcieLinkGeneration", ["pcie.link.gen.current"])
    set("nvmlDeviceGetMaxPcieLinkWidth", ["pcie.link.width.max"])
    set(
      "nvmlDeviceGetRemappedRows",
      ["remapped_rows.correctable", "remapped_rows.uncorrectable"]
    ) { $0 + " 0 0" }
    if let mask = row["clocks_event_reasons.active"], mask.hasPrefix("0x"),
      let bits = UInt64(mask.dropFirst(2), radix: 16)
    {
      lines["0 nvmlDeviceGetCurrentClocksEventReasons"] = String(bits)
    }
    return lines
  }
}
