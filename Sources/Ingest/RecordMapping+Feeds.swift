internal import MetricCatalog

/// From updates to the catalog and back: what is saved of a log knows its targets by field and place.
extension RecordMapping {
  func metricName(_ metric: Int) -> String { plan.metrics[metric].name }

  /// What feeds an update.
  func feed(of index: Int) -> Update.Feed { updates[index].feed }

  /// The update that this feeds; nil: the catalog has none like it.
  func index(of feed: Update.Feed) -> Int? {
    let found = updates(of: feed.field)
    return found.indices.contains(feed.target &+ found.lowerBound) ? feed.target &+ found.lowerBound : nil
  }

  /// The metric that is fed, by position; nil: the catalog has no such target.
  func metric(of feed: Update.Feed) -> Int? { target(of: feed)?.0.metric }

  /// The target in the catalog, with what its field's name captured; nil: nothing.
  func target(of feed: Update.Feed) -> (Target, captures: [String: String])? {
    let mapped = feed.field.map { plan.mapping(forField: $0) } ?? (plan.watcher.eachRecord, [:])
    guard let (targets, captured) = mapped, targets.indices.contains(feed.target) else { return nil }
    return (targets[feed.target], captured)
  }

  /// A label of an exemplar, and what its text is made of.
  typealias ExemplarLabel = (name: String, parts: [LabelPlan.Part])

  /// How an update labels its exemplars; compiled when the first is made.
  func exemplarLabels(of index: Int) -> [ExemplarLabel] {
    if let known = exemplarLabels[index] { return known }
    guard let (target, captured) = target(of: updates[index].feed) else { return [] }
    let made = target.exemplar.map { ($0.name, texts(captured).parts($0.text)) }
    exemplarLabels[index] = made
    return made
  }
}
