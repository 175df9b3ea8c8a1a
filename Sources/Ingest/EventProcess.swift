internal import MetricModel
internal import MetricRegistry

/// A process that writes events: how far it was read, and what it contributes to series. Its files come and go, and it
/// stays one process, whatever they are called and however often they are read.
final class EventProcess {
  enum Standing: UInt8 {
    case living
    /// Nothing was heard of it for longer than `alive` says.
    case silent
    /// It said so.
    case ended
  }

  /// By which its files name it.
  let identity: String
  var standing = Standing.living
  /// Whether what it contributed is no longer known, though it did not say that it ends.
  var hasForgotten = false
  /// The number of the newest line that was read of it: no other is news.
  var newest: UInt64 = 0
  /// How far it was read again, for metrics that are new; as far as `newest`: it is not.
  var readAgain: UInt64 = 0
  /// When it was last heard of, on the monotonic clock.
  var seen = Int64.min
  /// How many files of it are read.
  var files = 0
  var contributions: [ObjectIdentifier: EventContribution] = [:]
  /// How many samples it left out itself, as the catalog does not allow them.
  var rejections: [Rejection: UInt64] = [:]
  /// Contributions after which those of series that have ended are cleared away.
  var contributionsBeforeClearing = 64

  // Of what was saved.

  /// Its place among all processes that were saved; 0: it was not.
  var savedPlace: UInt64 = 0
  /// Whether it is to be saved.
  var isChanged = false
  var isForgotten = false

  init(identity: String) { self.identity = identity }

  /// How a line is taken.
  enum Admission {
    /// It is the newest of the process.
    case new
    /// It was read before, but not for metrics that are new.
    case again
    case known
  }

  var isReadAgain: Bool { readAgain < newest }

  /// How a line of this number is taken.
  func admit(_ number: UInt64) -> Admission {
    if number > newest {
      if !isReadAgain { readAgain = number }
      newest = number
      return .new
    }
    guard number > readAgain else { return .known }
    readAgain = number
    return .again
  }
}

/// A name that lines have for a series: the same object for the same name.
final class SaidName {
  let name: SeriesName

  init(_ name: SeriesName) { self.name = name }
}

/// What a process contributes to a series under one name: its newest totals, or the value of a gauge.
final class EventContribution {
  let said: SaidName
  let series: EventSeries
  /// A counter's total, a gauge's value, or the sum of what a histogram or summary has observed.
  var total = 0.0
  /// Of a histogram: observations by bucket, not cumulative, `+Inf` last. Of a summary: all of them.
  var counts: [UInt64]
  /// Of a histogram with native buckets.
  var native: NativeCounts?
  /// What it takes of the room for contributions.
  let cost: Int
  var savedPlace: UInt64 = 0
  var isChanged = false
  var isForgotten = false

  init(to series: EventSeries, _ said: SaidName) {
    self.said = said
    self.series = series
    let metric = series.series.metric.descriptor
    counts = Array(repeating: 0, count: Self.countOfCounts(metric))
    native = metric.nativeHistogram.map { NativeCounts(factor: $0.factor) }
    cost = 1 + (counts.count + (metric.nativeHistogram?.maxBuckets ?? 0)) / 16
  }

  static func countOfCounts(_ metric: MetricDescriptor) -> Int {
    switch metric.type {
    case .histogram: metric.buckets.count + 1
    case .summary: 1
    case .counter, .gauge, .info, .stateset: 0
    }
  }
}

/// A series that processes contribute to.
final class EventSeries {
  let series: Series
  let metric: Int
  /// Of a counter, or what a histogram or summary has observed: of all processes, also those that ended.
  private(set) var total: ExactSum
  /// Of a histogram or summary: what was given to the series.
  private(set) var shownSum: Double
  /// How many observations a histogram or summary has.
  private(set) var count: UInt64 = 0
  /// Those of a gauge that is joined over processes.
  var contributors: [(process: EventProcess, contribution: EventContribution)] = []
  /// Whether what it shows has to be found out anew.
  var isOutdated = false
  /// Who said what a gauge, a stateset or an info shows.
  weak var speaker: EventProcess?

  init(_ series: Series) {
    self.series = series
    metric = series.metric.index
    var sum = 0.0
    switch series.metric.descriptor.type {
    case .counter: sum = series.number ?? 0
    case .histogram:
      let histogram = series.histogram
      sum = histogram?.sum ?? 0
      count = histogram?.buckets.last ?? 0
    case .summary:
      let summary = series.summary
      sum = summary?.sum ?? 0
      count = summary?.count ?? 0
    case .gauge, .info, .stateset: break
    }
    total = ExactSum(sum)
    shownSum = sum
  }

  /// Puts a process's total in place of the one before.
  ///
  /// - Returns: false where all together are more than there may be.
  func replace(_ old: Double, by new: Double, observations further: UInt64 = 0) -> Bool {
    var sum = total
    sum.add(new)
    sum.add(-old)
    guard sum.value.isFinite, further <= Self.countMax, count + further <= Self.countMax else { return false }
    total = sum
    count += further
    return true
  }

  /// What has to be added to the sum of observations that the series has, and is from now on.
  func takeSum() -> Double {
    defer { shownSum += total.value - shownSum }
    return total.value - shownSum
  }

  /// A state holds no more: a fault of a writer must not make it unusable.
  static let countMax: UInt64 = 1 << 47
}
