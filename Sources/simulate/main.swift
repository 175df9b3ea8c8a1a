// `simulate`: 3 million steps of scripts and 20,000 races, from seeds that nobody tried before, on all cores. Prints the
// first seed of each, and every seed whose run is not as it must be; of the first few a short script that fails, too.
// Ends with 1 where there was one.
//
// `simulate [--seed N] [--steps N] [--races N]`: as many as that, from that seed; without one of the two none of it.
//
// `simulate --script FILE [--no-events] [--turn-bytes N] [--short-turns]`: one script, an action a line.
//
// `--workers N`: at most so many at a time. `--trace`: prints each call of the exporter; of one script, or one race.
import Glibc
import Simulation

@Sendable func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func option(_ name: String) -> String? {
  guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
  return CommandLine.arguments.dropFirst(place + 1).first
}

func number(_ name: String) -> Int? { option(name).flatMap { Int($0) }.map { max(0, $0) } }

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

/// A script as it can be played again, without the steps that the failure does not need.
@Sendable func explain(_ trial: Trial) -> String {
  let script = trial.shortened()
  let options = trial.options
  var lines = [
    "# events \(options.usesEvents), bytes a turn \(options.turnBytesMax), short turns \(options.hasShortTurns)"
  ]
  lines += script.map(\.description)
  if let last = Trial(script: script, options: trial.options).failure() { lines.append("# \(last.description)") }
  return lines.joined(separator: "\n")
}

// From the same seed follows the same run only where sets and dictionaries have their order from nothing else.
if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
  execv("/proc/self/exe", CommandLine.unsafeArgv)
}

let isTraced = CommandLine.arguments.contains("--trace")
let workers = number("--workers") ?? Campaign.processors

if let path = option("--script") {
  guard let text = read(path), let script = Action.script(text) else {
    say("\(path) is no script")
    exit(2)
  }
  var options = SimulationOptions()
  if CommandLine.arguments.contains("--no-events") { options.usesEvents = false }
  if let bytes = number("--turn-bytes") { options.turnBytesMax = bytes }
  if CommandLine.arguments.contains("--short-turns") { options.hasShortTurns = true }
  if isTraced { try? Simulation.run(script, options: options) { say($0) } }
  let trial = Trial(script: script, options: options)
  if let failure = trial.failure() {
    say("\(path): \(failure.description)")
    say(explain(trial))
    exit(1)
  }
  say("as it must be")
  exit(0)
}

let seed = option("--seed").flatMap { UInt64($0) } ?? UInt64.random(in: 1...(.max / 2))
let isChosen = ["--steps", "--races", "--births"].contains { number($0) != nil }
let steps = number("--steps") ?? (isChosen ? 0 : 3_000_000)
let races = number("--races") ?? (isChosen ? 0 : 20_000)
let births = number("--births") ?? (isChosen ? 0 : 20_000)
let lives = number("--lives") ?? Race.livesDefault
var failed = 0

if steps > 0 {
  let trials = Campaign(name: "seed", first: seed, count: max(1, steps / Trial.stepsDefault), workers: workers)
  say("scripts from seed \(seed)")
  let count = await trials.run {
    Trial(seed: $0).failure()?.description
  } explain: {
    explain(Trial(seed: $0))
  } say: {
    say($0)
  }
  say("\(count) of \(trials.count) scripts failed, \(steps) steps")
  failed += count
}

if races > 0 {
  let campaign = Campaign(name: "race", first: seed, count: races, workers: isTraced ? 1 : workers)
  say("races from seed \(seed)")
  let trace: (@Sendable (String) -> Void)? = isTraced ? say : nil
  let count = await campaign.run(check: { Race.failure(seed: $0, lives: lives, trace: trace)?.description }, say: say)
  say("\(count) of \(races) races failed")
  failed += count
}

if births > 0 {
  let campaign = Campaign(name: "birth", first: seed, count: births, workers: isTraced ? 1 : workers)
  say("births from seed \(seed)")
  let trace: (@Sendable (String) -> Void)? = isTraced ? say : nil
  let count = await campaign.run(check: { Birth.failure(seed: $0, trace: trace)?.description }, say: say)
  say("\(count) of \(births) births failed")
  failed += count
}

exit(failed == 0 ? 0 : 1)
