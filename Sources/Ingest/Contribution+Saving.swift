internal import StateStore

/// Encoding what logs have contributed.
extension StateEncoder {
  mutating func encode(_ source: Update.Source) {
    encode(source.field) { $0.encode($1) }
    encode(source.target)
  }

  mutating func encode(_ saved: Contribution.Saved) {
    encode(saved.metrics) { $0.encode(each: $1) { $0.encode($1) } }
    encode(saved.countsRecords)
    encode(saved.phase.rawValue)
    saved.history.encode(into: &self)
    saved.fresh.encode(into: &self)
    encode(each: saved.totals) { encoder, total in
      encoder.encode(total.key.source)
      encoder.encode(total.key.labels)
      encoder.encode(total.value)
    }
    encode(each: saved.staged) { encoder, entry in
      encoder.encode(entry.source)
      encoder.encode(each: entry.labels) { $0.encode($1) }
      encoder.encode(entry.number)
      encoder.encode(entry.text) { $0.encode($1) }
      encoder.encode(entry.order ?? 0)
    }
    encode(each: saved.infos) { encoder, info in
      encoder.encode(info.source)
      encoder.encode(each: info.labels) { $0.encode($1) }
      encoder.encode(info.isLive)
      encoder.encode(info.isOfFormerContent)
    }
    for lines in [saved.malformed, saved.unmatched] {
      encode(lines.seen)
      encode(lines.counted)
    }
  }
}

extension StateDecoder {
  mutating func texts() throws(Failure) -> [String] {
    try array { decoder throws(Failure) in try decoder.text() }
  }

  mutating func source() throws(Failure) -> Update.Source {
    Update.Source(
      field: try optional { decoder throws(Failure) in try decoder.text() },
      target: try int()
    )
  }

  mutating func contribution() throws(Failure) -> Contribution.Saved {
    let metrics = try optional { decoder throws(Failure) in try decoder.texts() }
    let countsRecords = try bool()
    guard let phase = Contribution.Phase(rawValue: try uint8()) else { throw Failure() }
    let history = try LogHistory(from: &self)
    let fresh = try LogHistory(from: &self)
    let totals = try array { decoder throws(Failure) in
      let source = try decoder.source()
      return (RunningTotals.SavedKey(source: source, labels: try decoder.text()), try decoder.double())
    }
    let staged = try array { decoder throws(Failure) in
      StagedValues.SavedEntry(
        source: try decoder.source(),
        labels: try decoder.texts(),
        number: try decoder.double(),
        text: try decoder.optional { decoder throws(Failure) in try decoder.text() },
        order: decoder.version >= 3 ? try decoder.int() : nil
      )
    }
    let infos = try array { decoder throws(Failure) in
      Contribution.Saved.Info(
        source: try decoder.source(),
        labels: try decoder.texts(),
        isLive: try decoder.bool(),
        isOfFormerContent: decoder.version >= 3 ? try decoder.bool() : false
      )
    }
    let malformed = try badLines()
    let unmatched = try badLines()
    return Contribution.Saved(
      metrics: metrics,
      countsRecords: countsRecords,
      phase: phase,
      history: history,
      fresh: fresh,
      totals: Dictionary(totals, uniquingKeysWith: { first, _ in first }),
      staged: staged,
      infos: infos,
      malformed: malformed,
      unmatched: unmatched
    )
  }

  private mutating func badLines() throws(Failure) -> Contribution.BadLines {
    let lines = Contribution.BadLines(seen: try int(), counted: try int())
    guard (0..<1 << 48).contains(lines.seen), (0..<1 << 48).contains(lines.counted) else { throw Failure() }
    return lines
  }

  mutating func contributions() throws(Failure) -> [Contribution.Saved] {
    try array { decoder throws(Failure) in try decoder.contribution() }
  }
}

extension LogState {
  func encode(into encoder: inout StateEncoder, mapping: RecordMapping) {
    encoder.encode(each: contributions) { encoder, contribution in
      encoder.encode(contribution.saved(source: mapping.source(of:), metricName: mapping.metricName))
    }
  }
}
