package import StateStore

/// Saving the runs that changed. On the tailer's thread.
extension RunBoard {
  /// What is to be saved. Before a whole was encoded nothing is noted: that has all.
  struct Saving {
    fileprivate var hasBegun = false
    fileprivate var changed: Set<Key> = []
    fileprivate var removed: [UInt64] = []

    mutating func note(_ key: Key) {
      if hasBegun { changed.insert(key) }
    }

    mutating func forget(_ key: Key, _ number: UInt64) {
      guard hasBegun else { return }
      changed.remove(key)
      removed.append(number)
    }
  }

  /// Encodes what has changed since the last time, or all.
  package func encode(into changes: inout StateChanges) {
    let isWhole = changes.isWhole
    let (runs, removed) = contents.withLock { contents in
      let keys = isWhole || !contents.saving.hasBegun ? Set(contents.runs.keys) : contents.saving.changed
      let removed = isWhole ? [] : contents.saving.removed
      contents.saving = Saving()
      contents.saving.hasBegun = true
      return (keys.compactMap { key in contents.runs[key].map { (key: key, entry: $0) } }, removed)
    }
    for number in removed { changes.remove(.run, number) }
    for (key, entry) in runs.sorted(by: { $0.entry.number < $1.entry.number }) {
      var marks = entry.saved
      changes.set(.run, entry.number, isNew: marks == nil) { encoder in
        encoder.encode(key.names, key.values)
        encoder.encode(entry.health)
        marks = entry.health.encodeWindows(into: &encoder, after: marks)
      }
      contents.withLock { contents in
        if contents.runs[key]?.number == entry.number { contents.runs[key]?.saved = marks }
      }
    }
  }

  /// Goes on with runs that were saved, on a board that was not used yet.
  ///
  /// - Parameter keeps: whether the catalog still has such runs; it may take from them what it does not look for any more.
  package func restore(_ saved: SavedRuns, keeps: (Key, inout RunHealth) -> Bool = { _, _ in true }) {
    for (key, health) in saved.runs {
      var health = health
      if keeps(key, &health) { restore(key, health) }
    }
  }
}

/// The runs of a state, taken apart.
package struct SavedRuns: Sendable {
  package private(set) var runs: [(key: RunBoard.Key, health: RunHealth)] = []

  package init() {}

  package init(_ image: StateImage) throws(StateDecoder.Failure) {
    for number in image.owners(of: .run) {
      var decoder = try image.decoder(.run, number)
      let names: [String] = try decoder.decode()
      let values: [String] = try decoder.decode()
      guard names.count == values.count, Set(names).count == names.count else { throw StateDecoder.Failure() }
      var health: RunHealth = try decoder.decode()
      try health.decodeWindows(from: decoder)
      runs.append((RunBoard.Key(names: names, values: values), health))
    }
  }
}
