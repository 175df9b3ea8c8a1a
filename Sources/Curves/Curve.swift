/// The values of one field of a log, in the order of its records, thinned in bounded memory: as more come, stretches of
/// records grow together, and of each the first and the last value stay, the smallest, the largest, and one that is no
/// number. So every peak stays where it was. It knows no files and no metrics.
package struct Curve: Sendable {
  /// Where a value stands. What is not known is NaN.
  package struct Place: Sendable {
    /// The number of its record in the log, from 1.
    package var record: Int
    package var step: Double
    package var epoch: Double
    /// Seconds since 1970.
    package var time: Double

    package init(record: Int, step: Double = .nan, epoch: Double = .nan, time: Double = .nan) {
      self.record = record
      self.step = step
      self.epoch = epoch
      self.time = time
    }
  }

  /// How many values are kept.
  package static let pointsMax = 2048
  /// How many there may be when stretches have grown: what is thinned has to be worth it.
  private static let pointsKept = pointsMax * 3 / 4

  /// How many values there were.
  package private(set) var total = 0
  /// How many of them were NaN or infinite.
  package private(set) var nonFinite = 0
  private(set) var points = Points()
  /// How many records a stretch has.
  private var width = 1

  package init() {}

  /// Takes the value of a record, which is not before those of others.
  package mutating func append(_ value: Double, at place: Place) {
    total += 1
    if !value.isFinite { nonFinite += 1 }
    points.append(value, place)
    if points.count >= Self.pointsMax { thin() }
  }

  private mutating func thin() {
    while true {
      let kept = points.kept(width: width)
      if kept.count <= Self.pointsKept || width > Int.max / 2 {
        points = points.picked(kept)
        return
      }
      width *= 2
    }
  }

  /// At most so many of its values, 2 at least: the extremes of equal stretches.
  package func points(atMost count: Int) -> Points {
    let count = max(2, count)
    guard points.count > count, let first = points.records.first, let last = points.records.last else { return points }
    // Of a stretch there are two to five, as the values lie: what is too few for the one is too many for the other.
    var width = max(1, Int(last - first) * 2 / count)
    while true {
      let kept = points.kept(width: width)
      if kept.count <= count { return points.picked(kept) }
      if kept.count <= Points.stretchMax { return points.picked(points.mostTelling(of: kept, count)) }
      width += max(1, width / 4)
    }
  }

  /// What it takes of memory, in bytes.
  package var byteCount: Int { points.byteCount }
}

/// Values side by side with their places. A column that no record says is empty.
package struct Points: Sendable, Equatable {
  /// Of a stretch: the first, the last, the smallest, the largest, and one that is no number.
  static let stretchMax = 5

  package private(set) var values: [Double] = []
  package private(set) var records: [UInt32] = []
  package private(set) var steps: [Double] = []
  package private(set) var epochs: [Double] = []
  package private(set) var times: [Double] = []

  package var count: Int { values.count }

  mutating func append(_ value: Double, _ place: Curve.Place) {
    let count = values.count
    values.append(value)
    records.append(UInt32(clamping: place.record))
    Self.append(place.step, to: &steps, count)
    Self.append(place.epoch, to: &epochs, count)
    Self.append(place.time, to: &times, count)
  }

  /// A column begins with the first that says it.
  private static func append(_ number: Double, to column: inout [Double], _ count: Int) {
    if column.isEmpty {
      if number.isNaN { return }
      column = Array(repeating: .nan, count: count)
    }
    column.append(number)
  }

  /// The places of those that stay where stretches have so many records.
  func kept(width: Int) -> [Int] {
    var kept: [Int] = []
    kept.reserveCapacity(values.count)
    let width = UInt64(clamping: width)
    var start = 0
    while start < values.count {
      let stretch = UInt64(records[start]) / width
      var end = start + 1
      while end < values.count, UInt64(records[end]) / width == stretch { end += 1 }
      keep(start..<end, &kept)
      start = end
    }
    return kept
  }

  private func keep(_ range: Range<Int>, _ kept: inout [Int]) {
    if range.count <= 2 { return kept.append(contentsOf: range) }
    let (low, high, broken) = extremes(of: range)
    var places = [range.lowerBound, low ?? range.lowerBound, high ?? range.lowerBound, broken ?? range.lowerBound]
    places.append(range.upperBound - 1)
    places.sort()
    for place in places where kept.last.map({ $0 < place }) ?? true { kept.append(place) }
  }

  /// Where the smallest and the largest are, the first of each, and the first that is no number.
  private func extremes(of places: some Sequence<Int>) -> (low: Int?, high: Int?, broken: Int?) {
    var (low, high, broken): (Int?, Int?, Int?) = (nil, nil, nil)
    for place in places {
      let value = values[place]
      guard value.isFinite else {
        if broken == nil { broken = place }
        continue
      }
      if low.map({ value < values[$0] }) ?? true { low = place }
      if high.map({ value > values[$0] }) ?? true { high = place }
    }
    return (low, high, broken)
  }

  /// Of places in one stretch, those without which most would be lost.
  func mostTelling(of places: [Int], _ count: Int) -> [Int] {
    let (low, high, broken) = extremes(of: places)
    var told: [Int] = []
    for place in [places.last, places.first, high, low, broken].compactMap({ $0 })
    where told.count < count && !told.contains(place) {
      told.append(place)
    }
    return told.sorted()
  }

  func picked(_ places: [Int]) -> Points {
    var picked = Points()
    picked.values = places.map { values[$0] }
    picked.records = places.map { records[$0] }
    if !steps.isEmpty { picked.steps = places.map { steps[$0] } }
    if !epochs.isEmpty { picked.epochs = places.map { epochs[$0] } }
    if !times.isEmpty { picked.times = places.map { times[$0] } }
    return picked
  }

  var byteCount: Int {
    (values.capacity + steps.capacity + epochs.capacity + times.capacity) * MemoryLayout<Double>.stride
      + records.capacity * MemoryLayout<UInt32>.stride
  }
}
