import LogStations
import Runs
import Testing

/// When a run will have ended, how far it is, and how fast.
@Suite struct ExpectedEndTests {
  enum Shape: CaseIterable {
    case epochs
    case epochsFromZero
    /// Twenty rows an epoch, of which each is read by itself, or several at once.
    case rowsOfEpochs
    case lumpsOfRows
    case steps
  }

  /// A row of a log that is made up: when it is written, and what it has.
  struct Row {
    var time: Double
    var number: Double
  }

  static let epochs = 60

  /// - Parameter pause: after every tenth epoch, in seconds.
  private static func rows(_ shape: Shape, pause: Double, _ random: inout SplitMix) -> [Row] {
    var time = 0.0
    var rows: [Row] = []
    let each = [.rowsOfEpochs, .lumpsOfRows, .steps].contains(shape) ? 20 : 1
    for epoch in 0..<epochs {
      for row in 0..<each {
        time += 100 / Double(each) * Double.random(in: 0.8...1.2, using: &random)
        let number =
          switch shape {
          case .epochs, .rowsOfEpochs, .lumpsOfRows: epoch + 1
          case .epochsFromZero: epoch
          case .steps: (epoch * each + row + 1) * 50
          }
        rows.append(Row(time: time, number: Double(number)))
      }
      if epoch % 10 == 9 { time += pause }
    }
    return rows
  }

  @Test(arguments: Shape.allCases, [0, 60.0]) func isWithinFivePercent(_ shape: Shape, pause: Double) throws {
    for seed in 1...5 {
      var random = SplitMix(state: UInt64(seed))
      let rows = Self.rows(shape, pause: pause, &random)
      let end = try #require(rows.last).time
      var run = Story()
      var unread = 0
      for row in rows {
        unread += 1
        if shape == .lumpsOfRows, row.time < end, unread < 7 { continue }
        run.now = row.time
        run.take {
          $0.count = unread
          if shape == .steps {
            $0.step = row.number
            $0.plannedSteps = Double(Self.epochs * 20 * 50)
          } else {
            $0.epoch = row.number
            $0.plannedEpochs = Double(Self.epochs)
          }
        }
        unread = 0
        if row.time < end * 0.25 || row.time > end * 0.95 { continue }
        let expected = try #require(run.expectedEnd, "seed \(seed), after \(row.time) s")
        #expect(abs(expected - end) < end * 0.05, "seed \(seed), after \(row.time) s")
      }
      run.now += 9999
      #expect(run.state == .finished, "seed \(seed)")
      #expect(run.expectedEnd == nil)
      #expect(run.health.progress(at: Story.nanoseconds(run.now)) == 1)
      let pace = shape == .steps ? run.health.stepSeconds.map { $0 * 1000 } : run.health.epochSeconds
      #expect(abs((pace ?? 0) - 100) < 10, "seed \(seed)")
    }
  }

  /// An epoch in `seconds`, from `epochs` on.
  private func train(_ run: inout Story, _ epochs: ClosedRange<Int>, each seconds: Double) {
    for epoch in epochs {
      run.now += seconds
      run.take {
        $0.epoch = Double(epoch)
        $0.plannedEpochs = 100
      }
    }
  }

  @Test(arguments: [45, 51]) func aRunThatWasResumedBeginsAnew(at epoch: Int) {
    var run = Story()
    run.processes(1)
    train(&run, 1...50, each: 10)
    run.processes(0)
    run.now += 3600
    #expect(run.state == .killed)
    run.processes(1)
    #expect(run.expectedEnd.map { $0 < run.now } ?? true)
    train(&run, epoch...epoch, each: 30)
    #expect(run.expectedEnd == nil, "one point has no pace")
    train(&run, epoch + 1...epoch + 5, each: 30)
    #expect(run.health.stallLimit == 60_000_000_000 * 3 / 2, "the time that it was away is no interval")
    #expect(run.health.epochSeconds == 30)
    #expect(abs((run.expectedEnd ?? 0) - run.now - Double(95 - epoch) * 30) < 1)
  }

  @Test func aFoundLogHasItsPaceAtOnceIfItsTimesAreKnown() {
    var run = Story()
    run.now = 1000
    func found(_ firstTime: Int64?) -> Double? {
      var run = run
      run.take {
        $0.count = 40
        $0.firstTime = firstTime
        ($0.firstEpoch, $0.epoch, $0.plannedEpochs) = (1, 40, 100)
        $0.isFirstReading = true
      }
      return run.expectedEnd
    }
    #expect(found(nil) == nil)
    #expect(abs((found(Story.nanoseconds(25)) ?? 0) - 2500) < 1)
  }

  /// With the first row of the last epoch a whole epoch is still to come.
  @Test func theLastEpochTakesAsLongAsOthers() {
    var run = Story()
    for row in 0..<39 {
      run.now = Double(row + 1)
      run.take { ($0.epoch, $0.plannedEpochs) = (Double(row / 10 + 1), 4) }
      if row >= 20 { #expect(abs((run.expectedEnd ?? 0) - 40) < 0.01, "after row \(row + 1)") }
    }
    run.now = 40
    run.take { $0.epoch = 4 }
    #expect(run.state == .finished)
  }

  /// Nobody knows when the epoch began in which the log was found.
  @Test func theEpochInWhichALogWasFoundSaysNothing() {
    var run = Story()
    for row in 37..<90 {
      run.now = Double(row) * 5
      run.take {
        $0.epoch = Double(row / 10)
        $0.isFirstReading = row == 37
      }
    }
    #expect(run.health.epochSeconds == 50)
  }

  /// File systems have times of a whole second.
  @Test func equalTimesAddUp() {
    var run = Story()
    for row in 0..<100 {
      run.now = (Double(row) / 10).rounded(.down)
      run.take { $0.step = Double(row) }
    }
    #expect(run.health.stepSeconds == 0.1)
    #expect(run.health.stepsPerSecond == 10)
  }

  @Test func whatIsSaidOfALogThatLagsIsNotTheNewest() {
    var run = Story()
    run.now = 10
    run.take {
      $0.step = 110
      $0.bestScore = 0.5
      $0.bestAt = 110
    }
    run.take(ago: 1) {
      $0.step = 100
      $0.bestScore = 0.7
      $0.bestAt = 100
    }
    #expect(run.health.step == 110)
    run.now = 30
    run.take { $0.step = 110 }
    run.take(ago: 1) { $0.step = 105 }
    #expect(run.health.step == 110)
    #expect(run.health.bestScore == 0.7)
    #expect(run.health.bestAt == 100)
  }

  /// After a start nobody knows which log is read first, and the newest need not have all numbers.
  @Test func logsThatAreFoundSayTheSameInAnyOrder() {
    let reports: [(ago: Double, step: Double?, loss: Double?, isFinished: Bool)] = [
      (50, 900, 1, true), (30, 950, nil, false), (20, nil, 2, false), (10, nil, nil, false),
    ]
    for first in 0..<4 {
      for second in 0..<4 where second != first {
        for third in 0..<4 where third != first && third != second {
          let order = [first, second, third, 6 - first - second - third]
          var run = Story()
          run.now = 1000
          for report in order.map({ reports[$0] }) {
            run.take(ago: report.ago) {
              ($0.step, $0.loss, $0.isFinished) = (report.step, report.loss, report.isFinished)
              $0.isFirstReading = true
            }
          }
          #expect(run.health.step == 950 && run.health.loss == 2, "\(order)")
          #expect(Story.seconds(run.health.lastRecord) == 990, "\(order)")
          #expect(run.state == .running, "\(order)")
        }
      }
    }
  }
}
