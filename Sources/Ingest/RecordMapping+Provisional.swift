internal import LogFormats
internal import MetricRegistry

/// What a log's last line without its end shows: an overlay on the values that the series have. It is taken back as soon
/// as that line is another one, or none.
extension RecordMapping {
  /// What is shown of an info.
  struct ProvisionalInfo {
    var labels: [String]
    var series: Series
  }

  /// Shows what a last line without its end says, without taking it.
  func show(_ batch: borrowing RecordBatch, of log: LogState) {
    takeBack()
    for contribution in log.contributions where contribution.isFollowing { show(batch, of: contribution) }
  }

  /// Takes back what is left of what a last line showed.
  func takeBack() {
    if provisional.isEmpty { return }
    for series in provisional where series.provisionalFeeder === feeder {
      if series.isProvisional { registry.drop(series) } else { series.takeBack() }
    }
    provisional.removeAll(keepingCapacity: true)
    provisionalInfos.removeAll(keepingCapacity: true)
  }

  func showProvisionally(_ index: Int, _ said: Said, _ contribution: Contribution) {
    let update = updates[index]
    if update.type == .info { return showInfoProvisionally(index, labels: said.labels, contribution) }
    if let text = said.text, !isState(text, of: update, countsRefusal: false) { return }
    guard let series = provisionalSeries(of: update, said.labels) else { return }
    if let text = said.text {
      series.show(state: text, provisionallyFor: feeder)
    } else {
      series.show(said.number, provisionallyFor: feeder)
    }
  }

  /// The info's series of before is hidden where nobody else shows it: a log has one.
  private func showInfoProvisionally(_ index: Int, labels: [String], _ contribution: Contribution) {
    let before = contribution.infos[updates[index].feed]
    let shown = provisionalInfos[index]
    let newest = Self.newest(labels, shown?.labels ?? before?.currentLabels)
    guard let series = provisionalSeries(of: updates[index], newest) else { return }
    series.show(1, provisionallyFor: feeder)
    if let shown, shown.series != series { shown.series.hide(provisionallyFor: feeder) }
    if let old = before?.series, old != series, old.logCount == 1, !old.isDropped {
      old.hide(provisionallyFor: feeder)
      provisional.append(old)
    }
    provisionalInfos[index] = ProvisionalInfo(labels: newest, series: series)
  }

  /// Where an update's value may be shown; nil: a newer log has said something, or it would have to take a place.
  private func provisionalSeries(of update: Update, _ labels: [String]) -> Series? {
    guard let series = registry.provisionalSeries(metric: update.metric, labelValues: labels) else { return nil }
    if series.isSaid(after: feeder, now: nil) { return nil }
    if let other = series.provisionalFeeder, other !== feeder, other.isNewer(than: feeder) { return nil }
    if series.isProvisional { series.feeder = feeder }
    provisional.append(series)
    return series
  }
}
