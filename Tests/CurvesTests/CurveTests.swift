import LogStations
import Testing

@testable import Curves

/// Whatever comes, a curve has its peaks, its order, its first and its last value, and is no larger than it may be.
@Suite struct CurveTests {
  private struct Made {
    var curve = Curve()
    var values: [Double] = []
    var records: [Int] = []
  }

  /// Values that wander, with peaks, breaks and gaps.
  private func make(_ count: Int, _ random: inout SplitMix, gaps: Bool, breaks: Bool) -> Made {
    var made = Made()
    var record = 0
    var level = 0.0
    for _ in 0..<count {
      record += gaps ? 1 + Int(random.next() % 100) : 1
      level += Double(random.next() % 2001) - 1000
      var value = level
      if random.next() % 997 == 0 { value += 1e6 }
      if breaks, random.next() % 50 == 0 { value = random.next() % 2 == 0 ? .nan : .infinity }
      made.curve.append(value, at: .init(record: record, step: Double(10 * record), epoch: Double(record / 100)))
      made.values.append(value)
      made.records.append(record)
    }
    return made
  }

  @Test(arguments: [0, 1, 2, 5, 499, 2047, 2048, 2049, 10_000, 100_000])
  func peaksOrderAndEndsStay(count: Int) throws {
    var random = SplitMix(state: UInt64(count) &+ 1)
    for (gaps, breaks) in [(false, false), (true, false), (false, true), (true, true)] {
      let made = make(count, &random, gaps: gaps, breaks: breaks)
      let curve = made.curve
      #expect(curve.total == count && curve.nonFinite == made.values.count { !$0.isFinite })
      #expect(curve.points.count < Curve.pointsMax || curve.points.count == count)
      #expect(curve.byteCount <= 5 * 2 * Curve.pointsMax * 8)
      let finite = made.values.filter(\.isFinite)
      for most in [2, 3, 4, 5, 6, 50, 500, 1000, 2000, 5000] {
        let points = curve.points(atMost: most)
        #expect(points.count <= most && points.count >= min(count, 2))
        // All that was said of a value stands beside it.
        let values = Dictionary(uniqueKeysWithValues: zip(made.records, made.values))
        for (place, record) in points.records.enumerated() {
          let value = try #require(values[Int(record)])
          #expect(points.values[place] == value || !value.isFinite && !points.values[place].isFinite)
          #expect(points.steps[place] == Double(10 * record) && points.epochs[place] == Double(record / 100))
        }
        #expect(zip(points.records, points.records.dropFirst()).allSatisfy { $0 < $1 })
        #expect(points.records.last.map(Int.init) == made.records.last)
        #expect(points.records.first.map(Int.init) == made.records.first)
        #expect(points.times.isEmpty)
        if most >= 4 {
          let shown = points.values.filter(\.isFinite)
          #expect(shown.min() == finite.min() && shown.max() == finite.max())
        }
        if most >= 5 { #expect(points.values.contains { !$0.isFinite } == (curve.nonFinite > 0)) }
      }
    }
  }

  /// Each stretch of the log has its own extremes, not only the whole.
  @Test func peaksStayInEachStretch() {
    var curve = Curve()
    for record in 1...100_000 {
      let isPeak = record % 1000 == 500
      curve.append(isPeak ? 1000 + Double(record) : Double(record % 7), at: .init(record: record))
    }
    let points = curve.points(atMost: 500)
    #expect(points.values.count { $0 >= 1000 } == 100)
    #expect(points.steps.isEmpty && points.epochs.isEmpty)
  }

  @Test func fewValuesStayAsTheyAre() {
    var curve = Curve()
    let values = (1...1000).map { Double($0 * $0 % 17) }
    for (place, value) in values.enumerated() { curve.append(value, at: .init(record: place + 1)) }
    #expect(curve.points(atMost: 1000).values == values)
    #expect(curve.points(atMost: 2000).records == (1...1000).map { UInt32($0) })
  }

  /// What some records alone say has no number at the others.
  @Test func aColumnBeginsLate() {
    var curve = Curve()
    curve.append(1, at: .init(record: 1))
    curve.append(2, at: .init(record: 2, step: 20))
    curve.append(3, at: .init(record: 3, time: 1e9))
    let points = curve.points(atMost: 10)
    #expect(points.steps.map { $0.isNaN ? -1 : $0 } == [-1, 20, -1])
    #expect(points.times.map { $0.isNaN ? -1 : $0 } == [-1, -1, 1e9])
    #expect(points.epochs.isEmpty)
  }

  /// A training that has diverged is seen to go on so.
  @Test func whatIsNoNumberToTheEndStays() {
    var curve = Curve()
    for record in 1...50_000 { curve.append(record < 20_000 ? 1 : .nan, at: .init(record: record)) }
    let points = curve.points(atMost: 100)
    #expect(points.values.last?.isNaN == true && curve.nonFinite == 30_001)
    let firstBreak = points.values.firstIndex { $0.isNaN }.map { points.records[$0] }
    #expect(firstBreak.map { (19_000...20_000).contains($0) } == true)
    #expect(points.values.count { $0.isNaN } > 20)
  }

  /// The numbers of records go as far as places do; what is beyond is not told apart.
  @Test func hugeNumbersOfRecordsAreTaken() {
    var curve = Curve()
    for step in 0..<5000 { curve.append(Double(step), at: .init(record: step * (1 << 40) + 1)) }
    for most in 2...10 { #expect(curve.points(atMost: most).count <= most) }
    #expect(curve.total == 5000)
  }
}
