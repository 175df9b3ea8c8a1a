/// The label values of a block's series: of each label the different values once, and for each series a byte that says
/// which of them it has. Neighbours mostly differ in one label, so this takes a few bytes where references took eight
/// for each label.
struct BlockLabels {
  /// Of a series whose labels are forgotten.
  private static let none = UInt8.max

  private let labelCount: Int
  /// By label. At most as many as the block has series, so that a byte suffices.
  private var distinct: [[LabelValue]]
  /// Series by series, the place of each label's value in `distinct`.
  private var places: [UInt8] = []

  init(labelCount: Int, capacity: Int) {
    self.labelCount = labelCount
    distinct = Array(repeating: [], count: labelCount)
    places.reserveCapacity(labelCount * capacity)
  }

  mutating func append(_ values: [LabelValue]) {
    precondition(values.count == labelCount)
    for (label, value) in values.enumerated() { places.append(place(of: value, label)) }
  }

  private mutating func place(of value: LabelValue, _ label: Int) -> UInt8 {
    // Mostly the value of the series before.
    if let known = distinct[label].lastIndex(where: { $0 === value }) { return UInt8(known) }
    distinct[label].append(value)
    return UInt8(distinct[label].count - 1)
  }

  /// nil: forgotten.
  func value(ofLabel label: Int, at position: Int) -> LabelValue? {
    let place = places[position * labelCount + label]
    return place == Self.none ? nil : distinct[label][Int(place)]
  }

  /// Whether the series has these values; nil stands for one that no series has.
  func isSame(_ values: SeriesIndex.LabelValues, at position: Int) -> Bool {
    values.indices.allSatisfy { label in
      let place = places[position * labelCount + label]
      return place != Self.none
        && Unmanaged.passUnretained(distinct[label][Int(place)]).toOpaque() == values[label]?.toOpaque()
    }
  }

  mutating func forget(_ positions: PositionSet) {
    let before = self
    distinct = Array(repeating: [], count: labelCount)
    for place in places.indices {
      let (position, label) = place.quotientAndRemainder(dividingBy: labelCount)
      let value = positions.contains(position) ? nil : before.value(ofLabel: label, at: position)
      places[place] = value.map { self.place(of: $0, label) } ?? Self.none
    }
  }
}
