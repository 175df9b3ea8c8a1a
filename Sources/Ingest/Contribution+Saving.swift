internal import StateStore

/// Encoding what logs have contributed.
extension Update.Source: StateRecord {
  static let fields = [StateField(\Self.field), StateField(\.target)]
}

extension RunningTotals.SavedKey: StateRecord {
  static let fields = [StateField(\Self.source), StateField(\.labels)]
}

extension StagedValues.SavedEntry: StateRecord {
  static let fields = [
    StateField(\Self.source), StateField(\.said.labels), StateField(\.said.number), StateField(\.said.text),
    StateField(\.order, since: 3),
  ]
}

extension Contribution.Saved.Info: StateRecord {
  static let fields = [
    StateField(\Self.source), StateField(\.labels), StateField(\.isLive), StateField(\.isOfFormerContent, since: 3),
  ]
}

extension Contribution.Saved: StateRecord {
  static let fields = [
    StateField(\Self.metrics), StateField(\.countsRecords), StateField(\.phase), StateField(\.history),
    StateField(\.fresh), StateField(\.totals), StateField(\.staged), StateField(\.infos), StateField(\.malformed),
    StateField(\.unmatched),
  ]
}

extension Contribution.Phase: StateCodable {}

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

extension LogState {
  func encode(into encoder: inout StateEncoder, mapping: RecordMapping) {
    encoder.encode(contributions.count)
    for (slot, contribution) in contributions.enumerated() {
      contribution.encode(into: &encoder, slot: slot, mapping: mapping)
    }
  }
}
