/// Reads the files of one control group, of whichever version has the controller. It keeps nothing; what is not there is
/// nil, and what cannot be read or understood is told to the batch.
struct CgroupReader {
  private let files: KernelFiles
  private let ticksPerSecond: Double
  private let mounts: CgroupMounts
  /// Nil: this process's own group.
  private let path: String?

  init(_ files: KernelFiles, _ mounts: CgroupMounts, path: String?, ticksPerSecond: Double) {
    self.files = files
    self.mounts = mounts
    self.path = path
    self.ticksPerSecond = ticksPerSecond
  }

  /// A group's folder in the hierarchy of a controller.
  private struct Group {
    var hierarchy: CgroupMounts.Hierarchy
    var folder: String
    var isUnified: Bool { hierarchy.isUnified }
    var folders: [String] { hierarchy.folders(from: folder) }
  }

  private func group(_ controller: String) -> Group? { mounts.hierarchy(of: controller).flatMap(group) }

  private func group(in hierarchy: CgroupMounts.Hierarchy) -> Group? {
    guard let path else {
      // The path is that of another view of the hierarchy, where it leads nowhere.
      let isThere = files.exists(hierarchy.ownFolder)
      return Group(hierarchy: hierarchy, folder: isThere ? hierarchy.ownFolder : hierarchy.mountPoint)
    }
    return hierarchy.folder(of: path).map { Group(hierarchy: hierarchy, folder: $0) }
  }

  /// Whether any hierarchy has the group.
  var isThere: Bool {
    mounts.hierarchies.contains { hierarchy in
      group(in: hierarchy).map { files.exists($0.folder) } ?? false
    }
  }

  private func parse<Result>(
    _ path: String,
    _ batch: inout ReadingBatch,
    _ parse: (UnsafeBufferPointer<UInt8>) -> Result?
  ) -> Result? {
    do throws(KernelFiles.Failure) {
      if let result = try files.read(path, parse) { return result }
      batch.fail("\(path): it is not what the kernel writes there")
    } catch {
      if case .unreadable(let reason) = error { batch.fail(reason) }
    }
    return nil
  }

  private func number(_ path: String, _ batch: inout ReadingBatch) -> Double? {
    parse(path, &batch, CgroupFiles.number).map { Double($0) }
  }

  private func numbers(_ path: String, _ batch: inout ReadingBatch) -> [String: UInt64]? {
    parse(path, &batch, CgroupFiles.numbers)
  }

  /// The lowest limit of a group and its ancestors; nil: there is none.
  private func limit(
    _ name: String,
    _ group: Group,
    _ batch: inout ReadingBatch,
    _ read: ((String, inout ReadingBatch) -> CgroupFiles.Limit?)? = nil
  ) -> Double? {
    var lowest: Double?
    for folder in group.folders {
      let path = folder + "/" + name
      let limit = read.map { $0(folder, &batch) } ?? parse(path, &batch, CgroupFiles.limit)
      if case .value(let value) = limit { lowest = min(lowest ?? value, value) }
    }
    return lowest
  }
}

extension CgroupReader {
  func readMemory(into values: inout CgroupValues, _ batch: inout ReadingBatch) {
    guard let group = group("memory") else { return }
    let v2 = group.isUnified
    let folder = group.folder + "/"
    let current = number(folder + (v2 ? "memory.current" : "memory.usage_in_bytes"), &batch)
    let counts = numbers(folder + "memory.stat", &batch) ?? [:]
    func stat(_ unified: String, _ old: String) -> Double? { counts[v2 ? unified : old].map { Double($0) } }
    values[.currentBytes] = current
    if let current, let inactive = stat("inactive_file", "total_inactive_file") {
      // The two files are read one after the other.
      values[.workingSetBytes] = max(0, current - inactive)
    }
    values[.limitBytes] = limit(v2 ? "memory.max" : "memory.limit_in_bytes", group, &batch)
    values[.limitUsage] = group.folders.compactMap { limitUsage(in: $0, isUnified: v2) }.max()
    values[.peakBytes] = number(folder + (v2 ? "memory.peak" : "memory.max_usage_in_bytes"), &batch)
    values[.anonymousBytes] = stat("anon", "total_rss")
    values[.fileBytes] = stat("file", "total_cache")
    values[.sharedMemoryBytes] = stat("shmem", "total_shmem")
    if v2 {
      values[.highBytes] = limit("memory.high", group, &batch)
      values[.kernelBytes] = counts["kernel"].map { Double($0) }
      values[.swapBytes] = number(folder + "memory.swap.current", &batch)
      values[.swapLimitBytes] = limit("memory.swap.max", group, &batch)
      let events = numbers(folder + "memory.events", &batch) ?? [:]
      let keys: [(CgroupReading, String)] = [
        (.lowEvents, "low"), (.highEvents, "high"), (.maxEvents, "max"), (.oomEvents, "oom"), (.oomKills, "oom_kill"),
      ]
      for (reading, key) in keys { values[reading] = events[key].map { Double($0) } }
    } else {
      values[.kernelBytes] = number(folder + "memory.kmem.usage_in_bytes", &batch)
      values[.swapBytes] = counts["total_swap"].map { Double($0) }
      values[.maxEvents] = number(folder + "memory.failcnt", &batch)
      values[.oomKills] = numbers(folder + "memory.oom_control", &batch)?["oom_kill"].map { Double($0) }
    }
  }

  /// The working set of one folder as a share of its own limit: that of an ancestor has what siblings use in it.
  private func limitUsage(in folder: String, isUnified: Bool) -> Double? {
    // What cannot be understood has been said where the limit was read.
    var batch = ReadingBatch()
    let path = folder + (isUnified ? "/memory.max" : "/memory.limit_in_bytes")
    guard case .value(let limit)? = parse(path, &batch, CgroupFiles.limit), limit > 0,
      let current = number(folder + (isUnified ? "/memory.current" : "/memory.usage_in_bytes"), &batch)
    else { return nil }
    let counts = numbers(folder + "/memory.stat", &batch) ?? [:]
    let inactive = counts[isUnified ? "inactive_file" : "total_inactive_file"].map { Double($0) } ?? 0
    return max(0, current - inactive) / limit
  }

  func readCPU(into values: inout CgroupValues, _ batch: inout ReadingBatch) {
    readCPUTime(into: &values, &batch)
    guard let group = group("cpu") else { return }
    let stat = numbers(group.folder + "/cpu.stat", &batch) ?? [:]
    values[.periods] = stat["nr_periods"].map { Double($0) }
    values[.throttledPeriods] = stat["nr_throttled"].map { Double($0) }
    if group.isUnified {
      values[.throttledSeconds] = stat["throttled_usec"].map { Double($0) / 1e6 }
      values[.cpuLimit] = limit("cpu.max", group, &batch) { folder, batch in
        parse(folder + "/cpu.max", &batch, CgroupFiles.cores)
      }
    } else {
      values[.throttledSeconds] = stat["throttled_time"].map { Double($0) / 1e9 }
      values[.cpuLimit] = limit("cpu.cfs_quota_us", group, &batch) { folder, batch in
        parse(folder + "/cpu.cfs_period_us", &batch, CgroupFiles.number).flatMap { period in
          parse(folder + "/cpu.cfs_quota_us", &batch) { CgroupFiles.cores(quota: $0, period: period) }
        }
      }
    }
  }

  private func readCPUTime(into values: inout CgroupValues, _ batch: inout ReadingBatch) {
    guard let group = group("cpuacct") else { return }
    if group.isUnified {
      let stat = numbers(group.folder + "/cpu.stat", &batch) ?? [:]
      values[.cpuSeconds] = stat["usage_usec"].map { Double($0) / 1e6 }
      values[.cpuUserSeconds] = stat["user_usec"].map { Double($0) / 1e6 }
      values[.cpuSystemSeconds] = stat["system_usec"].map { Double($0) / 1e6 }
    } else {
      values[.cpuSeconds] = number(group.folder + "/cpuacct.usage", &batch).map { $0 / 1e9 }
      let stat = numbers(group.folder + "/cpuacct.stat", &batch) ?? [:]
      values[.cpuUserSeconds] = stat["user"].map { Double($0) / ticksPerSecond }
      values[.cpuSystemSeconds] = stat["system"].map { Double($0) / ticksPerSecond }
    }
  }

  func readProcesses(into values: inout CgroupValues, _ batch: inout ReadingBatch) {
    guard let group = group("pids") else { return }
    values[.pids] = number(group.folder + "/pids.current", &batch)
    values[.pidsLimit] = limit("pids.max", group, &batch)
  }

  func readIO(_ batch: inout ReadingBatch) -> [CgroupDeviceIO] {
    guard let group = group("blkio") else { return [] }
    if group.isUnified { return parse(group.folder + "/io.stat", &batch, CgroupDeviceIO.parse(unified:)) ?? [] }
    var devices: [CgroupDeviceIO] = []
    func read(
      _ name: String,
      _ into: WritableKeyPath<CgroupDeviceIO, UInt64?>,
      _ out: WritableKeyPath<CgroupDeviceIO, UInt64?>
    ) {
      // The recursive files are of Linux 4.19 and later; before, a group had its own numbers alone.
      let path = group.folder + "/blkio.throttle." + name
      let file = files.exists(path + "_recursive") ? path + "_recursive" : path
      parse(file, &batch) { CgroupDeviceIO.parse(bytes: $0, into: &devices, read: into, write: out) }
    }
    read("io_service_bytes", \.readBytes, \.writtenBytes)
    read("io_serviced", \.readOperations, \.writeOperations)
    return devices
  }

  /// The device's name; its numbers where the kernel does not say one.
  func name(of device: String) -> String {
    let name = try? files.read("/sys/dev/block/\(device)/uevent") { bytes -> String? in
      var lines = ByteScanner(bytes)
      while var line = lines.line() {
        if let text = line.text(), text.hasPrefix("DEVNAME=") { return String(text.dropFirst(8)) }
      }
      return nil
    }
    return (name ?? nil) ?? device
  }

  func readPressure(_ batch: inout ReadingBatch) -> [(resource: String, pressure: PressureStall)] {
    guard let group = mounts.unified.flatMap(group(in:)) else { return [] }
    return ["cpu", "memory", "io"].compactMap { resource in
      parse("\(group.folder)/\(resource).pressure", &batch) { PressureStall(parsing: $0) }.map { (resource, $0) }
    }
  }
}

/// The values of a group's record.
struct CgroupValues {
  private(set) var values: [Double?] = Array(repeating: nil, count: CgroupReading.allCases.count)

  subscript(reading: CgroupReading) -> Double? {
    get { values[reading.rawValue] }
    set { values[reading.rawValue] = newValue }
  }

  var isEmpty: Bool { values.allSatisfy { $0 == nil } }
}
