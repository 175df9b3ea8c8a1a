internal import Glibc
package import MetricModel

/// Control groups: what a container, a slice or a job may use, and uses. By default the one that this exporter runs in.
/// Limits are those that hold: the lowest of the group and of its ancestors, as far as they are to be seen.
package final class CgroupCollector: Collector {
  package static let descriptor = CollectorDescriptor(
    name: "cgroup",
    help: "Control groups, as containers are: memory, CPU, processes, block devices and pressure, with their limits.",
    keys: [
      .init(
        "path",
        .paths,
        help:
          "Groups below where they are mounted, such as `/system.slice` or `/slurm/job_{job}`, whose captures are labels; "
          + "without: the one the exporter runs in."
      )
    ],
    records: [CgroupReading.record, CgroupReading.device, CgroupReading.pressure]
  )

  private let files: KernelFiles
  private let paths: [CgroupPath]
  /// Groups without a pattern that were there once: a job that has ended is no failure.
  private var met: Set<String> = []
  private let wanted: [Bool]
  private let clock: () -> Double
  private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
  /// By the group's path: its CPU seconds at the last collection.
  private var before: [String: (cpuSeconds: Double, at: Double)] = [:]

  /// - Parameters:
  ///   - paths: absolute below where the groups are mounted, such as `/system.slice`, or patterns of such paths; none: this
  ///     process's own group.
  ///   - readings: the names of those that somebody wants; nil: all. Records without any are not read.
  ///   - clock: seconds that never jump.
  package init(
    root: String = "",
    paths: [String] = [],
    readings: Set<String>? = nil,
    clock: (() -> Double)? = nil
  ) {
    files = KernelFiles(root: root)
    self.paths = paths.map { CgroupPath($0) }
    wanted = Self.descriptor.records.map { record in
      readings.map { readings in record.readings.contains { readings.contains($0.name) } } ?? true
    }
    self.clock = clock ?? Self.monotonicSeconds
  }

  private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  package func collect(into batch: inout ReadingBatch) {
    guard let mounts = readMounts(into: &batch) else { return }
    let seconds = clock()
    guard !paths.isEmpty else {
      let reader = CgroupReader(files, mounts, path: nil, ticksPerSecond: ticksPerSecond)
      collect(mounts.ownPath, reader, at: seconds, into: &batch)
      return
    }
    var seen: Set<String> = []
    for path in paths {
      for group in path.groups(files, mounts, &batch) {
        let reader = CgroupReader(files, mounts, path: group.path, ticksPerSecond: ticksPerSecond)
        guard reader.isThere else {
          if !path.isPattern, !met.contains(group.path) { batch.fail("\(group.path): there is no such cgroup") }
          continue
        }
        if !path.isPattern { met.insert(group.path) }
        // Of several paths that mean a group the first counts.
        if seen.insert(group.path).inserted {
          collect(group.path, reader, group.captures, at: seconds, into: &batch)
        }
      }
    }
    before = before.filter { seen.contains($0.key) }
  }

  /// Read anew each time: a process may be moved.
  private func readMounts(into batch: inout ReadingBatch) -> CgroupMounts? {
    do throws(KernelFiles.Failure) {
      let cgroup = try files.read("/proc/self/cgroup") { Array($0) }
      return try files.read("/proc/self/mountinfo") { mounts in
        cgroup.withUnsafeBufferPointer { CgroupMounts(cgroup: $0, mounts: mounts) }
      }
    } catch {
      if case .unreadable(let reason) = error { batch.fail(reason) }
      return nil
    }
  }

  private func collect(
    _ path: String,
    _ reader: CgroupReader,
    _ captures: [(name: String, value: String)] = [],
    at seconds: Double,
    into batch: inout ReadingBatch
  ) {
    if wanted[0] {
      var values = CgroupValues()
      reader.readMemory(into: &values, &batch)
      reader.readCPU(into: &values, &batch)
      reader.readProcesses(into: &values, &batch)
      if let used = values[.cpuSeconds] {
        // A group that was made anew begins at 0.
        if let last = before[path], seconds > last.at, used >= last.cpuSeconds {
          values[.cpuUsage] = (used - last.cpuSeconds) / (seconds - last.at)
        }
        before[path] = (used, seconds)
      }
      if let usage = values[.cpuUsage], let limit = values[.cpuLimit], limit > 0 {
        values[.cpuLimitUsage] = usage / limit
      }
      if !values.isEmpty { batch.add(0, labels: [path], captures: captures, values: values.values) }
    }
    if wanted[1] {
      for io in reader.readIO(&batch) {
        let counts = [io.readBytes, io.writtenBytes, io.readOperations, io.writeOperations]
        batch.add(
          1,
          labels: [path, reader.name(of: io.device)],
          captures: captures,
          values: counts.map { $0.map { Double($0) } }
        )
      }
    }
    if wanted[2] {
      for (resource, pressure) in reader.readPressure(&batch) {
        let (some, full) = (pressure.some, pressure.full)
        batch.add(
          2,
          labels: [path, resource],
          captures: captures,
          values: [some?.seconds, full?.seconds, some?.ratio, full?.ratio]
        )
      }
    }
  }
}
