import Foundation
import Simulation
import Testing

/// The exporter on a simulated machine: whatever writers do and systems fail at, it shows what the logs held.
@Suite struct SimulationTests {
  @Test(arguments: Array(1...200) as [UInt64]) func aKnownSeed(seed: UInt64) {
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
      seed += 1
    } while ContinuousClock.now - start < .seconds(20)
  }

  /// Scripts of failures that there were once.
  @Test(arguments: FormerFailure.all) func aFormerFailure(failure: FormerFailure) throws {
    let script = try #require(Action.script(failure.script))
    var options = SimulationOptions()
    options.usesEvents = failure.usesEvents
    check(Trial(script: script, options: options))
  }

  @Test(arguments: [true, false]) func whatWasNotReadBeforeARotationIsReadAfterIt(usesEvents: Bool) throws {
    var options = SimulationOptions()
    options.usesEvents = usesEvents
    let script = try #require(Action.script("append 0 2\nsettle\nappend 0 3\nrotate 0\nappend 0 1"))
    check(Trial(script: script, options: options))
  }

  /// Files that change between any two calls of a look, and exporters that are killed.
  @Test(arguments: Array(1...60) as [UInt64]) func aRace(seed: UInt64) throws {
    try Race.run(seed: seed)
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

struct FormerFailure: CustomTestStringConvertible, Sendable {
  var name: String
  var usesEvents = true
  var script: String

  var testDescription: String { name }

  static let all = [
    FormerFailure(
      name: "a file that cannot be read any more when it is to rest makes turn follow turn",
      script: """
        append 1 2
        turn
        lockdirectory 1
        """
    ),
    FormerFailure(
      name: "a last line is not shown where reading it failed first",
      script: """
        failread 116 3
        append 1 2
        chop 1
        turn
        """
    ),
    FormerFailure(
      name: "a last line is not shown where reading it fails when it has rested",
      script: """
        append 2 1
        part 2 78
        wait 31000
        turn
        failread 116 3
        wait 2100
        turn
        """
    ),
    FormerFailure(
      name: "a listing older than the look closes a file that is there, and its last line counts twice",
      usesEvents: false,
      script: """
        append 0 2
        lock
        turn
        rotate
        faillist 5 2
        part 0 96
        append 1 1
        overflow
        turn
        """
    ),
    FormerFailure(
      name: "a log of which nothing was consumed goes along with another's file that has its number",
      usesEvents: false,
      script: """
        part 2 5
        settle
        part 0 85
        wait 31000
        remove 2
        replace 0 2
        """
    ),
    FormerFailure(
      name: "a new file has the number that a file had in a directory that cannot be listed any more",
      script: """
        append 0 1
        append 1 3
        settle
        lockdirectory
        replace 0 5
        rotate 1
        append 1 1
        """
    ),
    FormerFailure(
      name: "the descriptor of a file that was away when it was to rest stays open",
      script: """
        append 1 3
        baseaway
        append 0 2
        link 0 2
        wait 300
        turn
        remove
        wait 31000
        part 2 51
        lose 3
        turn
        link 0 2
        away 2
        """
    ),
    FormerFailure(
      name: "a gauge does not show the last line that counts because its file went",
      script: """
        append 0 2
        turn
        chop
        append 0 1
        append 0 1
        chop
        settle
        baseaway
        """
    ),
    FormerFailure(
      name: "a log that took another name makes the series of its old one newer than the log that has it now",
      script: """
        append 0 3
        turn
        part 2 36
        turn
        remove
        turn
        append 0 1
        """
    ),
    FormerFailure(
      name: "half a line counts whose log was overwritten with what may be a copy of another",
      script: """
        part 1 88
        turn
        bulk 0 10
        copytruncate 1
        part 1 5
        """
    ),
  ]
}
