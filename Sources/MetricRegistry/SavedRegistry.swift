package import StateStore

/// A registry's series as they were saved, taken apart as far as their values.
package struct SavedRegistry {
  struct Family {
    var name: String
    /// Of its labels.
    var tables: [Int]
    var records: Records
  }

  enum Records {
    case each([(place: UInt64, StateDecoder)])
    /// All in one piece, as version 2 had them: how long each is depends on its metric.
    case joined(StateDecoder)
  }

  /// A series without its value.
  struct Record {
    /// Among all series that were saved; 0: version 2 had none.
    var place: UInt64
    /// As `encodeSeries` was told; -1: none.
    var feeder: Int
    /// Of its labels' values in their tables.
    var slots: [UInt32]
    /// Its value.
    var rest: StateDecoder
  }

  private(set) var families: [Family] = []
  /// By table. Those that no series carries any more are of no use.
  private(set) var values: [Int: [SavedLabelValue]] = [:]
  private(set) var rejections: [StatePair<Rejection, UInt64>] = []

  package init(_ image: StateImage) throws(StateDecoder.Failure) {
    var positions: [UInt64: Int] = [:]
    for metric in image.owners(of: .metric) {
      var decoder = try image.decoder(.metric, metric)
      positions[metric] = families.count
      families.append(Family(name: try decoder.decode(), tables: try decoder.decode(), records: .each([])))
    }
    for owner in image.owners(of: .labelValue) {
      var decoder = try image.decoder(.labelValue, owner)
      values[Int(owner >> 32), default: []].append(try decoder.decode())
    }
    var records: [[(place: UInt64, StateDecoder)]] = Array(repeating: [], count: families.count)
    for place in image.owners(of: .series) {
      var decoder = try image.decoder(.series, place)
      guard let position = positions[try decoder.compact()] else { throw StateDecoder.Failure() }
      records[position].append((place, decoder))
    }
    for (position, records) in records.enumerated() { families[position].records = .each(records) }
    var decoder = try image.decoder(.rejections, 0)
    rejections = try decoder.decode()
  }

  /// As version 2 had it.
  package init(fromVersion2 decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    values = try decoder.decode()
    for _ in 0..<(try decoder.count(bytesEach: 1)) {
      families.append(
        Family(
          name: try decoder.decode(),
          tables: try decoder.decode(),
          records: .joined(try decoder.decoderOfPart())
        )
      )
    }
    rejections = try decoder.decode()
  }
}

extension SavedRegistry.Family {
  /// - Parameter metric: is what the family was of.
  func records(of metric: Metric) throws(StateDecoder.Failure) -> [SavedRegistry.Record] {
    var all: [SavedRegistry.Record] = []
    switch records {
    case .each(let decoders):
      for (place, decoder) in decoders {
        var decoder = decoder
        let feeder = try decoder.compact()
        guard feeder <= UInt64(Int32.max) else { throw StateDecoder.Failure() }
        all.append(try record(place: place, feeder: Int(feeder) - 1, from: &decoder))
      }
    case .joined(var decoder):
      let count: Int = try decoder.decode()
      guard count >= 0 else { throw StateDecoder.Failure() }
      for _ in 0..<count {
        all.append(try record(place: 0, feeder: try decoder.decode(), from: &decoder))
        try Series.decodeValue(of: metric, into: nil, keepsExemplars: false, from: &decoder)
      }
    }
    return all
  }

  private func record(
    place: UInt64,
    feeder: Int,
    from decoder: inout StateDecoder
  ) throws(StateDecoder.Failure) -> SavedRegistry.Record {
    var slots: [UInt32] = []
    for _ in tables { slots.append(try decoder.decode()) }
    return SavedRegistry.Record(place: place, feeder: feeder, slots: slots, rest: decoder)
  }
}

/// A live value of a label's table.
struct SavedLabelValue: StateCodable {
  var slot: UInt32
  var text: String
  var age: LabelAge

  init(_ value: LabelValue) {
    slot = UInt32(truncatingIfNeeded: value.slot)
    text = value.text
    age = value.age
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(slot)
    encoder.encode(text)
    encoder.encode(age.tick)
    encoder.encode(age.time)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    slot = try decoder.decode()
    text = try decoder.decode()
    age = LabelAge(time: .min, tick: try decoder.decode())
    if decoder.version >= 3 { age.time = try decoder.decode() }
  }
}

extension Rejection.Reason: StateCodable {}

extension Rejection: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(metric)
    encoder.encode(label)
    encoder.encode(reason)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(metric: try decoder.decode(), label: try decoder.decode(), reason: try decoder.decode())
  }
}
