import LogStations
import Simulation

/// Carries out a scene, step by step, in a folder of its own.
final class Player {
  private let clock = StationClock()
  private let folder: LogFolder
  private var catalog: CatalogStage?
  private var follower: FollowStage?
  private var collector: CollectorStage?
  private var machine: MachineStage?

  /// What was seen after each step that lets the exporter work, or runs a command.
  private(set) var outcomes: [(step: Script.Step, block: [String])] = []

  struct Failure: Error {
    var step: Script.Step
    var text: String
  }

  enum Verb: String {
    // Before anything happens.
    case catalog, collector, machine, follow, show, turnbytes
    // What the exporter does.
    case turn, settle, wait, glance, pass, save, restart, kill, anew, reload, once
    case collect, suspend
    // What happens around it.
    case change, clock, reboot, lag, move
    case gpu, xid, sample
    /// The block below has actions of the simulation, which says itself what must be so.
    case simulate
    /// A command, as in a shell.
    case command = "$"

    /// Whether an outcome follows, rather than a text or nothing.
    var isSeen: Bool {
      switch self {
      case .turn, .settle, .wait, .glance, .pass, .restart, .kill, .anew, .reload, .once, .collect, .suspend, .move,
        .command:
        true
      default: false
      }
    }
  }

  init() throws {
    folder = try LogFolder()
  }

  func play(_ steps: [Script.Step]) throws(Failure) {
    for step in steps {
      do {
        for step in step.repeated { try act(step) }
        guard let verb = Verb(rawValue: step.verb), verb.isSeen, verb != .command else { continue }
        let changes = catalog?.changes() ?? follower?.changes() ?? collector?.changes() ?? machine?.changes()
        outcomes.append((step, changes ?? []))
      } catch {
        throw Failure(step: step, text: "\(error)")
      }
    }
  }

  private func act(_ step: Script.Step) throws {
    if let verb = LogVerb(rawValue: step.verb) { return try verb.act(step, in: folder, clock: clock) }
    guard let verb = Verb(rawValue: step.verb) else { throw ScriptMistake("no step begins with `\(step.verb)`") }
    let words = step.argument.split(separator: " ").map(String.init)
    switch verb {
    case .catalog:
      let text = step.block.joined(separator: "\n") + "\n"
      try folder.write(text, to: "metrics.yaml")
      if let catalog { catalog.catalog = text } else { catalog = try CatalogStage(text, in: folder, clock: clock) }
    case .collector:
      collector = try CollectorStage(step.block.joined(separator: "\n") + "\n", after: collector)
    case .machine: machine = try MachineStage(words, keys: step.block, in: folder, clock: clock)
    case .collect: try machine.map { try $0.collect() } ?? collector?.collect(step.argument)
    case .gpu: for line in [step.argument] + step.block where !line.isEmpty { try machine?.answer(line) }
    case .xid: machine?.gpus?.event(device: Int32(words.first ?? "") ?? 0, xid: UInt64(words.last ?? "") ?? 0)
    case .sample: machine?.sample(after: try StepText.nanoseconds(step.argument))
    case .suspend: collector?.suspend()
    case .follow: follower = try FollowStage(words, in: folder, clock: clock)
    case .show: if let machine { machine.shown = words } else { try theCatalog.sight.shownMetrics = words }
    case .turnbytes: try theCatalog.station.turnBytesMax = Int(step.argument)
    case .turn: catalog.map { $0.station.look() } ?? follower?.turn()
    case .wait: try wait(StepText.nanoseconds(step.argument))
    case .glance: follower?.glance(after: try StepText.nanoseconds(step.argument))
    case .pass: try theCatalog.station.pass(StepText.nanoseconds(step.argument) / 1_000_000_000)
    case .settle: try theCatalog.station.settle()
    case .save: try theCatalog.save()
    case .restart: try theCatalog.restart()
    case .kill: try theCatalog.kill()
    case .anew: try theCatalog.anew()
    case .reload: try theCatalog.reload()
    case .once: try follower.map { $0.once() } ?? theCatalog.once()
    case .change: try change(step.argument)
    case .clock: clock.set(by: try StepText.nanoseconds(step.argument))
    case .reboot: clock.reboot()
    case .lag: try theCatalog.station.lag = StepText.nanoseconds(step.argument) / 1_000_000_000
    case .move: try theCatalog.station.move(theCatalog.catalog)
    case .simulate: try simulate(step)
    case .command: outcomes.append((step, try Command.run(step.argument, in: folder)))
    }
  }

  private func simulate(_ step: Script.Step) throws {
    guard
      let script = Action.script(
        step.block.joined(separator: "\n").replacing(", ", with: "\n").replacing(",", with: "")
      )
    else {
      throw ScriptMistake("no script of the simulation")
    }
    var options = SimulationOptions()
    options.usesEvents = step.argument != "without events"
    try Simulation.run(script, options: options)
  }

  private var theCatalog: CatalogStage {
    get throws {
      guard let catalog else { throw ScriptMistake("there is no catalog yet") }
      return catalog
    }
  }

  private func wait(_ nanoseconds: Int64) throws {
    if let follower { return follower.wait(nanoseconds: nanoseconds) }
    if let machine { return try machine.collect(after: nanoseconds) }
    clock.pass(nanoseconds: nanoseconds)
    try theCatalog.station.look()
  }

  /// `OLD => NEW`, in the catalog; `\n` is the end of a line.
  private func change(_ text: String) throws {
    guard let arrow = text.firstRange(of: " =>") else { throw ScriptMistake("change OLD => NEW") }
    let (old, new) = (try StepText.unescaped(String(text[..<arrow.lowerBound])), text[arrow.upperBound...].dropFirst())
    let catalog = try theCatalog
    guard catalog.catalog.contains(old) else { throw ScriptMistake("the catalog has no `\(old)`") }
    catalog.catalog = catalog.catalog.replacing(old, with: try StepText.unescaped(String(new)))
    try folder.write(catalog.catalog, to: "metrics.yaml")
  }
}
