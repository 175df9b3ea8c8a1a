import Exposition
import LogStations
import MetricModel
import MetricRegistry
import Runs
import StateStore
import Testing

@Suite struct RunBoardTests {
  private static func key(_ run: String) -> RunBoard.Key { RunBoard.Key(names: ["run"], values: [run]) }

  private static func shown(
    _ board: RunBoard,
    at seconds: Double,
    _ format: ExpositionFormat = .openMetrics100
  ) -> String {
    let renderer = ExpositionRenderer(Registry(metrics: []))
    let families = board.families(at: Story.nanoseconds(seconds))
    return String(decoding: renderer.bytes(ExpositionVariant(format), families: families), as: UTF8.self)
  }

  @Test func everyFamily() {
    let board = RunBoard()
    for epoch in 1...3 {
      board.update(Self.key("a\"b")) { health in
        var story = Story(health: health, now: Double(epoch) * 10)
        story.take {
          ($0.step, $0.plannedSteps) = (Double(epoch) * 100, 1000)
          ($0.epoch, $0.plannedEpochs) = (Double(epoch), 10)
          $0.loss = epoch == 3 ? .nan : 1
          ($0.bestScore, $0.bestAt) = (0.25 * Double(epoch % 3), Double(epoch) * 100)
          $0.nonFinite = ["loss": epoch == 3 ? 1 : 0, "a": 0]
        }
        health = story.health
        health.saw(checkpoint: RunCheckpoint(path: "a.pt", time: Story.nanoseconds(25.5), size: 4096))
      }
    }
    board.update(RunBoard.Key(names: ["field"], values: ["x"])) { health in
      health.take(RunReport(time: 0, nonFinite: ["loss": 0], hasFailed: true), at: Story.nanoseconds(30))
    }
    let run = #"{run="a\"b"}"#
    let expected = [
      #"state{run="a\"b",training_exporter_run_state="running"} 1"#,
      #"state{run="a\"b",training_exporter_run_state="stalled"} 0"#,
      #"state{field="x",training_exporter_run_state="failed"} 1"#,
      "last_record_timestamp_seconds\(run) 1700000030", "start_timestamp_seconds\(run) 1700000010",
      #"end_timestamp_seconds{field="x"} 0"#, "step\(run) 300", "epoch\(run) 3", "planned_steps\(run) 1000",
      "planned_epochs\(run) 10", "progress_ratio\(run) 0.3", "step_seconds\(run) 0.1", "epoch_seconds\(run) 10",
      "steps_per_second\(run) 10", "expected_end_timestamp_seconds\(run) 1700000100", "loss\(run) NaN",
      "best_score\(run) 0.5", "best_score_step\(run) 200", "diverged\(run) 1",
      "checkpoint_timestamp_seconds\(run) 1700000025.5", "checkpoint_size_bytes\(run) 4096",
      #"non_finite_values_total{run="a\"b",field="a"} 0"#, #"non_finite_values_total{run="a\"b",field="loss"} 1"#,
      #"non_finite_values_total{field="x",training_exporter_run_field="loss"} 0"#,
    ]
    let lines = Self.shown(board, at: 30).split(separator: "\n").map(String.init)
    for line in expected { #expect(lines.contains("training_exporter_run_" + line), "\(line)") }
    #expect(lines.contains("# TYPE training_exporter_run_state stateset"))
    #expect(lines.contains("# TYPE training_exporter_run_non_finite_values counter"))
    #expect(lines.contains("# UNIT training_exporter_run_step_seconds seconds"))
    // Each named family is shown by one line at least, and each state by one for each run.
    let shown = Set(lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != "{" } })
    #expect(Set(expected.map { "training_exporter_run_" + $0.prefix { $0 != "{" } }) == Set(shown.map(String.init)))
    #expect(shown.allSatisfy { $0.wholeMatch(of: /[a-z_]+/) != nil })
    let states = lines.filter { $0.hasPrefix("training_exporter_run_state{") }
    #expect(states.count == 2 * RunState.allCases.count)
    #expect(states.count { $0.hasSuffix(" 1") } == 2)
    #expect(Self.shown(board, at: 30, .text004).contains("# TYPE training_exporter_run_state gauge\n"))
  }

  @Test func thereIsNoRoomForMoreThanTheLimit() {
    let board = RunBoard(limit: 2)
    for run in ["a", "b", "c", "b", "c"] { board.update(Self.key(run)) { $0.filesChanged(count: 1, at: 1) } }
    #expect(board.all().map(\.key.values) == [["a"], ["b"]])
    #expect(board.refusedCount == 2)
    board.sawFiles([Self.key("b"): 1], at: 2)
    #expect(board.all().map(\.health.files) == [.gone(since: 2), .there(1)])
    board.forget(at: RunBoard.retention + 3)
    #expect(board.all().map(\.key.values) == [["b"]])
    board.sawProcesses([Self.key("c"): 1], at: 3)
    board.sawProcesses([:], at: 4)
    #expect(board.all().map(\.health.processes) == [.unknown, .gone(since: 4)])
  }

  /// A process that goes on from what was saved gives the answers that this one gives, now and later.
  @Test func savedAndRestored() throws {
    var random = SplitMix(state: 11)
    let board = RunBoard()
    func changes(isWhole: Bool) -> StateChanges {
      var changes = StateChanges(isWhole: isWhole)
      board.encode(into: &changes)
      return changes
    }
    var saved = SavedState(changes(isWhole: true))
    var now = 0.0
    for round in 0..<40 {
      for _ in 0..<20 { Self.changeOne(of: board, at: &now, &random) }
      if round == 20 { board.forget { key, _ in key.values == ["2"] } }
      saved.save(changes(isWhole: round % 16 == 15))
      #expect(changes(isWhole: false).isEmpty)
      let restored = RunBoard()
      restored.restore(try SavedRuns(StateImage(saved)))
      for later in [0, 61, 100_000.0] {
        let expected = Self.shown(board, at: now + later)
        #expect(Self.shown(restored, at: now + later).split(separator: "\n") == expected.split(separator: "\n"))
      }
      // And it goes on alike.
      var (random, again) = (random, random)
      var (there, here) = (now, now)
      Self.changeOne(of: restored, at: &there, &random)
      let copy = RunBoard()
      copy.restore(try SavedRuns(StateImage(saved)))
      Self.changeOne(of: copy, at: &here, &again)
      #expect(Self.shown(restored, at: there) == Self.shown(copy, at: here))
    }
  }

  @Test func whoeverEntersAStateIsToldOfOnce() throws {
    let board = RunBoard()
    func look(_ seconds: Double) -> [String] {
      board.transitions(at: Story.nanoseconds(seconds)).map {
        "\($0.key.values[0]) \($0.former?.rawValue ?? "-") \($0.state)"
      }
    }
    func take(_ run: String, _ seconds: Double, hasFailed: Bool = false) {
      let time = Story.nanoseconds(seconds)
      board.update(Self.key(run)) { $0.take(RunReport(time: time, hasFailed: hasFailed), at: time) }
    }
    take("b", 2)
    take("a", 1)
    #expect(look(3) == ["a - running", "b - running"])
    #expect(look(4) == [])
    take("b", 50, hasFailed: true)
    #expect(look(70) == ["a running stalled", "b running failed"])
    // Another process goes on with what this one has seen.
    var saved = StateChanges(isWhole: true)
    board.encode(into: &saved)
    let restored = RunBoard()
    restored.restore(try SavedRuns(StateImage(SavedState(saved))))
    #expect(restored.transitions(at: Story.nanoseconds(71)).isEmpty)
    take("b", 72)
    #expect(look(72) == ["b failed running"])
  }

  @Test func evidenceIsKeptAndBounded() throws {
    let board = RunBoard()
    func evidence(_ time: Int64, _ line: String = "") -> RunEvidence {
      RunEvidence(
        state: .killed,
        time: time,
        tails: [.init(file: "a.log", lines: ["a", line])],
        processes: [
          .init(
            id: 7,
            name: "python",
            state: "D",
            waitChannel: "nfs_wait",
            cpuSeconds: 1.5,
            cpuRatio: 0.5,
            residentBytes: 4096,
            threads: 2
          )
        ],
        gpus: [.init(id: "GPU-1", name: "H200", utilizationRatio: 0, memoryUsedBytes: nil)],
        kills: .init(group: "/a", count: 1)
      )
    }
    var saved = SavedState(StateChanges(isWhole: true))
    func save(isWhole: Bool = false) -> Int {
      var changes = StateChanges(isWhole: isWhole)
      board.encode(into: &changes)
      saved.save(changes)
      return changes.bytes.count
    }
    func restored() throws -> [RunBoard.Key: RunEvidence] {
      let board = RunBoard()
      board.restore(try SavedRuns(StateImage(saved)))
      return board.evidence
    }
    board.keep(evidence(1), of: Self.key("unknown"))
    board.update(Self.key("a")) { $0.filesChanged(count: 1, at: 1) }
    _ = save(isWhole: true)
    board.keep(evidence(2, String(repeating: "x", count: 10_000)), of: Self.key("a"))
    #expect(save() > 10_000)
    #expect(try restored() == board.evidence && board.evidence.count == 1)
    // It rests, and what rests is not written again.
    board.update(Self.key("a")) { $0.take(RunReport(time: 3), at: 3) }
    #expect(save() < 1000)
    #expect(try restored() == board.evidence)
    for run in 0..<300 {
      board.update(Self.key("\(run)")) { $0.filesChanged(count: 1, at: 1) }
      board.keep(evidence(Int64(run) + 3), of: Self.key("\(run)"))
    }
    _ = save()
    #expect(try restored() == board.evidence && board.evidence.count == 256)
    #expect(board.evidence[Self.key("a")] == nil && board.evidence[Self.key("299")] != nil)
    board.forget { _, _ in true }
    _ = save()
    #expect(try restored().isEmpty && board.evidence.isEmpty)
  }

  @Test func allThatIsKnownIsSaved() {
    // Whether it has to be saved is not, and windows are parts of their own.
    #expect(Mirror(reflecting: RunHealth()).children.count == RunHealth.fields.count + 2)
    #expect(Mirror(reflecting: RunPace()).children.count == RunPace.fields.count + 1)
  }

  /// More rows than windows hold are saved one by one, and a pace that begins anew.
  @Test func aRowCostsSomeBytes() throws {
    let board = RunBoard()
    func changes(isWhole: Bool) -> StateChanges {
      var changes = StateChanges(isWhole: isWhole)
      board.encode(into: &changes)
      return changes
    }
    var saved = SavedState(changes(isWhole: true))
    var bytes = 0
    let rows = 1500
    for row in 1...rows {
      let seconds = Double(row * row) / 10
      board.update(Self.key("a")) {
        let time = Story.nanoseconds(seconds)
        let step = Double(row % 400)
        $0.take(RunReport(time: time, step: step, plannedSteps: 2000, loss: 1), at: time)
      }
      let change = changes(isWhole: row == 700)
      if row != 700 { bytes += change.bytes.count }
      saved.save(change)
      if row % 97 == 0 || row > rows - 3 || (395...405).contains(row) {
        let restored = RunBoard()
        restored.restore(try SavedRuns(StateImage(saved)))
        #expect(Self.shown(restored, at: seconds) == Self.shown(board, at: seconds), "row \(row)")
        #expect(restored.all().map(\.health.stallLimit) == board.all().map(\.health.stallLimit), "row \(row)")
      }
    }
    #expect(bytes / rows < 370)
  }

  private static func changeOne(of board: RunBoard, at now: inout Double, _ random: inout SplitMix) {
    let key = Self.key("\(Int.random(in: 0...7, using: &random))")
    now += .random(in: 0...40, using: &random)
    var random2 = random
    let time = now
    board.update(key) { health in
      var story = Story(health: health, now: time)
      switch Int.random(in: 0...9, using: &random2) {
      case 0: story.files(.random(in: 0...2, using: &random2))
      case 1: story.processes(.random(in: 0...2, using: &random2))
      case 2:
        story.marks(finished: [nil, time, time - 9].randomElement(using: &random2) ?? nil)
        story.health.saw(checkpoint: Bool.random(using: &random2) ? nil : RunCheckpoint(path: "a", time: 5, size: 7))
      default:
        let step = (story.health.step ?? 0) + .random(in: -1...9, using: &random2).rounded()
        story.take {
          ($0.step, $0.plannedSteps, $0.epoch) = (step, 400, (step / 7).rounded(.down))
          ($0.loss, $0.bestScore, $0.bestAt) = (step.truncatingRemainder(dividingBy: 9) == 0 ? .nan : step, step, step)
          $0.nonFinite = ["loss": UInt64(step.truncatingRemainder(dividingBy: 2).magnitude)]
          $0.isFinished = Int.random(in: 0...9, using: &random2) == 0
          $0.isFirstReading = Int.random(in: 0...4, using: &random2) == 0
        }
      }
      health = story.health
    }
    random = random2
  }

  /// Whatever logs, clocks and state files say, nothing traps.
  @Test func absurdInput() throws {
    var random = SplitMix(state: 5)
    let times: [Int64] = [.min, .min + 1, -1, 0, 1, 1_700_000_000_000_000_000, .max - 1, .max]
    let numbers: [Double?] = [
      nil, .nan, .signalingNaN, .infinity, -.infinity, -0.0, 0, -1, 1, 2, 0x1p63, -0x1p63, 0x1p64,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    let counts = [Int.min, -1, 0, 1, 2, Int.max]
    func some<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    for _ in 0..<200 {
      let board = RunBoard()
      for _ in 0..<100 {
        var report = RunReport(time: some(times), firstTime: some(times), count: some(counts))
        (report.firstStep, report.step, report.plannedSteps) = (some(numbers), some(numbers), some(numbers))
        (report.firstEpoch, report.epoch, report.plannedEpochs) = (some(numbers), some(numbers), some(numbers))
        (report.loss, report.bestScore, report.bestAt) = (some(numbers), some(numbers), some(numbers))
        report.nonFinite = ["\(some(counts))": some([0, 1, .max])]
        report.isFirstReading = some([true, false])
        let (now, files, processes) = (some(times), some(counts), some(counts))
        let (mark, otherMark) = (some(times + [nil]), some(times + [nil]))
        board.update(Self.key("a")) { health in
          health.filesChanged(count: files, at: now)
          health.saw(processes: processes, at: now)
          health.take(report, at: now)
          health.saw(finished: mark, failed: otherMark, at: now)
          health.saw(checkpoint: RunCheckpoint(path: "", time: report.time, size: .max))
        }
      }
      for time in times {
        for sample in board.families(at: time).filter({ $0.name.hasSuffix("progress_ratio") }).flatMap(\.samples) {
          #expect((0...1).contains(sample.value))
        }
      }
      board.forget(at: some(times), after: some(times))
      // Saved, and damaged.
      var changes = StateChanges(isWhole: true)
      board.encode(into: &changes)
      var bytes = changes.bytes
      for _ in 0..<3 where bytes.count > 40 {
        bytes[Int.random(in: 30..<bytes.count, using: &random)] = some([0, 1, 0x7F, 0x80, 0xF0, 0xFF])
      }
      guard let image = try? StateImage(SavedState(bytes[...])), let runs = try? SavedRuns(image) else { continue }
      let damaged = RunBoard()
      damaged.restore(runs)
      damaged.update(Self.key("a")) { $0.take(RunReport(time: .max, step: 5), at: some(times)) }
      for time in times { _ = damaged.families(at: time) }
    }
  }
}
