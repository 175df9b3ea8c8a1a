package import Collectors
package import MetricCatalog
package import MetricModel
package import MetricRegistry

/// Maps a collector's batches into the registry: after each one its series are what that batch says, and nothing else.
///
/// A gauge is set, a counter is set to the system's own total, a histogram or summary observes. A series that a batch
/// does not bring ends. Where a metric does not tell records apart their readings are joined; a counter that is such a
/// sum keeps what records had counted that went away or began anew, so that it never falls for that.
///
/// It is used by one thread at a time, which its user sees to: hence `@unchecked`. It knows nothing of time.
package final class ReadingMapping: @unchecked Sendable {
  /// What tells a record from others: its kind, and those of its labels that do.
  private struct Identity: Hashable {
    let kind: Int
    let labels: [String]
  }

  /// What became of one reading of a record: where it goes, and what a sum has to know of it.
  private struct Use {
    /// Nil: the record lacks a label of the metric.
    var slot: Slot?
    /// The last value; NaN: there was none.
    var last = Double.nan
    /// Whether the last value stays in the sum, since there is none now.
    var isKept = false
  }

  /// A record that was met, with a use for each feed of its kind.
  private struct Origin {
    /// All of the record's.
    var labels: [String]
    var uses: [Use]
    var round = 0
  }

  private struct SeriesKey: Hashable {
    let metric: Int
    let labels: [String]
  }

  /// One series, and what the batch at hand says of it.
  private final class Slot {
    let feed: ReadingPlan.Feed
    let key: SeriesKey
    var series: Series?
    /// Whether it is the one that its key leads to.
    var isListed = true
    /// A counter's last.
    var shown: Double?
    var value = 0.0
    var count = 0
    var round = 0
    /// What records had counted that went away or began anew.
    var kept = 0.0

    init(feed: ReadingPlan.Feed, key: SeriesKey) {
      self.feed = feed
      self.key = key
    }
  }

  private let registry: Registry
  private let plan: ReadingPlan
  /// By the record's kind: the places of the labels that tell records apart.
  private let identifying: [[Int]]
  private var origins: [Identity: Origin] = [:]
  private var slots: [SeriesKey: Slot] = [:]
  /// The slots that the batch at hand feeds, in its order.
  private var fed: [Slot] = []
  private var round = 0

  /// Records that are remembered, also after they went away: they may come back with the same totals. Beyond, those that
  /// are gone are forgotten with what they had counted in sums that nothing else feeds.
  private static let originsMax = 8192
  /// Sums of the same numbers in another order differ by less, as shares of them. A counter must not fall for that.
  private static let roundingMax = 1e-12

  package init(
    _ collector: Catalog.Collector,
    _ descriptor: CollectorDescriptor,
    registry: Registry,
    metrics: [MetricDescriptor]
  ) {
    self.registry = registry
    plan = ReadingPlan(collector, descriptor, metrics: metrics)
    identifying = descriptor.records.map { record in record.labels.indices.filter { record.labels[$0].identifies } }
  }

  /// Goes on where the mapping of the catalog before stood, as far as its records go where they went: what sums keep of
  /// records that are gone stays in them. The other one must have been suspended.
  package func takeOver(_ former: ReadingMapping) {
    guard former.plan.feeds.count == plan.feeds.count, round == 0 else { return }
    round = former.round
    for (identity, origin) in former.origins {
      let feeds = plan.feeds[identity.kind]
      guard feeds.elementsEqual(former.plan.feeds[identity.kind], by: { $0.isRouted(like: $1) }) else { continue }
      var origin = origin
      for (index, feed) in feeds.enumerated() {
        guard let old = origin.uses[index].slot else { continue }
        let slot = slot(of: feed, labels: old.key.labels)
        slot.kept = old.kept
        slot.shown = old.shown
        origin.uses[index].slot = slot
      }
      origins[identity] = origin
    }
  }

  /// Makes the series what the batch says.
  package func apply(_ batch: borrowing ReadingBatch) {
    round += 1
    fed.removeAll(keepingCapacity: true)
    for record in batch.records where !plan.feeds[record.kind].isEmpty { take(record, batch.values) }
    let gone = origins.filter { $0.value.round != round }.map(\.key)
    for identity in gone { keep(identity) }
    if origins.count > Self.originsMax {
      origins = origins.filter { $0.value.round == round }
      for slot in slots.values where slot.round != round { slot.kept = 0 }
    }
    for slot in fed { show(slot) }
    for slot in slots.values where slot.round != round { end(slot) }
  }

  /// Ends all series, since nothing is known any more. What records had counted is remembered: the next batch goes on.
  package func suspend() {
    for slot in slots.values { drop(slot) }
  }

  // MARK: One batch

  private func take(_ record: ReadingBatch.Record, _ values: [Double?]) {
    let feeds = plan.feeds[record.kind]
    let identity = Identity(kind: record.kind, labels: identifyingLabels(of: record))
    var origin =
      origins[identity] ?? Origin(labels: record.labels, uses: feeds.map { Use(slot: slot(of: $0, record)) })
    if origin.labels != record.labels { relabel(&origin, record) }
    origin.round = round
    for (index, feed) in feeds.enumerated() {
      guard var slot = origin.uses[index].slot else { continue }
      if !slot.isListed {
        slot = listed(slot)
        origin.uses[index].slot = slot
      }
      guard let reading = values[record.values.lowerBound + feed.reading], feed.type != .counter || reading.isFinite
      else {
        keep(&origin.uses[index], feed)
        continue
      }
      // Here, and not when it is shown: readings in different units may end in one series.
      let value = reading * feed.scale
      if feed.isSummedTotal { resume(&origin.uses[index], at: value, slot) }
      add(value, to: slot)
    }
    origins[identity] = origin
  }

  /// A total goes on from what it was, also after it was away; one that is below that began anew, and what it had
  /// counted stays in the sum.
  private func resume(_ use: inout Use, at value: Double, _ slot: Slot) {
    if use.isKept {
      if value >= use.last { slot.kept -= use.last }
    } else if value < use.last {
      slot.kept += use.last
    }
    use.isKept = false
    use.last = value
  }

  private func keep(_ use: inout Use, _ feed: ReadingPlan.Feed) {
    guard feed.isSummedTotal, !use.isKept, !use.last.isNaN else { return }
    use.slot?.kept += use.last
    use.isKept = true
  }

  /// The record is not there any more.
  private func keep(_ identity: Identity) {
    guard var origin = origins[identity] else { return }
    for (index, feed) in plan.feeds[identity.kind].enumerated() { keep(&origin.uses[index], feed) }
    origins[identity] = origin.uses.contains { $0.isKept } ? origin : nil
  }

  private func add(_ value: Double, to slot: Slot) {
    if slot.round != round {
      slot.round = round
      slot.count = 1
      slot.value = value
      fed.append(slot)
      return
    }
    slot.count += 1
    switch slot.feed.joining {
    case .sum, .mean: slot.value += value
    case .minimum: slot.value = min(slot.value, value)
    case .maximum: slot.value = max(slot.value, value)
    }
  }

  /// What tells the record from others. What was looked for is in it, too.
  private func identifyingLabels(of record: ReadingBatch.Record) -> [String] {
    let places = identifying[record.kind]
    let ownCount = record.labels.count - record.captures.count
    if places.count == ownCount { return record.labels }
    return places.map { record.labels[$0] } + record.labels[ownCount...]
  }

  /// A label has changed that does not tell records apart: the number of a GPU, when another one was lost.
  private func relabel(_ origin: inout Origin, _ record: ReadingBatch.Record) {
    for (index, feed) in plan.feeds[record.kind].enumerated() {
      let slot = slot(of: feed, record)
      guard slot !== origin.uses[index].slot else { continue }
      keep(&origin.uses[index], feed)
      origin.uses[index] = Use(slot: slot)
    }
    origin.labels = record.labels
  }

  /// The series' slot was given up while nothing fed it, and another may have begun.
  private func listed(_ slot: Slot) -> Slot {
    if let known = slots[slot.key] { return known }
    slots[slot.key] = slot
    slot.isListed = true
    return slot
  }

  private func slot(of feed: ReadingPlan.Feed, _ record: ReadingBatch.Record) -> Slot? {
    guard let labels = ReadingPlan.labelValues(feed, record) else {
      let metric = registry.metrics[feed.metric].descriptor
      registry.count(rejection: Rejection(metric: metric.name, reason: .labelMissing))
      return nil
    }
    return slot(of: feed, labels: labels)
  }

  private func slot(of feed: ReadingPlan.Feed, labels: [String]) -> Slot {
    let key = SeriesKey(metric: feed.metric, labels: labels)
    if let known = slots[key] { return known }
    let slot = Slot(feed: feed, key: key)
    slots[key] = slot
    return slot
  }

  // MARK: Series

  private func show(_ slot: Slot) {
    var value = slot.value
    if slot.feed.joining == .mean { value /= Double(slot.count) }
    value += slot.kept + slot.feed.offset
    let isNew = slot.series?.isDropped ?? true
    if slot.feed.type == .counter {
      // Asked before the series is: a refused sample takes no place.
      if let reason = value.whyNotCounted {
        let metric = registry.metrics[slot.feed.metric].descriptor
        registry.count(rejection: Rejection(metric: metric.name, reason: reason))
        return drop(slot)
      }
      if let shown = slot.shown, value < shown, shown - value <= shown * Self.roundingMax { value = shown }
      slot.shown = value
      if isNew {
        let (metric, labels) = (slot.key.metric, slot.key.labels)
        slot.series = registry.series(metric: metric, labelValues: labels, total: value)
        return
      }
    } else if isNew {
      slot.series = registry.series(metric: slot.key.metric, labelValues: slot.key.labels)
    }
    guard let series = slot.series else { return }
    switch slot.feed.type {
    case .gauge: series.set(value)
    case .info: series.set(1)
    case .counter: series.setTotal(value)
    case .histogram, .summary: series.observe(value)
    case .stateset: break
    }
  }

  /// Nothing feeds the series any more. What observes keeps what it has observed.
  private func end(_ slot: Slot) {
    drop(slot)
    // A sum is remembered with the records that it keeps.
    if slot.series == nil, slot.kept == 0 {
      slots[slot.key] = nil
      slot.isListed = false
    }
  }

  private func drop(_ slot: Slot) {
    guard slot.feed.type != .histogram, slot.feed.type != .summary else { return }
    if let series = slot.series { registry.drop(series) }
    slot.series = nil
  }
}

extension ReadingPlan.Feed {
  /// A counter that is the sum of several records' totals.
  var isSummedTotal: Bool { type == .counter && !isAlone && joining == .sum }
}
