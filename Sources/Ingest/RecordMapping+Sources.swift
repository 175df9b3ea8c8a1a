internal import MetricCatalog

/// From updates to the catalog and back: what feeds an update stays the same when its log's fields come in another order.
extension RecordMapping {
  func metricName(_ metric: Int) -> String { plan.metrics[metric].name }

  /// What feeds an update.
  func source(of index: Int) -> Update.Source { updates[index].source }

  /// The update that has this source; nil: the catalog has none like it.
  func index(of source: Update.Source) -> Int? {
    let found = updates(of: source.field)
    return found.indices.contains(found.lowerBound + source.target) ? found.lowerBound + source.target : nil
  }

  /// The metric that a source feeds, by position; nil: the catalog has no such source.
  func metric(of source: Update.Source) -> Int? { target(of: source)?.0.metric }

  /// What the catalog says for a source, with what its field's name captured; nil: nothing.
  func target(of source: Update.Source) -> (Target, captures: [String: String])? {
    let mapped = source.field.map { plan.mapping(forField: $0) } ?? (plan.watcher.eachRecord, [:])
    guard let (targets, captured) = mapped, source.target < targets.count else { return nil }
    return (targets[source.target], captured)
  }

  /// How an update makes exemplars; compiled when the first is made.
  func exemplarPlan(of index: Int) -> ExemplarPlan? {
    if let known = exemplarPlans[index] { return known }
    guard let (target, captured) = target(of: updates[index].source) else { return nil }
    let made = ExemplarPlan(
      target.exemplar,
      fieldCaptures: captured,
      pathCaptures: captures,
      tracked: plan.tracked
    )
    exemplarPlans[index] = made
    return made
  }
}
