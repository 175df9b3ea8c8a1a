// `simulate [--seed N] [--steps N] [--script FILE]`: many simulated runs from one seed, or one from a script. Ends with 1
// and the seed and the shortened script of the first run that is not as it must be.
//
// `simulate --races N [--seed N] [--lives N]`: so many races of writers and exporters that are killed, from as many
// seeds. Ends with 1 where one is not as it must be.
import Glibc
import Simulation

func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func option(_ name: String) -> String? {
  guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
  return CommandLine.arguments.dropFirst(place + 1).first
}

func read(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&piece, 1, piece.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += piece[..<count]
  }
}

func report(_ trial: Trial, _ failure: Simulation.Failure) -> Never {
  say("seed \(trial.seed): \(failure.description)")
  let script = trial.shortened()
  say("# events \(trial.options.usesEvents), bytes a turn \(trial.options.turnBytesMax)")
  say(script.map(\.description).joined(separator: "\n"))
  if let last = Trial(script: script, options: trial.options).failure() { say("# \(last.description)") }
  exit(1)
}

let isTraced = CommandLine.arguments.contains("--trace")

if let path = option("--script") {
  guard let text = read(path), let script = Action.script(text) else {
    say("\(path) is no script")
    exit(2)
  }
  var options = SimulationOptions()
  if CommandLine.arguments.contains("--no-events") { options.usesEvents = false }
  if let bytes = option("--turn-bytes").flatMap({ Int($0) }) { options.turnBytesMax = bytes }
  if isTraced {
    try? Simulation.run(script, options: options) { say($0) }
  }
  let trial = Trial(script: script, options: options)
  if let failure = trial.failure() { report(trial, failure) }
  say("as it must be")
  exit(0)
}

if let races = option("--races").flatMap({ Int($0) }) {
  let first = option("--seed").flatMap { UInt64($0) } ?? UInt64.random(in: 1...(.max / 2))
  let lives = option("--lives").flatMap { Int($0) } ?? Race.livesDefault
  var failed = 0
  for seed in first..<first + UInt64(max(0, races)) {
    do throws(Simulation.Failure) {
      try Race.run(seed: seed, lives: lives, trace: isTraced ? { say($0) } : nil)
    } catch {
      failed += 1
      say("race \(seed): \(error.description)")
    }
  }
  say("\(failed) of \(races) races failed")
  exit(failed == 0 ? 0 : 1)
}

let first = option("--seed").flatMap { UInt64($0) } ?? UInt64.random(in: 1...(.max / 2))
let steps = option("--steps").flatMap { Int($0) } ?? 1_000_000
say("from seed \(first)")
for run in 0..<max(1, steps / Trial.stepsDefault) {
  let trial = Trial(seed: first &+ UInt64(run))
  if let failure = trial.failure() { report(trial, failure) }
}
say("\(steps) steps as they must be")
