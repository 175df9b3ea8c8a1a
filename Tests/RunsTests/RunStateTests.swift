import Runs
import Testing

/// The states of a run, and what leads from one to the next.
@Suite struct RunStateTests {
  enum Event {
    case wait(Double)
    case record
    case epoch(Double, count: Int = 1)
    case failure
    case finish
    /// A record that was found, and was written so many seconds ago.
    case found(ago: Double)
    case planned(Double)
    case files(Int)
    case processes(Int)
  }

  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var steps: [(Event, RunState)]

    init(_ description: String, _ steps: [(Event, RunState)]) {
      testDescription = description
      self.steps = steps
    }
  }

  static let cases = [
    Case(
      "without a process",
      [
        (.files(1), .starting), (.wait(9999), .starting), (.record, .running), (.wait(59), .running),
        (.wait(1), .stalled), (.record, .running), (.files(0), .vanished), (.files(1), .running),
      ]
    ),
    Case(
      "with a process",
      [
        (.processes(2), .starting), (.files(1), .starting), (.record, .running), (.wait(61), .stalled),
        (.record, .running), (.processes(0), .running), (.wait(9), .running), (.wait(1), .killed),
        (.processes(1), .running), (.wait(999), .stalled), (.processes(0), .stalled), (.wait(10), .killed),
        (.files(0), .vanished),
      ]
    ),
    Case("a process alone", [(.processes(1), .starting), (.processes(0), .starting), (.wait(10), .killed)]),
    Case(
      "killed by mistake: somebody else writes on",
      [
        (.processes(1), .starting), (.record, .running), (.processes(0), .running), (.wait(11), .killed),
        (.record, .running), (.processes(0), .running), (.wait(30), .running), (.wait(31), .stalled),
      ]
    ),
    Case(
      "last rows that are read late are no sign of life",
      [
        (.processes(1), .starting), (.record, .running), (.wait(5), .running), (.processes(0), .running),
        (.wait(30), .killed), (.found(ago: 25), .killed),
      ]
    ),
    Case(
      "marks, which a record without one takes back",
      [
        (.files(1), .starting), (.finish, .finished), (.wait(9999), .finished), (.failure, .failed),
        (.wait(9999), .failed), (.record, .running), (.finish, .finished), (.record, .running), (.failure, .failed),
        (.finish, .finished),
      ]
    ),
    Case(
      "marks come before all else",
      [
        (.processes(1), .starting), (.files(1), .starting), (.finish, .finished), (.processes(0), .finished),
        (.wait(10), .finished), (.files(0), .finished), (.failure, .failed),
      ]
    ),
    Case(
      "an older record that is found takes nothing back",
      [(.files(2), .starting), (.wait(99), .starting), (.finish, .finished), (.found(ago: 50), .finished)]
    ),
    Case(
      "what is found may be old",
      [(.files(1), .starting), (.wait(99), .starting), (.found(ago: 90), .stalled), (.record, .running)]
    ),
    Case(
      "as far as planned, and again",
      [
        (.planned(3), .starting), (.epoch(1), .running), (.epoch(2), .running), (.epoch(3), .finished),
        (.wait(999), .finished), (.epoch(2), .running), (.wait(61), .stalled), (.epoch(3), .finished),
      ]
    ),
    Case(
      "numbers from 0 end one below, and nobody knows before it is quiet",
      [
        (.planned(3), .starting), (.epoch(0), .running), (.epoch(1), .running), (.wait(61), .stalled),
        (.epoch(2), .running), (.wait(999), .finished), (.epoch(3), .finished), (.wait(999), .finished),
      ]
    ),
    Case(
      "numbers from 0, killed or vanished after the last",
      [
        (.planned(2), .starting), (.processes(1), .starting), (.files(1), .starting), (.epoch(0), .running),
        (.epoch(1), .running), (.processes(0), .running), (.wait(10), .finished), (.files(0), .finished),
      ]
    ),
    Case(
      "fractions are no numbers from 0",
      [
        (.planned(3), .starting), (.epoch(0), .running), (.epoch(0.5), .running), (.epoch(2), .running),
        (.wait(999), .stalled),
      ]
    ),
    Case(
      "an epoch of several records is over with its last",
      [
        (.planned(2), .starting), (.epoch(1), .running), (.epoch(1), .running), (.epoch(1), .running),
        (.epoch(2), .running), (.epoch(2), .running), (.epoch(2), .finished),
      ]
    ),
    Case(
      "its last may be missing",
      [(.planned(2), .starting), (.epoch(1, count: 9), .running), (.epoch(2), .running), (.wait(999), .finished)]
    ),
  ]

  @Test(arguments: cases) func states(_ story: Case) {
    var run = Story()
    for (number, (event, expected)) in story.steps.enumerated() {
      run.now += 0.001
      switch event {
      case .wait(let seconds): run.now += seconds
      case .record: run.take()
      case .epoch(let epoch, let count):
        run.take {
          $0.count = count
          $0.epoch = epoch
        }
      case .failure: run.take { $0.hasFailed = true }
      case .finish: run.take { $0.isFinished = true }
      case .found(let ago): run.take(ago: ago) { $0.isFirstReading = true }
      case .planned(let epochs):
        run.take {
          $0.count = 0
          $0.plannedEpochs = epochs
        }
      case .files(let count): run.files(count)
      case .processes(let count): run.processes(count)
      }
      #expect(run.state == expected, "step \(number + 1): \(event)")
      #expect((run.end != nil) == run.state.isEnd)
    }
  }

  @Test func aRunThatWritesSeldomMayBeQuietForLonger() {
    var run = Story()
    // Twenty epochs of ten minutes: half an hour is not too long.
    for epoch in 0..<20 {
      run.now = Double(epoch) * 600
      run.take { $0.epoch = Double(epoch) }
    }
    #expect(run.health.stallLimit == 1_800_000_000_000)
    run.now += 1800
    #expect(run.state == .running)
    run.now += 1
    #expect(run.state == .stalled)
    // One pause among many does not make it patient; what was found says nothing.
    for _ in 0..<30 {
      run.now += 600
      run.take()
    }
    run.now += 90_000
    run.take { $0.isFirstReading = true }
    run.take()
    #expect(run.health.stallLimit == 1_800_000_000_000)
  }

  /// Python writes to a file in lumps of 8 KiB: a hundred rows at once, every two minutes.
  @Test func aRunThatWritesInLumpsIsNotStalledBetweenThem() {
    var run = Story()
    for lump in 0..<20 {
      run.now = Double(lump) * 120
      run.take { $0.count = 100 }
    }
    run.now += 350
    #expect(run.state == .running)
  }

  /// A log's own times may be those of another zone.
  @Test func timesThatLieBehindAreNoSilence() {
    var run = Story()
    for row in 0..<9 {
      run.now += 10
      run.take(ago: 5 * 3600)
      #expect(run.state == .running, "row \(row)")
    }
    // And those ahead are no life.
    run = Story()
    run.take(ago: -5 * 3600)
    #expect(Story.seconds(run.health.lastRecord) == run.now)
    run.now += 61
    #expect(run.state == .stalled)
  }

  @Test func aClockThatWasSetBackIsFollowed() {
    var run = Story()
    run.now = 9000
    run.take { $0.step = 1 }
    run.now = 1000
    run.take { $0.step = 2 }
    #expect(Story.seconds(run.health.lastRecord) == 1000)
    #expect(run.health.step == 2)
    run.now += 61
    #expect(run.state == .stalled)
  }

  @Test func aRunWithoutARecordEndedWhenItsLogSaidSo() {
    var run = Story()
    run.now = 100
    run.health.sawTraceback(at: Story.nanoseconds(90), now: Story.nanoseconds(100))
    run.now = 120
    #expect(run.state == .failed && run.end == 90)
    run = Story()
    run.now = 100
    run.take(ago: 10) {
      $0.count = 0
      $0.hasFailed = true
    }
    run.now = 120
    #expect(run.state == .failed && run.end == 90)
  }

  @Test func whenItBeganAndEnded() {
    var run = Story()
    run.now = 100
    run.take(ago: 10) {
      $0.count = 5
      $0.isFirstReading = true
    }
    #expect(run.health.start == nil, "the newest of five that were found is not the first")
    run.take { $0.firstTime = Story.nanoseconds(3) }
    #expect(Story.seconds(run.health.start) == 3)
    run.processes(1)
    run.now = 120
    run.processes(0)
    run.now = 140
    #expect(run.end == 120)
    run.take { $0.isFinished = true }
    run.now = 150
    #expect(run.end == 140)
    run = Story()
    run.now = 7
    run.take()
    run.now = 9
    run.take()
    #expect(Story.seconds(run.health.start) == 7)
  }

  @Test func whatIsLeftOfARunIsForgottenAfterADay() {
    let hour: Int64 = 3_600_000_000_000
    var run = Story()
    func isForgettable(after hours: Double) -> Bool {
      run.health.isForgettable(at: Story.nanoseconds(hours * 3600), after: 24 * hour)
    }
    run.files(1)
    run.take()
    #expect(!isForgettable(after: 999))
    run.processes(1)
    run.files(0)
    #expect(!isForgettable(after: 999))
    run.now = 3600
    run.processes(0)
    #expect(!isForgettable(after: 25))
    #expect(isForgettable(after: 25.1))
  }
}
