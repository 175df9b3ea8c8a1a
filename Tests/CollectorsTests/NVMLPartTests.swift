import Collectors
import Foundation
import Testing

/// What a GPU has several of: errors, reasons, links, instances, processes.
@Suite struct NVMLPartTests {
  private static let one = GPUBench.plain(0).merging(["nvmlDeviceGetCount": "1"]) { $1 }

  private static func with(_ lines: [String: String]) -> [String: String] { one.merging(lines) { $1 } }

  @Test func memoryErrorsAreToldApart() throws {
    let bench = try GPUBench(
      Self.with([
        "0 nvmlDeviceGetTotalEccErrors 0 0": "1", "0 nvmlDeviceGetTotalEccErrors 0 1": "18446744073709551615",
        "0 nvmlDeviceGetTotalEccErrors 1 0": "3", "0 nvmlDeviceGetTotalEccErrors 1 1": "!3",
      ])
    )
    bench.collect()
    #expect(
      bench.parts("gpu.ecc") == [
        ["corrected", "volatile"]: ["ecc.errors": 1],
        ["corrected", "aggregate"]: ["ecc.errors": 0x1p64],
        ["uncorrected", "volatile"]: ["ecc.errors": 3],
      ]
    )
  }

  @Test func eachReasonForLowerClocksIsAFlag() throws {
    let bench = try GPUBench(
      Self.with([
        "0 nvmlDeviceGetCurrentClocksEventReasons": "\(0x004 | 0x040)",
        "0 nvmlDeviceGetSupportedClocksEventReasons": "\(0x1FF & ~0x100)",
      ])
    )
    bench.collect()
    let flags = bench.parts("gpu.throttle").mapValues { $0["throttle.active"] }
    #expect(
      flags == [
        ["gpu_idle"]: 0, ["applications_clocks_setting"]: 0, ["sw_power_cap"]: 1, ["hw_slowdown"]: 0,
        ["sync_boost"]: 0, ["sw_thermal_slowdown"]: 0, ["hw_thermal_slowdown"]: 1, ["hw_power_brake_slowdown"]: 0,
      ]
    )
  }

  @Test func timesOfLowerClocksAreInSeconds() throws {
    let bench = try GPUBench(
      Self.with([
        "0 nvmlDeviceGetViolationStatus 0": "2500000000", "0 nvmlDeviceGetViolationStatus 11": "7000000000",
        "0 field 270 0": "3 1500000000", "0 field 75 0": "3 1",
      ])
    )
    bench.collect()
    #expect(
      bench.parts("gpu.throttle_time") == [
        ["power"]: ["throttle.seconds": 2.5], ["total_base_clocks"]: ["throttle.seconds": 7],
        ["hw_thermal_slowdown"]: ["throttle.seconds": 1.5],
      ]
    )
  }

  @Test func linksHaveTheirOwnReadings() throws {
    var lines: [String: String] = [:]
    for link in [0, 2] {
      lines["0 nvmlDeviceGetNvLinkState \(link)"] = "\(link == 0 ? 1 : 0)"
      lines["0 nvmlDeviceGetNvLinkVersion \(link)"] = "4"
    }
    for kind in 0..<4 { lines["0 nvmlDeviceGetNvLinkErrorCounter 0 \(kind)"] = "\(10 + kind)" }
    for (field, value) in [138: 1, 139: 2, 140: 3, 141: 4] { lines["0 field \(field) 0"] = "3 \(value)" }
    // The second link counts as NVLink 5 does.
    for (field, value) in [202: 5, 204: 6, 208: 7, 215: 8] { lines["0 field \(field) 2"] = "3 \(value)" }
    let bench = try GPUBench(Self.with(lines))
    bench.collect()
    let links = bench.parts("gpu.nvlink")
    #expect(Set(links.keys) == [["0"], ["2"]])
    #expect(
      links[["0"]] == [
        "nvlink.up": 1, "nvlink.version": 4, "nvlink.replay_errors": 10, "nvlink.recovery_errors": 11,
        "nvlink.crc_flit_errors": 12, "nvlink.crc_data_errors": 13, "nvlink.transmitted_bytes": 1024,
        "nvlink.received_bytes": 2048, "nvlink.transmitted_raw_bytes": 3072, "nvlink.received_raw_bytes": 4096,
      ]
    )
    #expect(
      links[["2"]] == [
        "nvlink.up": 0, "nvlink.version": 4, "nvlink.transmitted_bytes": 5, "nvlink.received_bytes": 6,
        "nvlink.receive_errors": 7, "nvlink.link_recoveries": 8,
      ]
    )
    // All fields of all links in one call, besides those of the GPU.
    let before = bench.library.calls("nvmlDeviceGetFieldValues")
    bench.collect()
    #expect(bench.library.calls("nvmlDeviceGetFieldValues") - before < 8)
  }

  // MARK: Instances

  private static let divided = with([
    "0 nvmlDeviceGetMigMode": "1 1", "0 nvmlDeviceGetMaxMigDeviceCount": "7",
    "0 nvmlDeviceGetUtilizationRates": "!3", "0 nvmlDeviceGetComputeRunningProcesses_v3": "!4",
    "0 nvmlDeviceGetMemoryInfo_v2": "!4", "0 nvmlDeviceGetMemoryInfo": "!4",
    "0/0 nvmlDeviceGetUUID": "MIG-a", "0/0 nvmlDeviceGetName": "NVIDIA H100 80GB HBM3 MIG 3g.40gb",
    "0/0 nvmlDeviceGetGpuInstanceId": "2", "0/0 nvmlDeviceGetComputeInstanceId": "0",
    "0/0 nvmlDeviceGetMemoryInfo_v2": "42412802048 0 42385539072 27262976",
    "0/0 nvmlDeviceGetComputeRunningProcesses_v3": "21180:2407530496",
    "0/3 nvmlDeviceGetUUID": "MIG-b", "0/3 nvmlDeviceGetName": "NVIDIA H100 80GB HBM3 MIG 1c.2g.20gb",
    "0/3 nvmlDeviceGetGpuInstanceId": "9", "0/3 nvmlDeviceGetComputeInstanceId": "1",
  ])

  @Test func instancesOfADividedGPUAreRecords() throws {
    let bench = try GPUBench(Self.divided)
    #expect(bench.collect().problems.isEmpty)
    #expect(bench.gpu(0)?["mig.enabled"] == 1 && bench.gpu(0)?["utilization.gpu_percent"] == nil)
    #expect(
      bench.parts("mig") == [
        ["MIG-a", "2", "0", "3g.40gb"]: [
          "mig.memory_total_bytes": 42_412_802_048, "mig.memory_free_bytes": 42_385_539_072,
          "mig.memory_used_bytes": 27_262_976, "mig.memory_reserved_bytes": 0,
        ],
        ["MIG-b", "9", "1", "1c.2g.20gb"]: [:],
      ]
    )
    #expect(
      bench.parts("gpu.process") == [
        ["MIG-a", "21180", "compute", "unknown"]: ["process.memory_used_bytes": 2_407_530_496, "process.count": 1]
      ]
    )
  }

  @Test func instancesThatChangeAreReadAnew() throws {
    let bench = try GPUBench(Self.divided)
    bench.collect()
    bench.library["0/0 nvmlDeviceGetUUID"] = nil
    bench.library["0/3 nvmlDeviceGetUUID"] = "MIG-c"
    bench.collect()
    #expect(Set(bench.parts("mig").keys.map { $0[0] }) == ["MIG-c"])
    // One that goes while it is read takes no GPU with it.
    bench.library["0/3 everything"] = "!15"
    bench.collect()
    #expect(bench.gpu(0)?["gpu.up"] == 1)
    #expect(bench.library.calls("nvmlInit_v2") == 1)
  }

  // MARK: Processes

  @Test func processesHaveTheirMemory() throws {
    let root = try KernelArchive(
      text: """
        Path: proc/self/ns/pid
        SymlinkTo: pid:[4026531836]
        Path: proc/11327/comm
        Lines: 1
        python3
        """
    )
    let bench = try GPUBench(
      Self.with([
        "0 nvmlDeviceGetComputeRunningProcesses_v3": "11327:2690646016 7:18446744073709551615 9:5",
        "0 nvmlDeviceGetGraphicsRunningProcesses_v3": "11327:2690646016 8:4096",
      ]),
      root: root.root
    )
    bench.collect()
    #expect(
      bench.parts("gpu.process") == [
        ["none", "11327", "compute+graphics", "python3"]: [
          "process.memory_used_bytes": 2_690_646_016, "process.count": 1,
        ],
        ["none", "7", "compute", "unknown"]: ["process.count": 1],
        ["none", "8", "graphics", "unknown"]: ["process.memory_used_bytes": 4096, "process.count": 1],
        ["none", "9", "compute", "unknown"]: ["process.memory_used_bytes": 5, "process.count": 1],
      ]
    )
  }

  @Test func aContainerNamesNoProcessOfItsOwnForOneOfTheMachines() throws {
    let root = try KernelArchive(
      text: """
        Path: proc/self/ns/pid
        SymlinkTo: pid:[4026532281]
        Path: proc/11327/comm
        Lines: 1
        other
        """
    )
    let bench = try GPUBench(
      Self.with(["0 nvmlDeviceGetComputeRunningProcesses_v3": "11327:1"]),
      root: root.root
    )
    bench.collect()
    #expect(Array(bench.parts("gpu.process").keys) == [["none", "11327", "compute", "unknown"]])
  }

  @Test func processesThatComeMeanwhileAreMetByMoreRoom() throws {
    let bench = try GPUBench(Self.with(["0 nvmlDeviceGetComputeRunningProcesses_v3": "many 70 1000 3"]))
    #expect(bench.collect().problems.isEmpty)
    #expect(bench.parts("gpu.process").count == 3070)
    // More of them come after each call than there is room for.
    let other = try GPUBench(Self.with(["0 nvmlDeviceGetComputeRunningProcesses_v3": "many 70 20000 9"]))
    #expect(other.collect().problems.count == 1)
    #expect(other.parts("gpu.process").isEmpty && other.gpu(0)?["gpu.up"] == 1)
  }

  // MARK: XID errors

  @Test func xidErrorsAreCounted() throws {
    let bench = try GPUBench(Self.with(["0 nvmlDeviceRegisterEvents": "0"]))
    bench.collect()
    #expect(bench.gpu(0)?["xid.errors"] == 0 && bench.parts("gpu.xid").isEmpty)
    for xid: UInt64 in [79, 31, 79] { bench.library.event(device: 0, xid: xid) }
    bench.collect()
    #expect(bench.gpu(0)?["xid.errors"] == 3)
    #expect(bench.parts("gpu.xid") == [["31"]: ["xid.errors_by_code": 1], ["79"]: ["xid.errors_by_code": 2]])
    // Not more kinds than anybody wants to see.
    for start: UInt64 in [1000, 1050] {
      for xid in start..<start + 50 { bench.library.event(device: 0, xid: xid) }
      bench.collect()
    }
    #expect(bench.gpu(0)?["xid.errors"] == 103)
    #expect(bench.parts("gpu.xid").count == 65)
    #expect(bench.parts("gpu.xid")[["other"]] == ["xid.errors_by_code": 38])
  }

  @Test func aGPUThatReportsNoEventsHasNoCount() throws {
    let bench = try GPUBench(Self.one)
    bench.collect()
    #expect(bench.gpu(0)?["xid.errors"] == nil)
    #expect(bench.library.calls("nvmlEventSetFree") == 1)
  }
}
