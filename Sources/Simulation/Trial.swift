/// A seed's script, carried out; and, where that fails, a shorter script that fails, too.
package struct Trial {
  package let seed: UInt64
  package let script: [Action]
  package let options: SimulationOptions

  /// Steps of one script: so many that files come and go often, so few that they stay small.
  package static let stepsDefault = 300
  /// Runs that the shortening of a script may take.
  private static let attemptsMax = 4000

  package init(seed: UInt64, steps: Int = Trial.stepsDefault) {
    self.seed = seed
    var generator = ScriptGenerator(seed: seed)
    script = generator.script(steps: steps)
    var options = SimulationOptions()
    // Now and then there is no inotify, and turns end early.
    options.usesEvents = seed % 5 != 0
    options.turnBytesMax = seed % 3 == 0 ? 200 : 4 << 20
    options.hasShortTurns = seed % 7 == 0
    self.options = options
  }

  package init(script: [Action], options: SimulationOptions) {
    seed = 0
    self.script = script
    self.options = options
  }

  /// nil: all is as it must be.
  package func failure() -> Simulation.Failure? { Self.failure(of: script, options) }

  /// The script without the steps that the failure does not need.
  package func shortened() -> [Action] {
    var script = script
    var attempts = 0
    var size = script.count / 2
    while size > 0, attempts < Self.attemptsMax {
      var start = 0
      while start < script.count, attempts < Self.attemptsMax {
        var candidate = script
        candidate.removeSubrange(start..<min(start + size, script.count))
        attempts += 1
        if Self.failure(of: candidate, options) != nil { script = candidate } else { start += size }
      }
      size /= 2
    }
    return script
  }

  private static func failure(of script: [Action], _ options: SimulationOptions) -> Simulation.Failure? {
    do throws(Simulation.Failure) {
      try Simulation.run(script, options: options)
      return nil
    } catch {
      return error
    }
  }
}
