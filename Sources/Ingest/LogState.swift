internal import LogFormats
internal import MetricRegistry

/// What is known of one log: what it has contributed, and to which metrics.
///
/// Nearly always that is one contribution, to all metrics of its watcher. Where the catalog got new metrics for a log
/// that was read before, those have one of their own, until both have read the same.
final class LogState {
  private(set) var contributions: [Contribution]
  /// How many documents are this log, and how many of them are gone.
  var documents = 0
  var goneDocuments = 0
  /// Of documents that were one log, the one that became another last.
  weak var heir: LogState?
  /// When it was written, as far as it has been read to its end: its file's modification time in nanoseconds since 1970.
  var readUpTo = Int64.min
  /// How far its columns reached, of a document that has its records in them.
  var columns = DocumentColumns()
  /// Where it stands in its group's `DocumentStates`.
  var place = 0
  var shelf: DocumentStates.Shelf?

  init(contributions: [Contribution] = [Contribution()]) {
    precondition(!contributions.isEmpty, "a log contributes to something, if only to the count of records")
    self.contributions = contributions
  }

  /// What a log that was one with this one goes on from, when it becomes another.
  ///
  /// - Parameters:
  ///   - takesShown: whether nothing is left that shows what this one shows.
  ///   - isReadOn: whether this one goes on, and reads for new metrics what it has not read for them yet.
  func parted(takesShown: Bool = false, isReadOn: Bool = false) -> LogState {
    LogState(
      contributions: contributions.map {
        $0.parted(after: (isReadOn ? contributions[0] : $0).latest, takesShown: takesShown)
      }
    )
  }

  /// Whether it is read again, and so far says what it said before.
  var isComparing: Bool { contributions.contains { $0.isComparing } }

  /// How often it was begun anew.
  private(set) var restarts = 0
  /// Its place among all documents that were saved; 0: it was not, or it is no document.
  var savedPlace: UInt64 = 0
  /// As what it was saved last.
  var savedVersion: Int?

  /// Takes note of a series that this log has set last, as another process saved it.
  func shows(_ series: Series, by feeder: Feeder) {
    for contribution in contributions where contribution.feeds(series.metric.index) {
      contribution.shown.note(series, by: feeder)
    }
  }

  /// Forgets which series a log has set: it has another name, and what it said under the old one is nobody's.
  func forgetShown(by feeder: Feeder) {
    for contribution in contributions { contribution.shown.forget(by: feeder) }
  }

  /// How many series of infos it shows: they may end without the log.
  var shownInfos: Int {
    contributions.reduce(0) { $0 + $1.infos.values.count { $0.series?.isDropped == false } }
  }

  /// The history of what was read first; the others have read no more.
  var history: LogHistory { contributions[0].history }

  /// What is read next stands at the log's beginning.
  ///
  /// - Parameter carriesTotals: whether totals run on through it: the log is a document of one record, whose newest state
  ///   replaces the one before.
  func restart(carriesTotals: Bool = false) {
    restarts += 1
    for contribution in contributions { contribution.restart(carriesTotals: carriesTotals) }
  }

  /// All there is has been read, and what waited was shown.
  func caughtUp() {
    guard contributions.count > 1 else { return }
    let first = contributions[0]
    let others = contributions.dropFirst()
    guard others.allSatisfy({ $0.isFollowing && $0.history.isEqual(to: first.history) }), first.isFollowing else {
      return
    }
    for other in others { first.takeOver(other) }
    first.coversAll()
    contributions = [first]
  }
}
