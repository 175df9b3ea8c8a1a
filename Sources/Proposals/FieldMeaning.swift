/// What a field of a training log measures, as far as its name and its values tell.
package struct FieldMeaning: Sendable, Hashable {
  package enum Phase: String, Sendable, Hashable, CaseIterable { case training, validation, evaluation, test }

  package enum Role: Sendable, Hashable {
    case value, epoch, step, loss
    case plannedSteps, plannedEpochs
    /// When the record was made.
    case time
    /// It numbers or names things, and measures nothing.
    case identifier
    /// A setting, which does not change.
    case setting
  }

  package var phase: Phase?
  package var role: Role
  /// The quantity without its phase and unit.
  package var words: [String]
  /// The unit in which the metric's name ends.
  package var unit: String?
  /// By what a value is multiplied to be in that unit.
  package var scale: String?
  package var isTotal = false
  /// Whether its name is one that many tools use.
  package var isKnown: Bool

  package init(_ profile: FieldProfile) {
    let name = Self.normalized(profile.name)
    var segments = name.split { $0 == "/" || $0 == "." }.map { FieldWords.words($0) }.filter { !$0.isEmpty }
    let isSetting =
      segments.count > 1 && ["config", "hparams", "args", "cfg", "hyperparameters"].contains(segments[0].joined())
    if segments.count > 1 {
      var kept = segments.dropLast().filter { !Self.emptyGroups.contains($0.joined(separator: "_")) }
      // Of long paths the last names say what it is.
      if kept.count > 2 { kept = kept.prefix(1).filter { $0.count == 1 && Self.phases[$0[0]] != nil } + kept.suffix(1) }
      segments = kept + [segments[segments.count - 1]]
    }
    var words = segments.flatMap { $0 }
    phase = Self.takePhase(from: &words)
    words = Self.expanded(words)
    isKnown = false
    role = .value
    self.words = words
    let isTime = Self.isTime(profile, words)
    if !isTime { takeUnit(profile) }
    if self.words.isEmpty, unit == "seconds" { self.words = ["time"] }
    // What Keras measures over an epoch.
    if self.words.count > 1, self.words[0] == "epoch", unit == nil || unit == "ratio" { self.words.removeFirst() }
    isKnown = self.words.allSatisfy { Self.known.contains($0) || Self.quantities.contains($0) }
    role = isSetting ? .setting : isTime ? .time : Self.role(of: self.words, profile)
    // The time of a step is none.
    if unit != nil, role != .time, role != .setting, role != .identifier { role = .value }
    if role == .loss { self.words = ["loss"] }
    takeTotal(profile)
    if self.words.isEmpty { self.words = [unit == nil ? "value" : "time"] }
  }

  /// Ways to write a unit that have a separator of names in them.
  private static func normalized(_ name: String) -> String {
    var name = name
    for (written, word) in [("/sec)", " per second)"), ("/s)", " per second)")] where name.hasSuffix(written) {
      name = name.dropLast(written.count) + word
    }
    let lower = name.lowercased()
    for ending in ["/sec", "/second", "/s"] where lower.hasSuffix(ending) {
      return name.dropLast(ending.count) + "_per_second"
    }
    if lower.hasSuffix("/it") || lower.hasSuffix("/iter") || lower.hasSuffix("/step") || lower.hasSuffix("/batch"),
      let slash = name.lastIndex(of: "/"), ["s", "ms", "sec"].contains(name[..<slash].lowercased())
    {
      return name.replacingSlash(by: "_per_")
    }
    return name
  }

  /// Groups of fields that say nothing of what is in them.
  private static let emptyGroups: Set = [
    "time", "metrics", "metric", "scalars", "scalar", "charts", "perf", "performance", "misc", "timers", "stats",
    "info", "log",
    "logs", "optim", "optimizer", "system", "general", "summary", "throughput", "results", "learner", "learner_stats",
    "default_policy", "learners", "env_runners", "sampler_results", "charts", "lrs", "data", "metadata",
  ]

  private static func takePhase(from words: inout [String]) -> Phase? {
    guard words.count > 1 else { return nil }
    if let phase = phases[words[0]] {
      words.removeFirst()
      // `Train loss/train/total` says it twice.
      if words.count > 1 { words = words.filter { phases[$0] != phase && $0 != "metrics" } }
      return phase
    }
    if let phase = phases[words[words.count - 1]] {
      words.removeLast()
      return phase
    }
    if let place = words.firstIndex(where: { phases[$0] != nil && $0 != "test" && $0 != "train" }) {
      return phases[words.remove(at: place)]
    }
    return nil
  }

  static let phases: [String: Phase] = [
    "train": .training, "training": .training, "trn": .training, "tr": .training, "learn": .training,
    "val": .validation,
    "valid": .validation, "validation": .validation, "dev": .validation, "eval": .evaluation, "evaluation": .evaluation,
    "evaluate": .evaluation, "test": .test, "testing": .test, "tst": .test, "valset": .validation,
    "trainset": .training,
  ]

  // MARK: - Units

  private mutating func takeUnit(_ profile: FieldProfile) {
    let last = words.last ?? ""
    let isPer = words.contains("per")
    if case .per(let what) = profile.form, !isPer {
      words = words.filter { !["speed", "throughput", "rate", "ips", what].contains($0) } + [what, "per", "second"]
      return
    }
    if words == ["ms"] {
      (words, unit, scale) = (["time"], "seconds", "0.001")
      return
    }
    let isTime = words.contains { Self.timeWords.contains($0) }
    if isPer {
      // `ips: 300 samples/s` says it twice.
      if words.count(where: { $0 == "per" }) > 1, let end = words.firstIndex(where: { $0.hasPrefix("second") }),
        end < words.count - 1,
        words[(end + 1)...].contains(where: { $0.hasPrefix("second") })
      {
        words.removeSubrange(...end)
      }
      words = words.enumerated().map { place, word in
        word == "seconds" || word == "s" && place > 0 && words[place - 1] == "per" ? "second" : word
      }
      let place = words.firstIndex(of: "per") ?? 0
      let isOfTime = words[..<place].contains { $0 != "second" && Self.timeWords.contains($0) }
      if place == 0, isTime {
        words.removeAll { $0 == "per" || $0 == "time" }
        unit = "seconds"
      } else if let factor = Self.timeUnits[last], isOfTime, place > 0, words.count > place + 2 {
        // How long one of them takes.
        words = Array(words[(place + 1)...].dropLast())
        (unit, scale) = ("seconds", factor)
      } else if place > 1 {
        words.removeAll { $0 == "speed" || $0 == "throughput" }
      }
      return
    }
    if words.count == 2, words[0] == "time", ["batch", "epoch", "step", "iteration"].contains(words[1]),
      profile.isInteger
    {
      words.removeFirst()
    } else if words.contains("left"), let unitWord = words.first(where: { Self.timeUnits[$0] != nil }) {
      (unit, scale, words) = ("seconds", Self.timeUnits[unitWord] ?? nil, ["remaining"])
    } else if isTime, last == "min" {
      words.removeLast()
      (unit, scale) = ("seconds", "60")
    } else if let factor = Self.timeUnits[last], words.count > 1 || isTime {
      words.removeLast()
      (unit, scale) = ("seconds", factor)
    } else if isTime || profile.form == .seconds {
      unit = "seconds"
    } else if words.contains("percent") || profile.form == .percent {
      words.removeAll { $0 == "percent" }
      (unit, scale) = ("ratio", profile.form == .percent ? nil : "0.01")
    } else if words.contains("memory") || words.contains("bytes") || profile.form == .bytes {
      takeBytes(profile)
    } else if isRatio(profile) {
      (unit, scale) = ("ratio", profile.most > 1.5 && profile.most <= 100 ? "0.01" : nil)
    }
    if unit == "seconds" {
      if ["eta"] == words || words.contains("remaining") { words = ["remaining"] }
      if words == ["wall"] || words == ["wall", "time"] || words == ["time", "elapsed"] || words == ["elapsed", "time"]
        || words == ["walltime"]
      {
        words = ["elapsed"]
      }
      if words == ["time"], profile.grows, profile.falls == 0, profile.most > 1.8 * profile.least {
        words = ["elapsed"]
      }
      let others = words.filter { $0 != "time" && $0 != "seconds" }
      if !others.allSatisfy({ ["mean", "max", "min", "total", "deviation"].contains($0) }) { words = others }
    }
    if unit == "ratio", words.count > 1, words.last == "ratio" { words.removeLast() }
  }

  private mutating func takeBytes(_ profile: FieldProfile) {
    let units: [String: String] = [
      "gb": "1000000000", "mb": "1000000", "kb": "1000", "gib": "1073741824", "mib": "1048576", "kib": "1024",
      "g": "1073741824",
    ]
    if let word = words.last(where: { units[$0] != nil }) {
      words.removeAll { $0 == word }
      (unit, scale) = ("bytes", units[word])
    } else if words.contains("bytes") {
      words.removeAll { $0 == "bytes" }
      unit = "bytes"
    } else if profile.form == .bytes || profile.form == .count {
      unit = "bytes"
    }
  }

  /// Whether it is a part of a whole, from 0 to 1 or to 100.
  private func isRatio(_ profile: FieldProfile) -> Bool {
    let isNamedSo =
      words.contains { Self.ratios.contains($0) }
      || (words.count > 1 && words.last == "rate" && !words.contains("learning"))
    return isNamedSo && profile.least >= 0 && profile.most <= 100 && profile.numbers > 0
  }

  private static let timeWords: Set = [
    "time", "runtime", "duration", "elapsed", "latency", "eta", "walltime", "wall", "seconds", "remaining",
  ]
  private static let timeUnits: [String: String?] = [
    "seconds": nil, "second": nil, "s": nil, "ms": "0.001", "msec": "0.001", "milliseconds": "0.001", "us": "0.000001",
    "minutes": "60", "mins": "60", "hours": "3600", "hrs": "3600", "h": "3600",
  ]
  private static let ratios: Set = [
    "accuracy", "precision", "recall", "fraction", "ratio", "utilization", "sparsity", "mfu", "specificity",
    "sensitivity",
  ]

  // MARK: - Totals

  private mutating func takeTotal(_ profile: FieldProfile) {
    guard role == .value, unit == nil, let noun = words.last(where: { Self.countable.contains($0) }) else { return }
    let says = words.contains {
      ["total", "cumulative", "seen", "consumed", "processed", "number", "lifetime"].contains($0)
    }
    guard !words.contains("per"), !words.contains("mean"), profile.isInteger || noun == "flos",
      profile.falls == 0, profile.rises > 0 || says && words.contains("total"), says || profile.rises > 1,
      profile.least >= 0
    else { return }
    words.removeAll { ["total", "cumulative", "number", "lifetime"].contains($0) }
    if words.last == "flos" { words[words.count - 1] = "floating_point_operations" }
    isTotal = true
  }

  private static let countable: Set = [
    "tokens", "samples", "updates", "episodes", "frames", "examples", "sentences", "words", "games", "timesteps",
    "flos",
    "sequences", "images", "steps",
  ]
}

extension String {
  fileprivate func replacingSlash(by text: String) -> String {
    split(separator: "/", omittingEmptySubsequences: false).joined(separator: text)
  }
}
