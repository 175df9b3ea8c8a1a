internal import MetricRegistry

/// How old label values are: what a record says is as old as the log was when it had the record, and what a log's path
/// says is as old as the log's last change.
extension RecordMapping {
  /// Remembers an example of what the registry refuses.
  func noteRefusal(of metric: Int, _ labelValues: [String]) {
    plan.sight.noteRefused(metric: metric, in: feeder.name) {
      registry.refusal(metric: metric, labelValues: labelValues).map { reason, label in
        let place = plan.metrics[metric].labels.firstIndex { $0.name == label }
        return WatcherSight.Refused(
          metric: plan.metrics[metric].name,
          label: label,
          value: place.map { labelValues[$0] } ?? "",
          reason: reason
        )
      }
    }
  }

  /// Takes the time of the log at hand for that of the records that follow.
  ///
  /// - Parameter readUpTo: when the log was written last that had these records before; nil: it had them not, as far as is
  ///   known.
  func setTime(of readUpTo: Int64? = nil) {
    let written = registry.time(ofLogModifiedAt: feeder.modified, isFollowed: !isFirstReading)
    guard isReadAgain || readUpTo != nil else {
      (time, pathTime) = (written, nil)
      return
    }
    time = written.readAgain
    let modified = readUpTo ?? feeder.modified
    // Just before, since of two logs of one time that which has a place keeps it. A time still to come says nothing.
    pathTime = modified > .min && modified <= registry.now ? SampleTime(modified: modified).before : nil
  }

  /// The series that an update has for label values; nil: refused.
  func series(of update: Update, labelValues: [String]) -> Series? {
    var path = update.pathLabels
    path.time = pathTime
    let series = registry.series(metric: update.metric, labelValues: labelValues, at: time, path)
    if series == nil { noteRefusal(of: update.metric, labelValues) }
    return series
  }

  /// A log says the labels of its path with all that it is, whatever its records are: they are as old as the log.
  func sayPathLabels() {
    if plan.evictingPathLabels.isEmpty { return }
    setTime()
    for (metric, label, text) in plan.evictingPathLabels {
      guard case .fixed(let values) = LabelPlan([texts([:]).parts(text)]) else { continue }
      registry.use(values[0], ofLabel: label, of: metric, at: pathTime ?? time)
    }
  }
}
