/// `/proc/meminfo` and `/proc/vmstat`: memory, swap, huge pages, and what the kernel did when memory was short.
final class MemoryPart: SystemPart {
  private enum Kind {
    static let memory = 0
    static let swap = 1
    static let hugePages = 2
    static let events = 3
  }

  private let files: KernelFiles
  private let pageBytes: Double

  init(_ system: SystemSource) {
    files = system.files
    pageBytes = system.pageBytes
  }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    if kinds[Kind.memory] != nil || kinds[Kind.swap] != nil || kinds[Kind.hugePages] != nil,
      let memory = files.parse("/proc/meminfo", into: &batch, { ProcMemory(parsing: $0) })
    {
      add(memory, to: &batch, kinds)
    }
    if let kind = kinds[Kind.events],
      let events = files.parse("/proc/vmstat", into: &batch, { ProcMemoryEvents(parsing: $0) })
    {
      batch.add(
        kind,
        values: [
          events.outOfMemoryKills.map { Double($0) }, events.majorFaults.map { Double($0) },
          events.swappedIn.map { Double($0) * pageBytes }, events.swappedOut.map { Double($0) * pageBytes },
        ]
      )
    }
  }

  private func add(_ memory: ProcMemory, to batch: inout ReadingBatch, _ kinds: RecordKinds) {
    if let kind = kinds[Kind.memory] {
      batch.add(
        kind,
        values: [
          memory.total, memory.available, memory.used, memory.free, memory.buffers, memory.cached, memory.shared,
          memory.dirty, memory.writeback, memory.committed,
        ]
      )
    }
    if let kind = kinds[Kind.swap], memory.swapTotal != nil {
      batch.add(kind, values: [memory.swapTotal, memory.swapUsed, memory.swapFree])
    }
    if let kind = kinds[Kind.hugePages], memory.hugePagesTotal != nil {
      batch.add(kind, values: [memory.hugePagesTotal, memory.hugePagesFree])
    }
  }
}
