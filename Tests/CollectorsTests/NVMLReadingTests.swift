import Collectors
import Foundation
import MetricModel
import Testing

/// What is read of GPUs that are well, call by call.
@Suite struct NVMLReadingTests {
  /// A GPU that has everything.
  static let whole: [String: String] = [
    "nvmlDeviceGetCount": "1",
    "nvmlSystemGetDriverVersion": "590.48.01",
    "nvmlSystemGetNVMLVersion": "13.590.48.01",
    "nvmlSystemGetCudaDriverVersion_v2": "13010",
    "0 nvmlDeviceGetUUID": "GPU-0000",
    "0 nvmlDeviceGetName": "NVIDIA H100 80GB HBM3",
    "0 nvmlDeviceGetPciInfo_v3": "00000000:3B:00.0",
    "0 nvmlDeviceGetUtilizationRates": "97 41",
    "0 nvmlDeviceGetEncoderUtilization": "3 167000",
    "0 nvmlDeviceGetDecoderUtilization": "4 167000",
    "0 nvmlDeviceGetJpgUtilization": "5 167000",
    "0 nvmlDeviceGetOfaUtilization": "6 167000",
    "0 nvmlDeviceGetMemoryInfo_v2": "85520809984 502267904 73350000000 11668542080",
    "0 nvmlDeviceGetMemoryInfo": "85520809984 73350000000 12170809984",
    "0 nvmlDeviceGetBAR1MemoryInfo": "137438953472 137400000000 38953472",
    "0 nvmlDeviceGetPowerUsage": "629450",
    "0 field 185 0": "1 629450",
    "0 field 186 0": "1 588390",
    "0 nvmlDeviceGetEnforcedPowerLimit": "700000",
    "0 nvmlDeviceGetPowerManagementDefaultLimit": "650000",
    "0 nvmlDeviceGetPowerManagementLimitConstraints": "200000 710000",
    "0 nvmlDeviceGetTotalEnergyConsumption": "9007199254741",
    "0 nvmlDeviceGetTemperatureV 0": "59",
    "0 nvmlDeviceGetMarginTemperature": "26",
    "0 field 82 0": "1 55",
    "0 nvmlDeviceGetTemperatureThreshold 0": "92",
    "0 nvmlDeviceGetTemperatureThreshold 1": "89",
    "0 nvmlDeviceGetTemperatureThreshold 2": "95",
    "0 nvmlDeviceGetTemperatureThreshold 3": "87",
    "0 nvmlDeviceGetClockInfo 0": "1980",
    "0 nvmlDeviceGetClockInfo 1": "1965",
    "0 nvmlDeviceGetClockInfo 2": "2619",
    "0 nvmlDeviceGetClockInfo 3": "1545",
    "0 nvmlDeviceGetMaxClockInfo 0": "1981",
    "0 nvmlDeviceGetMaxClockInfo 1": "1982",
    "0 nvmlDeviceGetMaxClockInfo 2": "2620",
    "0 nvmlDeviceGetMaxClockInfo 3": "1546",
    "0 nvmlDeviceGetFanSpeed": "105",
    "0 nvmlDeviceGetPerformanceState": "2",
    "0 nvmlDeviceGetCurrPcieLinkGeneration": "4",
    "0 nvmlDeviceGetCurrPcieLinkWidth": "8",
    "0 nvmlDeviceGetMaxPcieLinkGeneration": "5",
    "0 nvmlDeviceGetMaxPcieLinkWidth": "16",
    "0 nvmlDeviceGetPcieReplayCounter": "9",
    "0 nvmlDeviceGetPcieThroughput 0": "3092",
    "0 nvmlDeviceGetPcieThroughput 1": "6346",
    "0 nvmlDeviceGetEccMode": "1 0",
    "0 field 29 0": "3 11",
    "0 field 30 0": "3 12",
    "0 field 31 0": "1 1",
    "0 nvmlDeviceGetRemappedRows": "2 3 1 0",
    "0 nvmlDeviceGetMigMode": "0 1",
    "0 nvmlDeviceGetPersistenceMode": "1",
    "0 nvmlDeviceGetComputeMode": "3",
    "0 nvmlDeviceRegisterEvents": "0",
  ]

  @Test func everyReadingOfAGPUHasItsValue() throws {
    let bench = try GPUBench(Self.whole)
    let batch = bench.collect()
    #expect(batch.problems.isEmpty)
    let labels = ["590.48.01", "13.1", "13.590.48.01"]
    #expect(batch.records.first?.labels == labels)
    #expect(
      batch.values(NVMLCollector.self, "driver", "590.48.01") == ["driver.info": 1, "device.count": 1]
    )
    #expect(batch.records[1].labels == ["0", "GPU-0000", "NVIDIA H100 80GB HBM3", "00000000:3B:00.0"])
    let expected: [String: Double] = [
      "gpu.up": 1, "xid.errors": 0,
      "utilization.gpu_percent": 97, "utilization.gpu_ratio": 0.97,
      "utilization.memory_percent": 41, "utilization.memory_ratio": 0.41,
      "utilization.encoder_percent": 3, "utilization.encoder_ratio": 0.03,
      "utilization.decoder_percent": 4, "utilization.decoder_ratio": 0.04,
      "utilization.jpeg_percent": 5, "utilization.jpeg_ratio": 0.05,
      "utilization.ofa_percent": 6, "utilization.ofa_ratio": 0.06,
      "memory.total_bytes": 85_520_809_984, "memory.reserved_bytes": 502_267_904,
      "memory.free_bytes": 73_350_000_000, "memory.used_bytes": 11_668_542_080,
      "memory.used_ratio": 11_668_542_080 / 85_520_809_984,
      "memory.bar1_total_bytes": 137_438_953_472, "memory.bar1_used_bytes": 38_953_472,
      "power.usage_watts": 629.45, "power.average_watts": 629.45, "power.instant_watts": 588.39,
      "power.limit_watts": 700, "power.limit_default_watts": 650,
      "power.limit_minimum_watts": 200, "power.limit_maximum_watts": 710,
      "energy.joules": 9_007_199_254.741,
      "temperature.gpu_celsius": 59, "temperature.memory_celsius": 55, "temperature.margin_celsius": 26,
      "temperature.shutdown_celsius": 92, "temperature.slowdown_celsius": 89,
      "temperature.memory_maximum_celsius": 95, "temperature.gpu_maximum_celsius": 87,
      "clock.graphics_hertz": 1.98e9, "clock.sm_hertz": 1.965e9, "clock.memory_hertz": 2.619e9,
      "clock.video_hertz": 1.545e9, "clock.graphics_maximum_hertz": 1.981e9, "clock.sm_maximum_hertz": 1.982e9,
      "clock.memory_maximum_hertz": 2.62e9, "clock.video_maximum_hertz": 1.546e9,
      "fan.speed_ratio": 1.05, "performance.state": 2,
      "pcie.link_generation": 4, "pcie.link_width": 8, "pcie.link_generation_maximum": 5,
      "pcie.link_width_maximum": 16, "pcie.replays": 9,
      "pcie.transmitted_bytes_per_second": 3_092_000, "pcie.received_bytes_per_second": 6_346_000,
      "ecc.enabled": 1, "ecc.pending": 0,
      "retired_pages.single_bit": 11, "retired_pages.double_bit": 12, "retired_pages.pending": 1,
      "remapped_rows.correctable": 2, "remapped_rows.uncorrectable": 3, "remapped_rows.pending": 1,
      "remapped_rows.failure": 0,
      "mig.enabled": 0, "mig.pending": 1, "persistence.enabled": 1, "compute.mode": 3,
    ]
    let found = try #require(bench.gpu(0))
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    #expect(Set(found.keys) == Set(expected.keys))
  }

  @Test func whatIsOfferedIsWellFormed() throws {
    let names = NVMLCollector.descriptor.records.flatMap(\.readings).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(names).isSuperset(of: ["memory.used_bytes", "utilization.gpu_percent"]))
    for record in NVMLCollector.descriptor.records {
      for reading in record.readings {
        #expect(reading.unit.map { reading.name.hasSuffix($0) } ?? true, "\(reading.name)")
        #expect(!reading.help.isEmpty && reading.source.contains("; NVML API reference, "), "\(reading.name)")
      }
    }
    let bench = try GPUBench(Self.whole)
    for record in bench.collect().records {
      let descriptor = NVMLCollector.descriptor.records[record.kind]
      #expect(record.labels.count == descriptor.labels.count && record.captures.isEmpty)
      #expect(record.values.count == descriptor.readings.count)
    }
  }

  @Test func whatAGPUDoesNotHaveIsLeftOut() throws {
    var lines = GPUBench.plain(0)
    lines["nvmlDeviceGetCount"] = "1"
    // Not supported by itself, and each answer that means the same.
    for (number, code) in [3, 13, 4, 2, 6, 21, 25, 26, 27].enumerated() {
      lines["0 nvmlDeviceGetClockInfo \(number % 4)"] = "!\(code)"
      lines["0 nvmlDeviceGetTemperatureThreshold \(number % 4)"] = "!\(code)"
    }
    lines["0 nvmlDeviceGetPerformanceState"] = "32"
    lines["0 field 82 0"] = "1 0"
    let bench = try GPUBench(lines)
    #expect(bench.collect().problems.isEmpty)
    let expected = [
      "gpu.up", "utilization.gpu_percent", "utilization.gpu_ratio", "utilization.memory_percent",
      "utilization.memory_ratio", "power.usage_watts",
    ]
    #expect(bench.gpu(0).map { Set($0.keys) } == Set(expected))
    #expect(bench.batch.records.count == 2)
  }

  @Test func oneCallThatFailsIsAProblemAndTakesNothingElse() throws {
    let bench = try GPUBench(Self.whole.merging(["0 nvmlDeviceGetFanSpeed": "!999"]) { $1 })
    #expect(bench.collect().problems == ["GPU 0 (GPU-0000): nvmlDeviceGetFanSpeed: Unknown Error (error 999)"])
    #expect(bench.gpu(0)?["fan.speed_ratio"] == nil && bench.gpu(0)?["gpu.up"] == 1)
  }

  @Test func usedMemoryNeverHasTheReservedInIt() throws {
    var lines = Self.whole
    // As one driver says it: total, reserved, free, used with the reserved.
    lines["0 nvmlDeviceGetMemoryInfo_v2"] = "1000 100 700 300"
    let bench = try GPUBench(lines)
    bench.collect()
    #expect(bench.gpu(0)?["memory.used_bytes"] == 200 && bench.gpu(0)?["memory.used_ratio"] == 0.2)
    // Rounded by the driver.
    for text in ["1000 100 701 200", "1000 100 699 200", "1000 0 800 200"] {
      bench.library["0 nvmlDeviceGetMemoryInfo_v2"] = text
      bench.collect()
      #expect(bench.gpu(0)?["memory.used_bytes"] == 200, "\(text)")
    }
  }

  @Test(arguments: ["!999", "!13", "!25"])
  func memoryComesFromTheOlderCallWhereTheNewerFails(answer: String) throws {
    let bench = try GPUBench(Self.whole.merging(["0 nvmlDeviceGetMemoryInfo_v2": answer]) { $1 })
    #expect(bench.collect().problems.isEmpty)
    #expect(bench.gpu(0)?["memory.used_bytes"] == 12_170_809_984)
    #expect(bench.gpu(0)?["memory.reserved_bytes"] == nil)
  }

  @Test func fieldsAreReadByTheirType() throws {
    let bench = try GPUBench(Self.whole)
    for (text, value) in [
      ("1 4000000000", 4e9), ("2 7", 7), ("3 9007199254740993", 9_007_199_254_740_992), ("4 18446744073709551615", -1),
      ("5 -5", -5), ("6 65535", 65535), ("0 4611686018427387904", 2), ("9 1", nil),
    ] as [(String, Double?)] {
      bench.library["0 field 29 0"] = text
      bench.collect()
      #expect(bench.gpu(0)?["retired_pages.single_bit"] == value, "\(text)")
    }
  }

  @Test func slowReadingsAreTakenWhereTheyAreWanted() throws {
    let bench = try GPUBench(Self.whole, wanted: ["memory.used_bytes"])
    bench.collect()
    #expect(bench.gpu(0)?["pcie.received_bytes_per_second"] == nil && bench.gpu(0)?["power.usage_watts"] == 629.45)
    #expect(bench.library.calls("nvmlDeviceGetPcieThroughput") == 0)
    let other = try GPUBench(Self.whole, wanted: ["pcie.received_bytes_per_second"])
    other.collect()
    #expect(other.gpu(0)?["pcie.received_bytes_per_second"] == 6_346_000)
  }

  @Test func whatCannotChangeIsReadOnce() throws {
    let bench = try GPUBench(Self.whole)
    for _ in 0..<3 { bench.collect() }
    for name in ["nvmlDeviceGetUUID", "nvmlDeviceGetPowerManagementLimitConstraints", "nvmlInit_v2"] {
      #expect(bench.library.calls(name) == 1, "\(name)")
    }
    #expect(bench.library.calls("nvmlDeviceGetUtilizationRates") == 3)
    #expect(bench.gpu(0)?["power.limit_maximum_watts"] == 710)
  }

  @Test func anOldDriverGivesWhatItHas() throws {
    var lines = GPUBench.plain(0)
    lines["nvmlDeviceGetCount"] = "1"
    lines["0 nvmlDeviceGetPciInfo"] = "0000:3B:00.0"
    lines["0 nvmlDeviceGetMemoryInfo"] = "1000 600 400"
    lines["0 nvmlDeviceGetTemperature 0"] = "61"
    lines["0 nvmlDeviceGetCurrentClocksThrottleReasons"] = "4"
    lines["0 nvmlDeviceGetComputeRunningProcesses"] = "12:1048576 13:18446744073709551615"
    let bench = try GPUBench(lines, isOld: true)
    #expect(bench.collect().problems.isEmpty)
    #expect(bench.batch.records[0].labels == ["unknown", "unknown", "unknown"])
    #expect(bench.batch.records[1].labels == ["0", "GPU-0", "Plain", "00000000:3B:00.0"])
    let gpu = try #require(bench.gpu(0))
    #expect(gpu["memory.used_bytes"] == 400 && gpu["memory.free_bytes"] == 600 && gpu["temperature.gpu_celsius"] == 61)
    #expect(bench.parts("gpu.throttle").count == 9)
    #expect(bench.parts("gpu.throttle")[["sw_power_cap"]] == ["throttle.active": 1])
    let processes = bench.parts("gpu.process")
    #expect(
      processes[["none", "12", "compute", "unknown"]] == ["process.memory_used_bytes": 1_048_576, "process.count": 1]
    )
    #expect(processes[["none", "13", "compute", "unknown"]] == ["process.count": 1])
  }
}
