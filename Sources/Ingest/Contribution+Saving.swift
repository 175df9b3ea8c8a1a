package import LogFormats
package import StateStore

/// Encoding what logs have contributed.
extension Update.Source: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(field)
    encoder.encode(target)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(field: try decoder.decode(), target: try decoder.decode())
  }
}

extension RunningTotals.SavedKey: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(source)
    encoder.encode(labels)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(source: try decoder.decode(), labels: try decoder.decode())
  }
}

extension StagedValues.SavedEntry: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(source)
    encoder.encode(labels)
    encoder.encode(number)
    encoder.encode(text)
    encoder.encode(order ?? 0)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      source: try decoder.decode(),
      labels: try decoder.decode(),
      number: try decoder.decode(),
      text: try decoder.decode(),
      order: decoder.version >= 3 ? try decoder.int() : nil
    )
  }
}

extension Contribution.Saved.Info: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(source)
    encoder.encode(labels)
    encoder.encode(isLive)
    encoder.encode(isOfFormerContent)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      source: try decoder.decode(),
      labels: try decoder.decode(),
      isLive: try decoder.decode(),
      isOfFormerContent: decoder.version >= 3 ? try decoder.bool() : false
    )
  }
}

extension Contribution.BadLines: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(seen)
    encoder.encode(counted)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(seen: try decoder.decode(), counted: try decoder.decode())
    guard (0..<1 << 48).contains(seen), (0..<1 << 48).contains(counted) else { throw StateDecoder.Failure() }
  }
}

extension Contribution.Phase: StateCodable {}

extension Contribution.Saved: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(metrics)
    encoder.encode(countsRecords)
    encoder.encode(phase)
    encoder.encode(history)
    encoder.encode(fresh)
    encoder.encode(totals)
    encoder.encode(staged)
    encoder.encode(infos)
    encoder.encode(malformed)
    encoder.encode(unmatched)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      metrics: try decoder.decode(),
      countsRecords: try decoder.decode(),
      phase: try decoder.decode(),
      history: try decoder.decode(),
      fresh: try decoder.decode(),
      totals: try decoder.decode(),
      staged: try decoder.decode(),
      infos: try decoder.decode(),
      malformed: try decoder.decode(),
      unmatched: try decoder.decode()
    )
  }
}

extension LogState {
  func encode(into encoder: inout StateEncoder, mapping: RecordMapping) {
    encoder.encode(contributions.count)
    for (slot, contribution) in contributions.enumerated() {
      contribution.encode(into: &encoder, slot: slot, source: mapping.source(of:), metricName: mapping.metricName)
    }
  }
}

extension ParserCheckpoint: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(header)
    encoder.encode(separator)
    encoder.encode(remarkNames)
    encoder.encode(isInsideLongLine)
    encoder.encode(hasBegun)
    encoder.encode(isForeign)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      header: try decoder.decode(),
      separator: try decoder.decode(),
      remarkNames: try decoder.decode(),
      isInsideLongLine: try decoder.decode(),
      hasBegun: try decoder.decode(),
      isForeign: try decoder.decode()
    )
  }
}
