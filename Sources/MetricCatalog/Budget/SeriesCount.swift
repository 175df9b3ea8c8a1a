internal import MetricModel

/// How many combinations of label values a metric can have at most, whatever feeds it says.
///
/// A feed allows a box: for each label one value, or all. The boxes of several feeds overlap, so what is counted is their
/// union: label by label, each value that a feed names by itself, and all others together.
struct SeriesCount {
  /// The most values of each label; 0 where others decide about it.
  private(set) var values: [Int]
  private(set) var combinations: Int

  /// Beyond so many steps the union is no longer counted; its parts are added up.
  private static let stepsMax = 20_000

  private let bounds: [Bound]
  private var steps = 0

  /// How many values a label can have.
  private struct Bound {
    /// Those that the declaration allows.
    var allowed: Int
    /// At a time.
    var live: Int

    init(_ label: LabelDescriptor) {
      live = label.maxValues ?? Int.max
      switch label.allowed {
      case .any: allowed = live
      case .list(let values): allowed = Set(values).count
      case .range(let range):
        let (width, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        allowed = overflow || width == Int.max ? Int.max : width + 1
      }
    }
  }

  init(of metric: MetricDescriptor, _ feeds: Set<FeedLabels>) {
    bounds = metric.labels.map { Bound($0) }
    values = []
    combinations = 0
    // Which labels others decide about has to be the same in all feeds that are counted together.
    let classes = Dictionary(grouping: feeds) { $0.values.map { $0 == .decided } }.values.map(Array.init)
    let apart = SeriesBudget.sum(classes.map { union(of: $0) })
    let plain = classes.joined().map { feed in FeedLabels(values: feed.values.map { $0 == .decided ? .any : $0 }) }
    combinations = min(apart, union(of: Array(Set(plain))))
    values = metric.labels.indices.map { values(of: $0, in: feeds) }
  }

  private func values(of label: Int, in feeds: Set<FeedLabels>) -> Int {
    let mentioned = feeds.map { $0.values[label] }
    let bound = min(bounds[label].allowed, bounds[label].live)
    if mentioned.contains(.any) { return bound }
    let constants = Set(mentioned.filter { $0 != .decided })
    if constants.count < mentioned.count, mentioned.contains(.decided) { return constants.isEmpty ? 0 : bound }
    return min(constants.count, bound)
  }

  private mutating func union(of feeds: [FeedLabels]) -> Int {
    steps = 0
    if let count = union(of: feeds, from: 0) { return count }
    steps = 0
    let each = feeds.map { union(of: [$0], from: 0) ?? Int.max }
    return min(SeriesBudget.sum(each), SeriesBudget.product(bounds.map { min($0.allowed, $0.live) }))
  }

  /// The combinations of the labels from a position on; nil: that takes too many steps.
  private mutating func union(of feeds: [FeedLabels], from label: Int) -> Int? {
    if feeds.isEmpty { return 0 }
    if label == bounds.count { return 1 }
    steps += 1
    if steps > Self.stepsMax { return nil }
    var named: [String: [FeedLabels]] = [:]
    var others: [FeedLabels] = []
    for feed in feeds {
      if case .constant(let value) = feed.values[label] {
        named[value, default: []].append(feed)
      } else {
        others.append(feed)
      }
    }
    guard let other = union(of: others, from: label + 1) else { return nil }
    if others.contains(where: { $0.values[label] == .decided }) { return other }
    var counts: [Int] = []
    for feeds in named.values {
      guard let count = union(of: feeds + others, from: label + 1) else { return nil }
      counts.append(count)
    }
    // Where only some values can live at a time, it is those with the most.
    let live = counts.sorted(by: >).prefix(bounds[label].live)
    let rest = min(bounds[label].allowed - min(counts.count, bounds[label].allowed), bounds[label].live - live.count)
    return SeriesBudget.sum(live + [SeriesBudget.product([rest, other])])
  }
}
