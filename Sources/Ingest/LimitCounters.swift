internal import LogFormats
internal import Synchronization

/// How often limits have left something of one watcher's logs unread, told by limit. Written on the tailer's thread, read
/// by any.
package final class LimitCounters: Sendable {
  /// By its name in metrics.
  package enum Limit: String, CaseIterable, Sendable {
    /// A field that a pattern takes, or a header of columns, for which there is no room.
    case fieldNames = "field_names"
    /// A record with more fields than are read of one.
    case recordFields = "record_fields"
    /// A running total or difference whose last value there is no room for.
    case totals
    /// A value that was to be shown once a log that was written again is read to its end.
    case waitingValues = "waiting_values"
    /// A document that is one more than are told apart.
    case documents

    package var name: String { rawValue }
  }

  private let counts = Mutex<[Limit: Int]>([:])

  package init() {}

  package func count(_ limit: Limit) -> Int { counts.withLock { $0[limit] ?? 0 } }

  /// Counts, and returns whether that was the first time.
  func add(_ limit: Limit) -> Bool {
    counts.withLock { counts in
      counts[limit, default: 0] += 1
      return counts[limit] == 1
    }
  }
}

extension WatcherPlan {
  /// Who of the watcher's mapping wants a field.
  func claim(onField name: String) -> FieldTable.Claim {
    let isNamed = takesByName(name)
    sight.note(field: name, isWanted: isNamed)
    if isNamed { return .name }
    return mapping(forField: name) == nil ? .nobody : .pattern
  }

  func refuse(_ refusal: FieldTable.Refusal) {
    switch refusal {
    case .fieldName, .header: hit(.fieldNames)
    case .recordFields: hit(.recordFields)
    }
  }

  /// Counts that a limit left something unread, and tells of it the first time.
  func hit(_ limit: LimitCounters.Limit) {
    guard limits.add(limit) else { return }
    let what =
      switch limit {
      case .fieldNames: "its logs have more field names than there is room for; values of others are left out"
      case .recordFields: "a record has more fields than are read of one; its others are left out"
      case .totals: "its logs have more running totals than there is room for; others are left out"
      case .waitingValues: "a log that was written again has more values than there is room for; others are left out"
      case .documents: "it has more different documents with the same captures than are told apart; others are left out"
      }
    warn(
      "watcher \(watcher.name): \(what) (said once; training_exporter_limits_reached_total, limit=\"\(limit.name)\","
        + " counts)"
    )
  }
}
