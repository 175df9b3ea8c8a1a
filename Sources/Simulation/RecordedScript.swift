/// What writers did to files, as calls that can be done again on a real machine.
package enum FileOperation: Sendable {
  case makeDirectory(String)
  /// At an offset; the file is made if there is none.
  case write([UInt8], String, at: Int)
  case truncate(String, to: Int)
  case rename(String, String)
  case remove(String)
}

/// A script that was simulated step by step, with time to settle after each: what the writers of one run did, and what is
/// shown then. Whoever does the same to real files has to come to the same.
package struct RecordedScript: Sendable {
  package struct Step: Sendable {
    /// The action, as in a script.
    package var action: String
    package var operations: [FileOperation]
    package var rows: Double
    package var seconds: Double
    package var losses: Double
    package var loss: Double?
  }

  package let seed: UInt64
  package private(set) var steps: [Step] = []

  /// What can be done to real files by anyone, and is settled when all files are read.
  private static let verbs: [Action.Verb] = [
    .append, .append, .append, .bulk, .truncate, .again, .rerun, .resume, .widen, .pad, .same, .poke, .replace, .copy,
    .rotate, .copytruncate, .remove,
  ]

  package init(seed: UInt64, steps count: Int) throws(Simulation.Failure) {
    self.seed = seed
    var options = SimulationOptions()
    // No two scripts have a row in common.
    options.firstRow = 1_000_000 + Int(seed) * 10_000
    let simulation = try Simulation(options: options)
    var operations: [FileOperation] = []
    simulation.keepJournal { operations.append($0) }
    var random = seed
    for _ in 0..<count {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let verb = Self.verbs[Int(random >> 33) % Self.verbs.count]
      let action = Action(verb, 0, verb == .bulk ? 20 : Int(random >> 40) % 5)
      try simulation.act(action)
      try simulation.act(Action(.settle))
      let shown = simulation.shown(run: 0)
      steps.append(
        Step(
          action: action.description,
          operations: operations,
          rows: shown.rows,
          seconds: shown.seconds,
          losses: shown.losses,
          loss: shown.provisionalLoss ?? shown.loss
        )
      )
      operations = []
    }
  }
}
