import Runs
import Testing

/// Files that say that a run has ended, and what takes them back.
@Suite struct RunMarkTests {
  @Test func aMarkComesWhereThatOfARecordComes() {
    var run = Story()
    run.files(1)
    run.now = 10
    run.take()
    run.now = 12
    run.marks(finished: 11)
    #expect(run.state == .finished && run.end == 11)
    // Before all but a failure.
    run.processes(1)
    run.processes(0)
    run.files(0)
    run.now = 999
    #expect(run.state == .finished && run.end == 11)
    run.marks(finished: 11, failed: 12)
    #expect(run.state == .failed && run.end == 12)
    run.marks(finished: 13, failed: 12)
    #expect(run.state == .finished && run.end == 13, "the newer one")
    run.marks(finished: 13, failed: 13)
    #expect(run.state == .failed, "the failure of two that are as old")
  }

  @Test func aRunWithoutARecord() {
    var run = Story()
    run.files(1)
    run.now = 100
    run.marks(finished: 20)
    #expect(run.state == .finished && run.end == 20)
    run.marks()
    #expect(run.state == .starting && run.end == nil)
    run.marks(failed: 30)
    #expect(run.state == .failed && run.end == 30)
  }

  @Test func recordsTakeAnOlderMarkBack() {
    var run = Story()
    run.take()
    run.now = 10
    run.marks(finished: 10)
    // What the training wrote last is read late.
    run.now = 19
    run.take()
    #expect(run.state == .finished && run.end == 19)
    // And now it goes on.
    run.now = 300
    run.take()
    #expect(run.state == .running && run.end == nil)
    run.marks(finished: 10)
    #expect(run.state == .running, "the same file")
    run.now = 306
    run.marks(finished: 305, failed: 10)
    #expect(run.state == .finished, "a mark of a failure that counts no more says nothing")
    run.now = 400
    run.take()
    #expect(run.state == .running)
    #expect(run.health.stallLimit == 60_000_000_000, "a pause between two parts is no interval")
  }

  @Test func aMarkThatGoes() {
    var run = Story()
    run.take { $0.step = 1 }
    run.now = 10
    run.take { $0.step = 11 }
    run.marks(finished: 10)
    run.now = 5000
    #expect(run.state == .finished)
    run.marks()
    #expect(run.state == .running, "it has as long as others for its next record")
    run.now += 61
    #expect(run.state == .stalled)
    run.take { ($0.step, $0.plannedSteps) = (12, 100) }
    run.now += 10
    run.take { $0.step = 22 }
    #expect(run.state == .running)
    #expect(run.expectedEnd == run.now + 78, "the pause is no part of its pace")
  }

  @Test func aMarkOfTheFuture() {
    var run = Story()
    run.take()
    run.marks(finished: 9000)
    #expect(run.state == .finished && run.end == 0)
    run.now = 100
    run.marks(finished: 9000)
    run.take()
    #expect(run.state == .running, "it was there before")
    run.marks(finished: 9000)
    #expect(run.state == .running)
    run = Story()
    run.health.saw(finished: .min, failed: nil, at: Story.nanoseconds(0))
    #expect(run.health.end(at: Story.nanoseconds(0)) == 0)
  }

  @Test func whatACatalogLooksForNoMoreIsForgotten() {
    var run = Story()
    run.files(1)
    run.marks(finished: 0, failed: 0)
    run.health.saw(checkpoint: RunCheckpoint(path: "a", time: 1, size: 1))
    run.health.keepFiles(finished: true, failed: false, checkpoints: true)
    #expect(run.state == .finished && run.health.checkpoint != nil)
    run.health.keepFiles(finished: false, failed: true, checkpoints: false)
    #expect(run.state == .starting && run.health.checkpoint == nil)
  }
}
