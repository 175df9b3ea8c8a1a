import Testing

@testable import Runs

/// A run keeps some of its losses, evenly spread, however its records come.
@Suite struct LossTrailTests {
  private func trail(_ counts: [Int], sampled: Bool = false) -> RunHealth {
    var run = RunHealth()
    var record = 0
    for (place, count) in counts.enumerated() {
      let time = Int64(place + 1) * 1_000_000_000
      var report = RunReport(time: time, count: count, loss: Double(record + count))
      if sampled {
        report.losses = stride(from: 1, to: count, by: 7).map { .init(record: $0, value: Double(record + $0)) }
      }
      record += count
      run.take(report, at: time)
    }
    return run
  }

  @Test(arguments: [1, 2, 31, 32, 33, 100, 1000, 12_345]) func lossesAreEvenlySpread(count: Int) throws {
    let losses = try #require(trail(Array(repeating: 1, count: count)).recentLosses)
    #expect(losses.count <= 32 && losses.count >= min(count, 16))
    #expect(losses.first == 1 && losses.last == Double(count))
    let gaps = zip(losses.dropFirst(), losses).map { $0 - $1 }
    #expect(gaps.allSatisfy { $0 > 0 } && Set(gaps.dropLast()).count <= 1, "\(losses)")
  }

  /// What was found at once weighs as much as what comes record by record.
  @Test func theFirstReadingOfALongLogIsSpreadToo() throws {
    let losses = try #require(trail([512, 512, 512] + Array(repeating: 1, count: 500), sampled: true).recentLosses)
    #expect(losses.count <= 32 && losses.last == 2036)
    #expect(losses.count { $0 <= 1000 } >= 6 && losses.count { $0 > 1536 } <= 10, "\(losses)")
  }

  /// Three numbers and the losses are saved, the number of changes is not.
  @Test func allThatIsKnownIsSaved() {
    #expect(Mirror(reflecting: LossTrail()).children.count == 5)
  }

  @Test func whatIsNoNumberIsKept() {
    var run = RunHealth()
    #expect(run.recentLosses == nil)
    run.take(RunReport(time: 1, step: 1), at: 1)
    #expect(run.recentLosses == nil)
    for (place, loss) in [2.0, .nan, .infinity].enumerated() {
      run.take(RunReport(time: 2, loss: loss), at: Int64(place))
    }
    #expect(run.recentLosses?.map { $0.isFinite ? $0 : -1 } == [2, -1, -1])
  }
}
