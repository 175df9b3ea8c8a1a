/// Which runs have another state than when they were looked at last, and what was seen of them then.
extension RunBoard {
  /// A run that has another state than before.
  package struct Transition: Sendable {
    package let key: Key
    /// nil: nobody has looked at it before.
    package let former: RunState?
    package let state: RunState
    package let health: RunHealth
  }

  /// Of how many runs evidence is kept: of those in which it was seen last.
  static let evidenceMax = 256

  /// Looks at all runs.
  ///
  /// - Parameter now: nanoseconds since 1970.
  /// - Returns: those that have another state than at the last look, those with the oldest records first.
  package func transitions(at now: Int64) -> [Transition] {
    contents.withLock { contents in
      var transitions: [Transition] = []
      for index in contents.runs.indices {
        let state = contents.runs.values[index].health.state(at: now)
        if state == contents.runs.values[index].health.seen { continue }
        let (key, entry) = contents.runs[index]
        transitions.append(Transition(key: key, former: entry.health.seen, state: state, health: entry.health))
      }
      for transition in transitions { contents.change(transition.key) { $0.look(transition.state) } }
      return transitions.sorted { ($0.health.lastRecord ?? 0, $0.key) < ($1.health.lastRecord ?? 0, $1.key) }
    }
  }

  /// Keeps what was seen of a run, instead of what was before. If there is too much, what is oldest goes.
  package func keep(_ evidence: RunEvidence, of key: Key) {
    contents.withLock { contents in
      guard contents.runs[key] != nil else { return }
      contents.evidence[key] = evidence
      contents.saving.note(key)
      guard contents.evidence.count > Self.evidenceMax,
        let oldest = contents.evidence.min(by: { ($0.value.time, $0.key) < ($1.value.time, $1.key) })?.key
      else { return }
      contents.evidence[oldest] = nil
      contents.saving.note(oldest)
    }
  }

  /// What was seen of runs when they last stalled, failed or were killed.
  package var evidence: [Key: RunEvidence] { contents.withLock { $0.evidence } }
}

extension RunBoard.Key: Comparable {
  package static func < (one: RunBoard.Key, other: RunBoard.Key) -> Bool {
    one.values.lexicographicallyPrecedes(other.values)
      || one.values == other.values && one.names.lexicographicallyPrecedes(other.names)
  }
}
