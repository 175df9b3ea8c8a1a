internal import CNVML

/// Memory in one meaning, whichever function it came from.
struct NVMLMemory {
  var total: Double
  var free: Double
  var used: Double
  var reserved: Double?

  /// The version with the reserved memory, else the older one, whose used memory has it inside.
  init?(_ calls: NVMLCalls) {
    var versioned = CNVMLMemoryV2()
    versioned.version = Self.version
    if let memory = calls.get(.nvmlDeviceGetMemoryInfoV2, into: versioned, hasOther: true) {
      (total, free, used) = (Double(memory.total), Double(memory.free), Double(memory.used))
      let reserved = Double(memory.reserved)
      self.reserved = reserved
      // Drivers differ in whether used memory has the reserved memory in it; here it never has. The three parts make
      // up the total, so that one too many shows.
      if used >= reserved, used + free + reserved > total + reserved / 2 { used -= reserved }
    } else if let memory = calls.get(.nvmlDeviceGetMemoryInfo, into: CNVMLMemory()) {
      (total, free, used) = (Double(memory.total), Double(memory.free), Double(memory.used))
    } else {
      return nil
    }
  }

  /// Structures with a version begin with their size and, in the highest byte, the version.
  static let version = UInt32(MemoryLayout<CNVMLMemoryV2>.size) | 2 << 24
}

extension NVMLReadings {
  static let memoryFunctions = "nvmlDeviceGetMemoryInfo_v2, else nvmlDeviceGetMemoryInfo"

  static let memory: [Group] = [
    Group(
      readings: [
        amount("memory.used_bytes", unit: "bytes", "Device memory in use, without what is reserved", memoryFunctions),
        amount("memory.free_bytes", unit: "bytes", "Device memory that is not in use", memoryFunctions),
        amount("memory.total_bytes", unit: "bytes", "Device memory that there is", memoryFunctions),
        amount(
          "memory.reserved_bytes",
          unit: "bytes",
          "Device memory that driver and firmware keep for themselves",
          "nvmlDeviceGetMemoryInfo_v2"
        ),
        level("memory.used_ratio", unit: "ratio", "Part of the device memory that is in use", memoryFunctions),
      ]
    ) { calls in
      let memory = NVMLMemory(calls)
      let ratio = memory.flatMap { $0.total > 0 ? $0.used / $0.total : nil }
      return [memory?.used, memory?.free, memory?.total, memory?.reserved, ratio]
    },
    Group(
      readings: [
        amount(
          "memory.bar1_used_bytes",
          unit: "bytes",
          "Window through which the CPU and other devices reach device memory: in use",
          "nvmlDeviceGetBAR1MemoryInfo"
        ),
        amount(
          "memory.bar1_total_bytes",
          unit: "bytes",
          "Window through which the CPU and other devices reach device memory: its size",
          "nvmlDeviceGetBAR1MemoryInfo"
        ),
      ]
    ) { calls in
      let memory = calls.get(.nvmlDeviceGetBAR1MemoryInfo, into: CNVMLBAR1Memory())
      return [memory.map { Double($0.used) }, memory.map { Double($0.total) }]
    },
  ]
}
