internal import Glibc

/// Scripts from a seed: what writers do most, with all the rest now and then, and looks at any time.
package struct ScriptGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func script(steps: Int) -> [Action] {
    (0..<steps).flatMap { _ in
      let action = action()
      // Most changes come between turns: what comes of those is known best.
      guard action.isOnFiles, below(8) == 0 else { return [action] }
      return [Action(.later, 1 + below(below(2) == 0 ? 6 : 40)), action]
    }
  }

  package mutating func action() -> Action {
    let run = below(Simulation.runs)
    switch below(100) {
    case 0..<28: return Action(.turn)
    case 28..<38: return Action(.wait, [1, 3, 10, 60, 300, 2100, 31_000][below(7)])
    case 38..<40: return Action(.settle)
    case 40..<58: return Action(.append, run, 1 + below(3))
    case 58..<64: return below(3) == 0 ? Action(.rest, run) : Action(.part, run, 1 + below(100))
    case 64..<90: return rewriting(run)
    case 90..<97: return disturbance()
    default:
      return [Action(.settle), Action(.save), Action(.save), Action(.kill), Action(.kill), Action(.restart)][below(6)]
    }
  }

  private mutating func rewriting(_ run: Int) -> Action {
    let verbs: [Action.Verb] = [
      .bulk, .rest, .truncate, .again, .again, .chop, .rerun, .resume, .widen, .pad, .same, .poke, .replace, .copy,
      .rotate, .rotate, .rotate,
      .late, .copytruncate, .remove, .touch, .away, .back, .back, .baseaway, .baseback, .baseback, .lock, .unlock,
      .unlock,
      .lockdirectory, .unlockdirectory, .unlockdirectory, .alias, .link,
    ]
    switch verbs[below(verbs.count)] {
    case .bulk: return Action(.bulk, run, [10, 30, 250][below(3)])
    case .link: return Action(.link, run, 1 + below(2))
    case .baseaway: return Action(.baseaway)
    case .baseback: return Action(.baseback)
    case let verb where [.truncate, .resume, .poke, .replace, .rerun].contains(verb):
      return Action(verb, run, below(6))
    case let verb: return Action(verb, run)
    }
  }

  private mutating func disturbance() -> Action {
    let codes = [Int(EIO), Int(ESTALE), Int(EMFILE), Int(EACCES), Int(ENOENT)]
    switch below(12) {
    case 0: return Action(.lose, 1 + below(4))
    case 1: return Action(.double, 1 + below(4))
    case 2: return Action(.delay, 1 + below(4), [5, 100, 3000][below(3)])
    case 3: return Action(.overflow)
    case 4: return below(8) == 0 ? Action(.nowatches) : Action(.overflow)
    case 5: return Action(.failstatus, codes[below(4)], 1 + below(3))
    case 6: return Action(.faillist, codes[below(4)], 1 + below(3))
    case 7: return Action(.failopen, codes[below(5)], 1 + below(3))
    case 8: return Action(.failread, codes[below(2)], 1 + below(3))
    case 9: return Action(.short, 0, 1 + below(4))
    case 10: return Action(.slow, [0, 0, 10, 60_000][below(4)])
    default: return Action(.jump, [-3600, -1, 1, 3600][below(4)])
    }
  }

  private mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return Int(mixed % UInt64(bound))
  }
}
