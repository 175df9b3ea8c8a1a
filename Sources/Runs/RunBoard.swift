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
    /// The time of the evidence that was saved; nil: none was.
    var savedEvidence: Int64?
  }

  /// How many values a label of runs may have.
  package struct LabelLimit: Sendable {
    package var valuesMax: Int
    /// Whether the run that was heard of longest ago makes room for a new value.
    package var evictsOldest: Bool

    package init(valuesMax: Int, evictsOldest: Bool) {
      self.valuesMax = valuesMax
      self.evictsOldest = evictsOldest
    }
  }

  struct Contents {
    var runs: [Key: Entry] = [:]
    /// What was seen of runs when they last stalled, failed or were killed.
    var evidence: [Key: RunEvidence] = [:]
    /// How many runs have each value of each label that has a limit.
    var values: [String: [String: Int]] = [:]
    var lastNumber: UInt64 = 0
    var refusedCount: UInt64 = 0
    var saving = Saving()
  }

  let contents = Mutex(Contents())
  private let limits: Limits

  struct Limits: Sendable {
    var runs: Int
    var labels: [String: LabelLimit]
  }

  /// - Parameters:
  ///   - limit: how many runs there may be. Each takes some 12 KB once it has had hundreds of records.
  ///   - labels: how many values labels may have, by their names; others have no limit of their own.
  package init(limit: Int = 10_000, labels: [String: LabelLimit] = [:]) {
    limits = Limits(runs: limit, labels: labels)
  }

  /// How many updates found no room for one more run.
  package var refusedCount: UInt64 { contents.withLock { $0.refusedCount } }

  package var count: Int { contents.withLock { $0.runs.count } }

  /// Changes a run, which is there from then on.
  ///
  /// - Parameter evicts: whether others may make room for it, as for one that has something new to say.
  /// - Returns: nil: it was not there, and there is no room.
  @discardableResult
  package func update<Result: Sendable>(
    _ key: Key,
    evicts: Bool = true,
    _ body: (inout RunHealth) -> Result
  ) -> Result? {
    contents.withLock { contents in
      if contents.runs[key] == nil, !contents.add(key, RunHealth(), limits, evicts: evicts) { return nil }
      return contents.change(key, body)
    }
  }

  /// Changes a run if it is there.
  ///
  /// - Returns: nil: it is not.
  @discardableResult
  package func updateKnown<Result: Sendable>(_ key: Key, _ body: (inout RunHealth) -> Result) -> Result? {
    contents.withLock { $0.change(key, body) }
  }

  /// What a look through all processes found: how many each run has. Runs that are not named have none; those that are
  /// not there are made.
  package func sawProcesses(_ counts: [Key: Int], at time: Int64) {
    for (key, count) in counts where count > 0 {
      // They have said nothing yet: no run that has makes room.
      update(key, evicts: false) { $0.saw(processes: count, at: time) }
    }
    settle(counts, \.processes) { $0.saw(processes: 0, at: time) }
  }

  /// What a look at all files found, such as the first after a restart: how many each run has. Runs that are not named
  /// have none; those that are not there are made.
  package func sawFiles(_ counts: [Key: Int], at time: Int64) {
    for (key, count) in counts where count > 0 { update(key) { $0.filesChanged(count: count, at: time) } }
    settle(counts, \.files) { $0.filesChanged(count: 0, at: time) }
  }

  /// Of thousands of runs few have changed: those are found without a copy of any.
  private func settle(
    _ counts: [Key: Int],
    _ presence: KeyPath<RunHealth, RunPresence>,
    _ body: (inout RunHealth) -> Void
  ) {
    contents.withLock { contents in
      for index in contents.runs.indices where contents.runs.values[index].health[keyPath: presence].isThere {
        let key = contents.runs.keys[index]
        if counts[key, default: 0] <= 0 { contents.change(key, body) }
      }
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
        contents.remove(key, entry.number)
      }
    }
  }

  /// Forgets the runs of which nothing has been left for this long, in nanoseconds.
  package func forget(at now: Int64, after retention: Int64 = RunBoard.retention) {
    forget { $1.isForgettable(at: now, after: retention) }
  }

  func restore(_ key: Key, _ health: RunHealth, _ evidence: RunEvidence?) {
    contents.withLock { contents in
      guard contents.runs[key] == nil, contents.add(key, health, limits, evicts: false) else { return }
      contents.evidence[key] = evidence
    }
  }
}

extension RunBoard.Contents {
  fileprivate mutating func add(
    _ key: RunBoard.Key,
    _ health: RunHealth,
    _ limits: RunBoard.Limits,
    evicts: Bool
  ) -> Bool {
    guard runs.count < limits.runs, makeRoom(for: key, limits.labels, evicts: evicts) else {
      refusedCount &+= 1
      return false
    }
    lastNumber += 1
    runs[key] = RunBoard.Entry(number: lastNumber, health: health)
    for (name, value) in zip(key.names, key.values) where limits.labels[name] != nil {
      values[name, default: [:]][value, default: 0] += 1
    }
    saving.note(key)
    return true
  }

  fileprivate mutating func remove(_ key: RunBoard.Key, _ number: UInt64) {
    runs[key] = nil
    evidence[key] = nil
    saving.forget(key, number)
    for (name, value) in zip(key.names, key.values) {
      guard let count = values[name]?[value] else { continue }
      values[name]?[value] = count > 1 ? count - 1 : nil
    }
  }

  /// Whether each label has a place for its value, or gets one.
  private mutating func makeRoom(
    for key: RunBoard.Key,
    _ limits: [String: RunBoard.LabelLimit],
    evicts: Bool
  ) -> Bool {
    var full: [String] = []
    for (name, value) in zip(key.names, key.values) {
      guard let limit = limits[name], let known = values[name], known[value] == nil, known.count >= limit.valuesMax
      else {
        continue
      }
      guard evicts, limit.evictsOldest else { return false }
      full.append(name)
    }
    for name in full { evictOldest(name) }
    return true
  }

  /// Forgets the runs of the value of a label that was heard of longest ago.
  private mutating func evictOldest(_ name: String) {
    var heard: [String: Int64] = [:]
    for (key, entry) in runs {
      guard let place = key.names.firstIndex(of: name) else { continue }
      heard[key.values[place], default: .min] = max(heard[key.values[place]] ?? .min, entry.health.heard)
    }
    guard let oldest = heard.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return }
    for (key, entry) in runs {
      if let place = key.names.firstIndex(of: name), key.values[place] == oldest { remove(key, entry.number) }
    }
  }

  @discardableResult
  mutating func change<Result>(_ key: RunBoard.Key, _ body: (inout RunHealth) -> Result) -> Result? {
    guard let index = runs.index(forKey: key) else { return nil }
    let result = body(&runs.values[index].health)
    if runs.values[index].health.isChanged {
      runs.values[index].health.isChanged = false
      saving.note(key)
    }
    return result
  }
}
