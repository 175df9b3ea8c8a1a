internal import LogFormats
internal import MetricRegistry

/// From updates to series: which one a record's labels name, and what it shall show. Gauges whose series are known wait
/// until the batch is through.
extension RecordMapping {
  func show(_ index: Int, labels: [String], number: Double, text: String?, log: Contribution) {
    let update = updates[index]
    if update.type == .info {
      showInfo(index, labels: labels, log: log)
      return
    }
    // Asked before the series is: a refused sample takes no place.
    if let text, !isState(text, of: update, countsRefusal: true) { return }
    guard let series = registry.series(metric: update.metric, labelValues: labels, at: time) else { return }
    if let text {
      set(number, text, in: series)
    } else if case .fixed = update.labels {
      updates[index].series = series
      setPending(index, number)
    } else {
      // Another field may feed the same series with labels that do not change: what it said before comes first.
      if !pendingUpdates.isEmpty, pendingUpdates.contains(where: { updates[$0].metric == update.metric }) { commit() }
      set(number, nil, in: series)
    }
  }

  /// Whether a stateset has a state.
  func isState(_ text: String, of update: Update, countsRefusal: Bool) -> Bool {
    let metric = plan.metrics[update.metric]
    if metric.states.contains(text) { return true }
    if countsRefusal {
      registry.count(rejection: Rejection(metric: metric.name, label: metric.name, reason: .labelValue))
    }
    return false
  }

  /// An info has one series for each target of a log: the newest values of its labels.
  private func showInfo(_ index: Int, labels: [String], log: Contribution) {
    let before = log.infos[updates[index].source]
    setInfo(index, labels: Self.newest(labels, before?.currentLabels), log: log)
  }

  /// The newest values of an info's labels: what a record does not say stays what it was.
  static func newest(_ labels: [String], _ before: [String]?) -> [String] {
    zip(labels, before ?? labels).map { $0.isEmpty ? $1 : $0 }
  }

  /// Makes an info's series the one that a log shows for a target.
  func setInfo(_ index: Int, labels: [String], log: Contribution) {
    let source = updates[index].source
    let before = log.infos[source]
    if let before, before.labels == labels, let series = before.series, !series.isDropped {
      series.source = self.source
      log.infos[source]?.isOfFormerContent = false
      return
    }
    // A refused sample takes nothing away.
    guard let series = registry.series(metric: updates[index].metric, labelValues: labels, at: time) else { return }
    series.set(1, at: time)
    series.takeBack()
    series.source = self.source
    series.logCount += 1
    if let old = before?.series { endShowing(old) }
    log.infos[source] = Contribution.InfoState(labels: labels, series: series)
  }

  /// The log does not show the info's series any more; without any that does it ends.
  private func endShowing(_ series: Series) {
    series.logCount -= 1
    if series.logCount <= 0 { registry.drop(series) }
  }

  func series(of index: Int, _ record: Record) -> Series? {
    switch updates[index].labels {
    case .fixed(let values):
      if let series = updates[index].series, !series.isDropped { return series }
      let series = registry.series(metric: updates[index].metric, labelValues: values, at: time)
      updates[index].series = series
      return series
    case .perRecord:
      let key = key(of: index, record)
      if let series = seriesByLabels[key], !series.isDropped { return series }
      let values = labelValues(of: updates[index], record)
      guard let series = registry.series(metric: updates[index].metric, labelValues: values, at: time) else {
        return nil
      }
      seriesByLabels.keep(series, for: key)
      return series
    }
  }

  /// An update and what the record says for its labels, as one text.
  func key(of index: Int, _ record: Record) -> RunningTotals.Key {
    var bytes: [UInt8] = []
    if case .perRecord(let labels) = updates[index].labels {
      for case .tracked(let place) in labels.joined() {
        let value = trackedValues[place] < 0 ? nil : record.fields[trackedValues[place]]
        // Its length goes before each text, so that no text can stand for two.
        bytes.append(contentsOf: " \(value?.textLength ?? 0):".utf8)
        if let value { bytes.append(contentsOf: value.text(in: record.text)) }
      }
    }
    return RunningTotals.Key(update: index, labels: String(decoding: bytes, as: UTF8.self))
  }

  func labelValues(of update: Update, _ record: Record) -> [String] {
    switch update.labels {
    case .fixed(let values): values
    case .perRecord(let labels): labels.map { text(of: $0, record) }
    }
  }

  /// What a label is in a record; empty where it has not all the fields.
  private func text(of parts: [LabelPlan.Part], _ record: Record) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .tracked(let place):
        guard trackedValues[place] >= 0 else { return "" }
        text += String(decoding: record.fields[trackedValues[place]].text(in: record.text), as: UTF8.self)
      }
    }
    return trimmed(text)
  }

  /// Adds to a counter or histogram with an exemplar, whose labels are those that the record has fields for. A record's
  /// own time is not known: it was written when its log was.
  func add(_ number: Double, to series: Series, of index: Int, _ record: Record) {
    let labels = (exemplarPlan(of: index)?.labels ?? []).map { label in
      Exemplar.Label(label.name, text(of: label.parts, record))
    }
    let written = source.modified == .min ? nil : source.modified
    if updates[index].type == .counter {
      series.add(number, exemplar: labels, time: written, at: time)
    } else {
      series.observe(number, exemplar: labels, time: written, at: time)
    }
  }

  /// Sets a gauge or a stateset, unless another log has said something later: of logs that are read in any order, also
  /// in one look, the one that changed last has the last word. What is certain goes before what is not.
  func set(_ number: Double, _ state: String?, in series: Series) {
    if series.source !== source, series.isSaid(after: source, now: isFirstReading ? nil : clock().wall) { return }
    series.said(by: source)
    if let state { series.setState(state, at: time) } else { series.set(number, at: time) }
    if series.provisionalSource != nil { series.takeBack() }
  }

  /// Sets the gauges that have a new value.
  func commit() {
    if pendingUpdates.count > 1 { pendingUpdates.sort { updates[$0].pendingOrder < updates[$1].pendingOrder } }
    for index in pendingUpdates {
      updates[index].isPending = false
      if updates[index].series?.isDropped == true, case .fixed(let labels) = updates[index].labels {
        updates[index].series = registry.series(metric: updates[index].metric, labelValues: labels, at: time)
      }
      if let series = updates[index].series { set(updates[index].pending, nil, in: series) }
    }
    pendingUpdates.removeAll(keepingCapacity: true)
    pendingCount = 0
  }
}
