internal import Synchronization

/// What became of a watcher's records, told by outcome. Written on the tailer's thread, read by any.
package final class RecordCounters: Sendable {
  private let counts = Mutex(Array(repeating: 0, count: RecordOutcome.allCases.count))
  private let lastRecord = Atomic<Int>(0)

  package init() {}

  /// How many records have met `outcome`.
  package func count(_ outcome: RecordOutcome) -> Int { counts.withLock { $0[outcome.rawValue] } }

  /// When the newest record was read, in nanoseconds since 1970; 0: none was.
  package var lastRecordNanoseconds: Int { lastRecord.load(ordering: .relaxed) }

  func add(_ number: Int, _ outcome: RecordOutcome) {
    guard number > 0 else { return }
    counts.withLock { $0[outcome.rawValue] &+= number }
  }

  func sawRecord(atNanoseconds now: Int) { lastRecord.store(now, ordering: .relaxed) }
}

/// What became of a record: the label `outcome` of `training_exporter_records_total`.
package enum RecordOutcome: Int, CaseIterable, Sendable {
  /// Kept by `where`, and mapped.
  case mapped
  /// Left out by `where`.
  case filtered
  /// A line that matches no line pattern.
  case unmatched
  /// A line or document that could not be parsed, or was too long.
  case malformed
}
