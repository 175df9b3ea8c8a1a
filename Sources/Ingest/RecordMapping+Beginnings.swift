internal import MetricCatalog
internal import MetricRegistry

/// Counters that exist at 0 from a log's first record on: those whose labels its path and the catalog settle. Without, the
/// first event of a rare kind would bring the counter into being at 1, and no rate would show it.
extension RecordMapping {
  /// A counter that the log at hand has, whether or not it has counted anything.
  struct Beginning {
    let update: Update
    let labelValues: [String]
    var series: Series?
  }

  /// What `begin` makes sure of, with the labels that the path has now.
  func makeBeginnings() -> [Beginning] {
    plan.settledCounters.compactMap { target in
      let update = compile(target, from: Update.Feed(), [:])
      guard case .fixed(let values) = update.labels else { return nil }
      return Beginning(update: update, labelValues: values)
    }
  }

  /// The log at hand has records that count: what it counts exists. A series that has ended meanwhile begins anew.
  func begin(_ contribution: Contribution) {
    for place in beginnings.indices {
      if let series = beginnings[place].series, !series.isDropped { continue }
      let update = beginnings[place].update
      guard contribution.feeds(update.metric) else { continue }
      var path = update.pathLabels
      path.time = pathTime
      let series = registry.beginning(
        ofCounter: update.metric,
        labelValues: beginnings[place].labelValues,
        at: time,
        path
      )
      beginnings[place].series = series
      if let series, series.feeder == nil { series.feeder = feeder }
    }
  }
}
