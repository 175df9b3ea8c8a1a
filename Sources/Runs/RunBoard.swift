internal import StateStore
internal import Synchronization

/// All runs of a catalog. The tailer's thread and the looks for processes write to it, scrapes read it: a mutex guards it.
package final class RunBoard: Sendable {
  /// What tells a run from others: the values of its labels alone.
  package struct Key: Hashable, Sendable {
    /// Labels, in the order of the catalog; each once.
    package let names: [String]
    /// As many values.
    package let values: [String]

    package init(names: [String], values: [String]) {
      precondition(names.count == values.count)
      self.names = names
      self.values = values
    }
  }

  /// For how long a run is kept of which nothing is left: nanoseconds, a day.
  package static let retention: Int64 = 24 * 3600 * Nanoseconds.perSecond

  struct Entry {
    /// By first appearance: the order in which runs are shown, and where they are saved.
    var number: UInt64
    var health: RunHealth
    /// What of its windows was saved; nil: nothing of the run was.
    var saved: [RunHealth.WindowMark]?
  }

  struct Contents {
    var runs: [Key: Entry] = [:]
    var lastNumber: UInt64 = 0
    var refusedCount: UInt64 = 0
    var saving = Saving()
  }

  let contents = Mutex(Contents())
  private let limit: Int

  /// - Parameter limit: how many runs there may be. Each takes some 12 KB once it has had hundreds of records.
  package init(limit: Int = 10_000) {
    self.limit = limit
  }

  /// How many updates found no room for one more run.
  package var refusedCount: UInt64 { contents.withLock { $0.refusedCount } }

  package var count: Int { contents.withLock { $0.runs.count } }

  /// Changes a run, which is there from then on.
  ///
  /// - Returns: nil: it was not there, and there is no room.
  @discardableResult
  package func update<Result: Sendable>(_ key: Key, _ body: (inout RunHealth) -> Result) -> Result? {
    contents.withLock { contents in
      if contents.runs[key] == nil, !contents.add(key, RunHealth(), limit: limit) { return nil }
      return contents.change(key, body)
    }
  }

  /// What a look through all processes found: how many each run has. Runs that are not named have none; those that are
  /// not there are made.
  package func sawProcesses(_ counts: [Key: Int], at time: Int64) {
    for (key, count) in counts where count > 0 { update(key) { $0.saw(processes: count, at: time) } }
    settle(counts) { $0.saw(processes: 0, at: time) }
  }

  /// What a look at all files found, such as the first after a restart: how many each run has. Runs that are not named
  /// have none; those that are not there are made.
  package func sawFiles(_ counts: [Key: Int], at time: Int64) {
    for (key, count) in counts where count > 0 { update(key) { $0.filesChanged(count: count, at: time) } }
    settle(counts) { $0.filesChanged(count: 0, at: time) }
  }

  private func settle(_ counts: [Key: Int], _ body: (inout RunHealth) -> Void) {
    contents.withLock { contents in
      for key in Array(contents.runs.keys) where counts[key, default: 0] <= 0 { contents.change(key, body) }
    }
  }

  /// All runs, those first that appeared first.
  package func all() -> [(key: Key, health: RunHealth)] {
    let runs = contents.withLock { $0.runs }
    return runs.sorted { $0.value.number < $1.value.number }.map { ($0.key, $0.value.health) }
  }

  /// Forgets runs, such as those whose labels a new catalog does not have.
  package func forget(where isToBeForgotten: (Key, RunHealth) -> Bool) {
    contents.withLock { contents in
      for (key, entry) in contents.runs where isToBeForgotten(key, entry.health) {
        contents.runs[key] = nil
        contents.saving.forget(key, entry.number)
      }
    }
  }

  /// Forgets the runs of which nothing has been left for this long, in nanoseconds.
  package func forget(at now: Int64, after retention: Int64 = RunBoard.retention) {
    forget { $1.isForgettable(at: now, after: retention) }
  }

  func restore(_ key: Key, _ health: RunHealth) {
    contents.withLock { contents in
      guard contents.runs[key] == nil else { return }
      _ = contents.add(key, health, limit: limit)
    }
  }
}

extension RunBoard.Contents {
  fileprivate mutating func add(_ key: RunBoard.Key, _ health: RunHealth, limit: Int) -> Bool {
    guard runs.count < limit else {
      refusedCount &+= 1
      return false
    }
    lastNumber += 1
    runs[key] = RunBoard.Entry(number: lastNumber, health: health)
    saving.note(key)
    return true
  }

  @discardableResult
  fileprivate mutating func change<Result>(_ key: RunBoard.Key, _ body: (inout RunHealth) -> Result) -> Result? {
    guard let index = runs.index(forKey: key) else { return nil }
    let result = body(&runs.values[index].health)
    if runs.values[index].health.isChanged {
      runs.values[index].health.isChanged = false
      saving.note(key)
    }
    return result
  }
}
