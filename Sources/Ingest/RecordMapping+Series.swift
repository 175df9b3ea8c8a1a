internal import LogFormats
internal import MetricCatalog
internal import MetricRegistry

/// From updates to series: which one a record's labels name.
extension RecordMapping {
  func series(of index: Int, _ record: Record) -> Series? {
    switch updates[index].labels {
    case .fixed(let values):
      if let series = updates[index].series, !series.isDropped { return series }
      let series = series(of: updates[index], labelValues: values)
      updates[index].series = series
      return series
    case .perRecord:
      let key = key(of: index, record)
      if let series = seriesByLabels[key], !series.isDropped { return series }
      let values = labelValues(of: updates[index], record)
      guard let series = series(of: updates[index], labelValues: values) else {
        return nil
      }
      seriesByLabels.keep(series, for: key)
      return series
    }
  }

  /// An update and what the record says for its labels, as one text.
  func key(of index: Int, _ record: Record) -> RunningTotals.TotalKey {
    var bytes: [UInt8] = []
    if case .perRecord(let labels) = updates[index].labels {
      for case .tracked(let place) in labels.joined() {
        let value = trackedValues[place] < 0 ? nil : record.fields[trackedValues[place]]
        // Its length goes before each text, so that no text can stand for two.
        bytes.append(contentsOf: " \(value?.textLength ?? 0):".utf8)
        if let value { bytes.append(contentsOf: value.text(in: record.text)) }
      }
    }
    return RunningTotals.TotalKey(update: index, labels: String(decoding: bytes, as: UTF8.self))
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
    let labels = exemplarLabels(of: index).map { label in
      Exemplar.Label(label.name, text(of: label.parts, record))
    }
    let written = feeder.modified == .min ? nil : feeder.modified
    if updates[index].type == .counter {
      series.add(number, exemplar: labels, time: written, at: time)
    } else {
      series.observe(number, exemplar: labels, time: written, at: time)
    }
  }
}
