package import StateStore

/// Saving the runs that changed. On the tailer's thread.
extension RunBoard {
  /// What is to be saved. Before a whole was encoded nothing is noted: that has all.
  struct Saving {
    fileprivate var hasBegun = false
    fileprivate var changed: Set<Key> = []
    fileprivate var removed: [UInt64] = []

    var hasChanges: Bool { !changed.isEmpty || !removed.isEmpty }

    mutating func note(_ key: Key) {
      if hasBegun { changed.insert(key) }
    }

    mutating func forget(_ key: Key, _ number: UInt64) {
      guard hasBegun else { return }
      changed.remove(key)
      removed.append(number)
    }
  }

  /// Whether something has changed since it was saved last.
  package var hasUnsavedChanges: Bool { contents.withLock { $0.saving.hasChanges } }

  /// Encodes what has changed since the last time, or all.
  package func encode(into changes: inout StateChanges) {
    let isWhole = changes.isWhole
    let (runs, removed) = contents.withLock { contents in
      let keys = isWhole || !contents.saving.hasBegun ? Set(contents.runs.keys) : contents.saving.changed
      let removed = isWhole ? [] : contents.saving.removed
      contents.saving = Saving()
      contents.saving.hasBegun = true
      let runs = keys.compactMap { key in
        contents.runs[key].map { (key: key, entry: $0, evidence: contents.evidence[key]) }
      }
      return (runs, removed)
    }
    for number in removed { changes.remove(.run, number) }
    for (key, entry, evidence) in runs.sorted(by: { $0.entry.number < $1.entry.number }) {
      var marks = entry.saved
      changes.set(.run, entry.number, isNew: marks == nil) { encoder in
        encoder.encode(key.names, key.values)
        encoder.encode(entry.health)
        marks = entry.health.encodeWindows(into: &encoder, after: marks)
        if encoder.isWhole || entry.saved == nil || evidence?.time != entry.savedEvidence {
          encoder.encodePart(at: Self.evidencePart, extends: false) { $0.encode(evidence) }
        }
      }
      contents.withLock { contents in
        guard contents.runs[key]?.number == entry.number else { return }
        contents.runs[key]?.saved = marks
        contents.runs[key]?.savedEvidence = evidence?.time
      }
    }
  }

  /// Goes on with runs that were saved, on a board that was not used yet.
  ///
  /// - Parameter keeps: whether the catalog still has such runs; it may take from them what it does not look for any more.
  package func restore(_ saved: SavedRuns, keeps: (Key, inout RunHealth) -> Bool = { _, _ in true }) {
    for run in saved.runs {
      var health = run.health
      if keeps(run.key, &health) { restore(run.key, health, run.evidence) }
    }
  }

  /// Behind the parts of the windows.
  static let evidencePart: UInt32 = 4
}

/// The runs of a state, taken apart.
package struct SavedRuns: Sendable {
  package private(set) var runs: [(key: RunBoard.Key, health: RunHealth, evidence: RunEvidence?)] = []

  package init() {}

  package init(_ image: StateImage) throws(StateDecoder.Failure) {
    for number in image.owners(of: .run) {
      var decoder = try image.decoder(.run, number)
      let names: [String] = try decoder.decode()
      let values: [String] = try decoder.decode()
      guard names.count == values.count, Set(names).count == names.count else { throw StateDecoder.Failure() }
      var health: RunHealth = try decoder.decode()
      try health.decodeWindows(from: decoder)
      var part = try decoder.decoderOfPart(at: RunBoard.evidencePart)
      let evidence: RunEvidence? = try part.decode()
      runs.append((RunBoard.Key(names: names, values: values), health, evidence))
    }
  }
}
