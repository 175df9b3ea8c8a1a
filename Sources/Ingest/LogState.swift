internal import MetricRegistry

/// What one log has contributed: its history, the totals that run through it, and, while it is read again, how far it
/// agrees with what it was. All that tells a log from a fresh one stands here.
///
/// The rule: with O the records a log had, N those it has now and P their longest common prefix, the log contributes O
/// and the records of N after P; where N is a prefix of O nothing changes, otherwise a gauge shows N's last value.
final class LogState {
  private enum Phase {
    /// What is read is new.
    case following
    /// The log was written again, and as far as it was read again it is a prefix of what it was.
    case comparing
    /// The log was written again, and is another from some record on.
    case diverged
  }

  private var phase = Phase.following
  private(set) var history = LogHistory()
  /// What was read since the log was written again; of use while comparing and diverged.
  private var fresh = LogHistory()

  /// How many documents are this log.
  var documents = 0

  init(history: LogHistory = LogHistory()) {
    self.history = history
  }

  /// The last value of fields whose totals or differences are taken, by the update's place, then by its labels.
  var totals: [Int: Double] = [:]
  var totalsByLabels: [String: Double] = [:]
  /// As many as a registry has series by default: totals of more are not followed.
  static let totalsByLabelsMax = 100_000
  /// What gauges, statesets and infos shall show if it turns out that the log differs from what it was.
  var staged = StagedValues()
  /// The one series of each info that this log feeds, by what feeds it.
  var infos: [Update.Source: InfoState] = [:]

  struct InfoState {
    var labels: [String]
    var series: Series?
  }

  /// How the record at hand is to be taken.
  struct Admission {
    /// Whether it counts: in counters, histograms, summaries and records.
    var counts: Bool
    /// Whether what it shows waits until the log is read to its end.
    var stages: Bool
  }

  /// What is read next stands at the log's beginning.
  func restart() {
    totals.removeAll(keepingCapacity: true)
    totalsByLabels.removeAll(keepingCapacity: true)
    staged.removeAll()
    // Until it has diverged, what was read again is a prefix of what the log had, which therefore still is its history.
    if phase == .diverged { history = fresh }
    fresh = LogHistory()
    phase = history.count == 0 ? .following : .comparing
  }

  func admit(_ digest: UInt64) -> Admission {
    switch phase {
    case .following:
      history.append(digest)
      return Admission(counts: true, stages: false)
    case .comparing:
      fresh.append(digest)
      guard fresh.count <= history.count, fresh.agrees(with: history, at: fresh.count) else {
        phase = .diverged
        return Admission(counts: true, stages: true)
      }
      if fresh.count == history.count {
        staged.removeAll()
        phase = .following
      }
      return Admission(counts: false, stages: true)
    case .diverged:
      fresh.append(digest)
      return Admission(counts: true, stages: true)
    }
  }

  /// All there is has been read. Returns what is to be shown now.
  func caughtUp() -> [StagedValues.Entry] {
    guard phase == .diverged else { return [] }
    history = fresh
    fresh = LogHistory()
    phase = .following
    return staged.takeAll()
  }

  /// Whether lines that were no records are new, too.
  var countsLines: Bool { phase != .comparing }

  var isFollowing: Bool { phase == .following }
}

/// Values that wait to be shown, the newest of each series, in the order in which the series were first met.
struct StagedValues {
  struct Entry {
    var update: Int
    var labels: [String]
    var number: Double
    var text: String?
  }

  /// As many as a registry has series by default: beyond, the newest wait no longer and are left out.
  static let entriesMax = 100_000

  private struct Key: Hashable {
    var update: Int
    var labels: [String]
  }

  private var entries: [Entry] = []
  private var places: [Key: Int] = [:]

  mutating func stage(_ entry: Entry, perSeries: Bool) {
    let key = Key(update: entry.update, labels: perSeries ? entry.labels : [])
    if let place = places[key] {
      entries[place] = entry
    } else if entries.count < Self.entriesMax {
      places[key] = entries.count
      entries.append(entry)
    }
  }

  mutating func removeAll() {
    entries.removeAll()
    places.removeAll()
  }

  mutating func takeAll() -> [Entry] {
    defer { removeAll() }
    return entries
  }
}
