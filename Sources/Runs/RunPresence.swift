/// Whether something of a run, its files or its processes, is there.
package enum RunPresence: Sendable, Equatable {
  /// It never was.
  case unknown
  /// So many; at least 1.
  case there(Int)
  /// It was there, and then, at this time in nanoseconds since 1970, it was found gone.
  case gone(since: Int64)

  package var isThere: Bool {
    if case .there = self { true } else { false }
  }

  /// How many are there; nil: there never was any.
  package var count: Int? {
    switch self {
    case .unknown: nil
    case .there(let count): count
    case .gone: 0
    }
  }

  package var goneSince: Int64? {
    if case .gone(let since) = self { since } else { nil }
  }

  /// What it is when a look at `time` finds `count`.
  func seen(_ count: Int, at time: Int64) -> RunPresence {
    if count > 0 { return .there(count) }
    return isThere ? .gone(since: time) : self
  }
}
