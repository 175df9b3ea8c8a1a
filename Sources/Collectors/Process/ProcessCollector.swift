internal import Glibc
package import MetricModel

/// Processes that the catalog looks for, each with its descendants. It reads the details of those alone; of an
/// environment nothing leaves it but captures.
package final class ProcessCollector: Collector {
  package static let descriptor = CollectorDescriptor(
    name: "process",
    help: "Processes found by their names, arguments and environment, with their descendants.",
    keys: [
      .init(
        "match",
        .matches,
        isRequired: true,
        help: "What is looked for; of several entries the first that matches wins. Captures are labels."
      ),
      .init(
        "proportional_memory",
        .duration,
        help:
          "How often `memory.proportional_bytes` is read, for which the kernel walks through all pages; without: never."
      ),
    ],
    records: [ProcessReading.record]
  )

  /// Records of a collection; what began later is left out.
  package static let treesMax = 1024
  /// Processes whose details are read in a collection, each some files; of further ones CPU time, faults, memory and
  /// threads are there all the same.
  package static let detailsMax = 4096

  private let files: KernelFiles
  private let table: ProcessTable
  private let details: ProcessDetailReader
  private let clock: () -> Double
  private let units = ProcessUnits()
  private var ledger = ProcessLedger()
  private var lastSeconds: Double?
  /// When the machine started, since 1970.
  private var bootSeconds: Double?

  /// - Parameters:
  ///   - readings: the names of those that somebody wants; nil: all. Files that only others need are not read.
  ///   - proportionalInterval: seconds between two readings of a process's proportional memory, for which the kernel
  ///     walks through all of its pages; nil: it is not read.
  ///   - clock: seconds that never jump.
  package init(
    root: String = "",
    matches: [ProcessMatch],
    readings: Set<String>? = nil,
    proportionalInterval: Double? = nil,
    clock: (() -> Double)? = nil
  ) {
    files = KernelFiles(root: root)
    let own = files.root.isEmpty ? ProcessTable.ownProcess : nil
    table = ProcessTable(files, matches: matches, own: own)
    let wanted = ProcessReading.allCases.filter { readings?.contains($0.name) ?? true }
    details = ProcessDetailReader(files, own: own, wanted: Set(wanted), proportionalInterval: proportionalInterval)
    self.clock = clock ?? Self.monotonicSeconds
  }

  private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  package func collect(into batch: inout ReadingBatch) {
    let seconds = clock()
    var processes = table.scan(into: &batch)
    var grouped = ProcessTrees(processes)
    var found = readDetails(of: processes, in: grouped, at: seconds, &batch)
    if found.contains(where: { $0.isGone }) {
      // What ended meanwhile has ended at this look: what its parent says may have its numbers already.
      let kept = processes.indices.filter { !found[$0].isGone }
      processes = kept.map { processes[$0] }
      found = kept.map { found[$0] }
      grouped = ProcessTrees(processes)
    }
    details.keep(processes.lazy.map(\.identity))
    let roots = grouped.trees.map {
      let root = processes[$0.root]
      return ProcessLedger.Root(identity: root.identity, name: root.name, label: $0.label)
    }
    let entries = processes.indices.map { place in
      ProcessLedger.Entry(processes[place], found[place].details, tree: grouped.treeOf[place])
    }
    let totals = ledger.observe(entries, roots: roots)
    if bootSeconds == nil, !roots.isEmpty { bootSeconds = readBootSeconds() }
    let elapsed = lastSeconds.map { seconds - $0 }
    lastSeconds = seconds
    if roots.count > Self.treesMax {
      batch.fail("more than \(Self.treesMax) processes match, the others are left out")
    }
    for (tree, total) in zip(grouped.trees, totals).prefix(Self.treesMax) {
      var values = ProcessValues(units)
      values.set(total, elapsed: elapsed)
      for place in tree.members { values.add(processes[place].stat, found[place].details) }
      values.setStart(processes[tree.root].stat.startTicks, boot: bootSeconds)
      let root = processes[tree.root]
      batch.add(
        0,
        labels: [String(root.identity.id), root.name],
        captures: Array(zip(tree.label.names, tree.label.values)),
        values: values.values
      )
    }
  }

  private func readDetails(
    of processes: [ProcessTable.Process],
    in grouped: ProcessTrees,
    at seconds: Double,
    _ batch: inout ReadingBatch
  ) -> [(details: ProcessDetails?, isGone: Bool)] {
    var count = 0
    let found = processes.indices.map { place -> (details: ProcessDetails?, isGone: Bool) in
      guard grouped.treeOf[place] != nil else { return (nil, false) }
      count += 1
      guard count <= Self.detailsMax else { return (nil, false) }
      let details = details.read(processes[place].identity, at: seconds)
      return (details, details == nil)
    }
    if count > Self.detailsMax {
      batch.fail("more than \(Self.detailsMax) processes belong to those that match, some readings lack the others")
    }
    return found
  }

  private func readBootSeconds() -> Double? {
    let seconds: UInt64?? = try? files.read("/proc/stat") { bytes -> UInt64? in
      var lines = ByteScanner(bytes)
      while var line = lines.line() {
        if let key = line.word(), key.equals("btime") { return line.integer() }
      }
      return nil
    }
    return (seconds ?? nil).map { Double($0) }
  }
}
