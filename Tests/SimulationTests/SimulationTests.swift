import Foundation
import Simulation
import Testing

/// The exporter on a simulated machine: whatever writers do and systems fail at, it shows what the logs held.
@Suite struct SimulationTests {
  @Test(arguments: Array(1...120) as [UInt64]) func aKnownSeed(seed: UInt64) {
    check(Trial(seed: seed, steps: 100))
  }

  /// Other scripts with each run, as many as some seconds hold. Whoever looks for failures asks for it, or for `make
  /// simulate`: what it finds is no fault of the change at hand.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FRESH_SEEDS"] != nil, "FRESH_SEEDS is not set"))
  func freshSeeds() {
    let start = ContinuousClock.now
    var seed = UInt64.random(in: 1000...(.max / 2))
    repeat {
      guard check(Trial(seed: seed)) else { return }
      #expect(Race.failure(seed: seed)?.description == nil, "race \(seed)")
      #expect(Birth.failure(seed: seed)?.description == nil, "birth \(seed)")
      seed += 1
    } while ContinuousClock.now - start < .seconds(20)
  }

  /// Files that change between any two calls of a look, and exporters that are killed.
  /// The last one lost a log to another run's file with the same header. In those before it a log was truncated while
  /// the directories were listed in turns, or when an exporter began that had much to read.
  @Test(arguments: Array(1...30) + [49, 70, 112, 189, 195, 405, 490, 2_807_331_156_990_426_434] as [UInt64])
  func aRace(seed: UInt64) throws {
    try Race.run(seed: seed)
  }

  /// Trees of folders, links and logs that are made between any two calls are found because of events.
  @Test(arguments: Array(1...60) as [UInt64]) func aBirth(seed: UInt64) {
    #expect(Birth.failure(seed: seed)?.description == nil)
  }

  @Test func aScriptIsReadBack() throws {
    for action in Trial(seed: 7).script { #expect(Action(line: action.description) == action) }
    #expect(Action(line: "append 1 2 3") == nil)
    #expect(Action(line: "appendix") == nil)
  }

  @Test func theSameSeedIsTheSameScript() {
    #expect(Trial(seed: 3).script == Trial(seed: 3).script)
    #expect(Trial(seed: 3).script != Trial(seed: 4).script)
  }

  @discardableResult
  private func check(_ trial: Trial) -> Bool {
    guard let failure = trial.failure() else { return true }
    let script = trial.shortened().map(\.description).joined(separator: "\n")
    Issue.record("seed \(trial.seed): \(failure.description)\n\(script)")
    return false
  }
}
