internal import MetricRegistry
internal import StateStore

/// What one log has contributed to some metrics: its history, the totals that run through it, and, while it is read
/// again, how far it agrees with what it was. All that tells a log from a fresh one stands here.
///
/// The rule: with O the records a log had, N those it has now and P their longest common prefix, the log contributes O
/// and the records of N after P; where N is a prefix of O nothing changes, otherwise a gauge shows N's last value.
final class Contribution {
  enum Phase: UInt8 {
    /// What is read is new.
    case following
    /// The log was written again, and as far as it was read again it is a prefix of what it was.
    case comparing
    /// The log was written again, and is another from some record on.
    case diverged
  }

  // One thread uses it, and nothing in it calls back: the run-time check of exclusive access is left out where each record
  // would pay for it.

  /// Which metrics, by their positions; nil: all.
  @exclusivity(unchecked) private(set) var metrics: [Bool]?
  /// Whether the log's records count here, as records: each log has one such contribution.
  private(set) var countsRecords: Bool

  @exclusivity(unchecked) private var phase = Phase.following
  @exclusivity(unchecked) private(set) var history = LogHistory()
  /// What was read since the log was written again; of use while comparing and diverged.
  @exclusivity(unchecked) private var fresh = LogHistory()

  @exclusivity(unchecked) var totals = RunningTotals()
  /// Whether the log is a document of one record, which each new state replaces.
  @exclusivity(unchecked) private(set) var isOneRecord = false
  /// What gauges, statesets and infos shall show if it turns out that the log differs from what it was.
  var staged = StagedValues()
  /// The gauges and statesets that this log has set.
  var shown = ShownSeries()
  /// The one series of each info that this log feeds, by what feeds it.
  var infos: [Update.Feed: InfoState] = [:]

  struct InfoState {
    var labels: [String]
    var series: Series?
    /// Whether the log was another one when it said so: it is shown on, but no label of it is what the log says now.
    var isOfFormerContent = false

    /// What a further record goes on from.
    var currentLabels: [String]? { isOfFormerContent ? nil : labels }
  }

  init(metrics: [Bool]? = nil, countsRecords: Bool = true, history: LogHistory = LogHistory()) {
    self.metrics = metrics
    self.countsRecords = countsRecords
    self.history = history
  }

  func feeds(_ metric: Int) -> Bool { metrics.map { $0[metric] } ?? true }

  /// There is no other: it needs not ask which metrics are its own.
  func coversAll() { metrics = nil }

  /// What the log had last.
  var latest: LogHistory { phase == .diverged ? fresh : history }

  /// What a log that was one with this one goes on from, when it becomes another that had these records, too.
  func parted(after history: LogHistory, takesShown: Bool) -> Contribution {
    let parted = Contribution(metrics: metrics, countsRecords: countsRecords, history: history)
    parted.totals = totals
    if takesShown {
      swap(&parted.infos, &infos)
      swap(&parted.shown, &shown)
    }
    return parted
  }

  /// What is read next stands at the log's beginning.
  func restart(carriesTotals: Bool) {
    isOneRecord = carriesTotals
    if !carriesTotals { totals.removeAll() }
    staged.removeAll()
    // Until it has diverged, what was read again is a prefix of what the log had, which therefore still is its history.
    if phase == .diverged { history = fresh }
    fresh = LogHistory()
    phase = history.count == 0 && malformed.counted + unmatched.counted == 0 ? .following : .comparing
    malformed.seen = 0
    unmatched.seen = 0
  }

  func admit(_ digest: UInt64) -> Admission {
    switch phase {
    case .following:
      history.append(digest)
      return .new
    case .comparing:
      fresh.append(digest)
      guard fresh.count <= history.count, history.agrees(withAllOf: fresh) else {
        phase = .diverged
        return .differing
      }
      if fresh.count == history.count {
        staged.removeAll()
        fresh = LogHistory()
        phase = .following
      }
      return .known
    case .diverged:
      fresh.append(digest)
      return .differing
    }
  }

  /// All there is has been read. Returns what is to be shown now, of a log that turned out to be another one.
  func caughtUp() -> StagedValues? {
    // Without a record there is nothing to compare.
    if phase == .comparing, history.count == 0 { phase = .following }
    guard phase == .diverged else { return nil }
    history = fresh
    fresh = LogHistory()
    phase = .following
    for feed in infos.keys { infos[feed]?.isOfFormerContent = true }
    defer { staged.removeAll() }
    return staged
  }

  /// Lines that were no records, of one kind: how many there were since the log's beginning was read, and how many have
  /// been counted.
  struct BadLines {
    var seen = 0
    var counted = 0
  }

  var malformed = BadLines()
  var unmatched = BadLines()

  /// How many of further lines that were no records are new. While a log is read again, only what goes beyond those that
  /// it had: which ones they are nobody knows.
  func newLines(_ number: Int, in lines: ReferenceWritableKeyPath<Contribution, BadLines>, isReadAgain: Bool) -> Int {
    guard number > 0, countsRecords else { return 0 }

    self[keyPath: lines].seen += number
    let state = self[keyPath: lines]
    let new = isReadAgain ? max(0, state.seen - state.counted) : number
    self[keyPath: lines].counted = state.counted + new
    return new
  }

  var isComparing: Bool { phase == .comparing }

  var isFollowing: Bool { phase == .following }

  /// Takes over what a contribution to other metrics knows, which has read the same.
  func takeOver(_ other: Contribution) {
    countsRecords = countsRecords || other.countsRecords
    totals.takeOver(other.totals)
    shown.takeOver(other.shown)
    infos.merge(other.infos) { own, _ in own }
  }

  // MARK: Saving

  /// What stands for a contribution outside of the process: metrics by name, updates by what feeds them.
  struct Saved {
    /// nil: all that the watcher had then.
    var metrics: [String]?
    var countsRecords = false
    var phase = Phase.following
    var history = SavedHistory()
    var fresh = SavedHistory()
    var totals: RunningTotals.Saved = [:]
    var staged: [StagedValues.SavedEntry] = []
    var infos: [Info] = []
    var malformed = BadLines()
    var unmatched = BadLines()

    struct Info {
      var feed = Update.Feed()
      var labels: [String] = []
      /// Whether it was shown.
      var isLive = false
      var isOfFormerContent = false
    }
  }

  /// What of the histories was saved last.
  private var savedHistory: SavedHistory.Mark?
  private var savedFresh: SavedHistory.Mark?
  /// For each contribution of a log, beside what holds it: two parts of two histories.
  private static let partsEach = 4

  /// - Parameter slot: its place among the contributions of its log.
  func encode(into encoder: inout StateEncoder, slot: Int, mapping: RecordMapping) {
    let place = UInt32(1 + slot * Self.partsEach)
    var saved = Saved()
    saved.metrics = metrics.map { metrics in metrics.indices.filter { metrics[$0] }.map(mapping.metricName) }
    saved.countsRecords = countsRecords
    saved.phase = phase
    saved.history = SavedHistory(history, place: place, mark: savedHistory)
    saved.fresh = SavedHistory(fresh, place: place + 2, mark: savedFresh)
    saved.totals = totals.saved(feed: mapping.feed(of:))
    saved.staged = staged.saved(feed: mapping.feed(of:))
    saved.infos = infos.map { feed, info in
      let isLive = info.series?.isDropped == false
      return .init(feed: feed, labels: info.labels, isLive: isLive, isOfFormerContent: info.isOfFormerContent)
    }
    (saved.malformed, saved.unmatched) = (malformed, unmatched)
    encoder.encode(saved)
    savedHistory = SavedHistory.Mark(history, place: place)
    savedFresh = SavedHistory.Mark(fresh, place: place + 2)
  }

  /// Goes on where another stood; infos and what is staged are the mapping's to restore.
  init(_ saved: Saved, metrics: [Bool]?) {
    self.metrics = metrics
    countsRecords = saved.countsRecords
    phase = saved.phase
    history = saved.history.history
    fresh = saved.fresh.history
    totals = RunningTotals(saved.totals)
    malformed = saved.malformed
    unmatched = saved.unmatched
  }
}
