internal import PatternSyntax

/// What the paths of logs of one kind have in common, as a pattern: levels in which they differ become captures.
package struct PathShape: Sendable, Hashable {
  package var patterns: [String] { levels.map { $0.joined(separator: "/") } }
  /// The names of the captures, in the order of the path.
  package private(set) var captures: [String]
  /// Each pattern, level by level.
  private var levels: [[String]] = []
  /// How many levels of a path name the run; 0: the folder of a log does, or the file.
  private var runDepth = 0
  /// What each capture takes of the logs.
  package var values: [String: Set<String>]

  /// - Parameter paths: of one depth at least, with how many of their first levels were asked for.
  ///   - folders: what the folders right above the logs are, the deepest last, as far as the tool says it.
  package init(_ paths: [[String]], rootDepth: Int, folders: [String] = [], file: String? = nil) {
    // Checkpoints of one run lie in folders with their step: the logs in them are logs of the run.
    guard Set(paths.map(\.count)).count > 1 else {
      self.init(uniform: paths, rootDepth: rootDepth, folders: folders, file: file)
      return
    }
    // Deeper paths are those of checkpoints, beside shallower ones of the runs themselves.
    let depth = paths.map(\.count).min() ?? 0
    let shallow = paths.filter { $0.count == depth }
    let base = PathShape(uniform: shallow, rootDepth: rootDepth, folders: folders)
    self = base
    levels = []
    for count in Set(paths.map(\.count)).sorted(by: >) {
      let some = paths.filter { $0.count == count }
      let shape = PathShape(uniform: some, rootDepth: rootDepth, folders: count == depth ? folders : [])
      levels += shape.levels
      values.merge(shape.values) { $0.union($1) }
    }
  }

  private init(uniform paths: [[String]], rootDepth: Int, folders: [String], file: String? = nil) {
    let count = paths.first?.count ?? 0
    let columns = (0..<count).map { level in Set(paths.map { $0[level] }) }
    var parts: [String] = columns.map { Pattern.escaped($0.first ?? "") }
    captures = []
    values = [:]
    var levelNames: [Int: String] = [:]

    // The folders.
    var candidates: [Int] = []
    for level in columns.indices.dropLast() {
      if columns[level].allSatisfy(Self.isCheckpoint) {
        parts[level] = Self.common(columns[level]).wildcard
      } else if columns[level].count > 1 {
        candidates.append(level)
      }
    }
    // What the tool says of its folders.
    let first = count - 1 - folders.count
    if first >= rootDepth, first > 0 || rootDepth == 0 {
      for (place, name) in folders.enumerated() where !name.isEmpty {
        candidates.removeAll { $0 == first + place }
        if name.contains("*") {
          parts[first + place] = name
        } else {
          levelNames[first + place] = name
        }
      }
    }
    var isRunNamed = levelNames.values.contains("run")
    var used = Set(levelNames.values)
    // Ranks and phases are parts of a run, which has a folder of its own.
    if let file {
      parts[count - 1] = file
      if file.contains("{run}") {
        levelNames[count - 1] = "run"
        candidates.removeAll()
      }
    }
    let isLone =
      levelNames.isEmpty
      && candidates.allSatisfy { ["rank", "phase", "task"].contains(Self.special(columns[$0]) ?? "") }
    let lastNames = columns.last ?? []
    let isOfFiles =
      lastNames.count > 1 && !lastNames.allSatisfy(Self.hasNumberThatChanges)
      && Self.special(Self.stems(lastNames)) == nil
    if isLone, let level = Self.loneRun(columns, from: rootDepth),
      // Files side by side with different names are runs themselves.
      !isOfFiles || Self.looksLikeRun(columns[level].first ?? "")
    {
      (levelNames[level], isRunNamed) = ("run", true)
      used.insert("run")
    }
    for level in candidates.reversed() {
      let special = Self.special(columns[level])
      var name = special ?? (isRunNamed ? "experiment" : "run")
      // A version or a seed below nothing else is the run itself.
      if special != nil, special != "phase", special != "rank", candidates.first == level, !isRunNamed { name = "run" }
      while used.contains(name) { name = name == "experiment" ? "project" : name + "_of" }
      if name == "run" { isRunNamed = true }
      used.insert(name)
      levelNames[level] = name
    }
    for (level, name) in levelNames.sorted(by: { $0.key < $1.key }) {
      if level < count - 1 || file == nil { parts[level] = "{\(name)}" }
      captures.append(name)
      values[name] = columns[level]
    }

    for level in columns.indices.dropLast() where level >= rootDepth && levelNames[level] == nil && parts[level] != "*"
    {
      // A day or an hour: tomorrow it is another.
      guard columns[level].count == 1, let name = columns[level].first, Self.isTime(name), !captures.contains("date")
      else { continue }
      parts[level] = "{date}"
      captures.insert("date", at: levelNames.keys.count { $0 < level })
      values["date"] = columns[level]
    }

    // The file's name.
    if let last = columns.last, file == nil {
      let common = Self.common(last)
      let times = Set(last.map { Self.wildcardOfTimes($0) })
      if last.count > 1, times.count == 1, let wildcard = times.first ?? nil {
        parts[count - 1] = wildcard
      } else if last.count > 1 {
        if captures.contains("run"), !common.isTelling {
          let stems = Self.stems(last)
          let name = Self.special(stems) ?? "log"
          parts[count - 1] = Pattern.escaped(common.prefix) + "{\(name)}" + Pattern.escaped(common.suffix)
          captures.append(name)
          values[name] = stems
        } else if captures.contains("run") || last.allSatisfy(Self.hasNumberThatChanges), common.isTelling {
          parts[count - 1] = common.wildcard
        } else {
          parts[count - 1] = Pattern.escaped(common.prefix) + "{run}" + Pattern.escaped(common.suffix)
          captures.append("run")
          runDepth = count
          values["run"] = Set(last.map { String($0.dropFirst(common.prefix.count).dropLast(common.suffix.count)) })
        }
      } else if let name = last.first, let wildcard = Self.wildcardOfTimes(name) {
        parts[count - 1] = wildcard
      }
    }
    self.levels = [parts]
    if runDepth == 0 { runDepth = (levelNames.keys.max() ?? -1) + 1 }
  }

  /// What logs of one run have in common: the path up to the level that names it.
  package func run(of path: [String]) -> String {
    (runDepth > 0 ? path.prefix(runDepth) : path.dropLast()).joined(separator: "/")
  }

  package mutating func rename(_ name: String, to other: String) {
    guard captures.contains(name), !captures.contains(other) else { return }
    captures = captures.map { $0 == name ? other : $0 }
    values[other] = values.removeValue(forKey: name)
    for index in levels.indices { levels[index] = levels[index].map { $0 == "{\(name)}" ? "{\(other)}" : $0 } }
  }

  /// Matches whatever a capture would take, without making a label of it.
  package mutating func forget(_ name: String) {
    captures.removeAll { $0 == name }
    values[name] = nil
    for index in levels.indices {
      for place in levels[index].indices where levels[index][place] == "{\(name)}" { levels[index][place] = "*" }
    }
  }

  /// The path of one log as it stands, without captures.
  package init(literal path: [String]) {
    captures = []
    values = [:]
    levels = [path.map(Pattern.escaped)]
  }

  /// Adds patterns of the files beside those that the last level names.
  package mutating func add(endings: [[String]]) {
    for level in levels { levels += endings.map { Array(level.dropLast()) + $0 } }
  }

  /// Whether the folder of the logs is that of a run, and all of it.
  package var endsInRun: Bool { levels.allSatisfy { $0.count > 1 && $0[$0.count - 2] == "{run}" } }

  /// Takes files of the same name in all folders below those that have one, too.
  package mutating func addFoldersBelow() {
    for index in levels.indices { levels[index].insert("**", at: levels[index].count - 1) }
  }

  /// Adds the place of a log that is written where a run ends, beside the folders of its checkpoints.
  package mutating func addEndOfCheckpoints() {
    guard levels.count == 1, let place = levels[0].firstIndex(where: { $0.contains("*") && $0 != "*" }),
      place == levels[0].count - 2
    else { return }
    var end = levels[0]
    end.remove(at: place)
    levels.append(end)
  }

  /// Takes the folder above the run's as a label, if there is one that is none yet.
  ///
  /// - Parameter least: the first level that may be taken.
  package mutating func captureFolderAbove(as name: String, from least: Int) -> Bool {
    guard let run = levels.first?.firstIndex(where: { $0.contains("{run}") }), run - 1 >= least,
      !captures.contains(name),
      levels.allSatisfy({
        $0.count > run && !$0[run - 1].contains("{") && !$0[run - 1].contains("*") && !$0[run - 1].isEmpty
      })
    else { return false }
    values[name] = [levels[0][run - 1]]
    for index in levels.indices { levels[index][run - 1] = "{\(name)}" }
    captures.insert(name, at: captures.firstIndex(of: "run") ?? 0)
    return true
  }

  // MARK: - Names of runs

  /// The level of a single log's folders that looks like the name of a run.
  private static func loneRun(_ columns: [Set<String>], from rootDepth: Int) -> Int? {
    let folders = columns.dropLast().enumerated().compactMap { level, names in names.first.map { (level, $0) } }
    let below = folders.filter { $0.0 >= rootDepth }
    let one = below.filter { columns[$0.0].count == 1 }
    if let level = one.last(where: { looksLikeRun($0.1) })?.0 { return level }
    // What lies right in a folder for runs is one, whatever it is called.
    for (level, name) in one.reversed() where level > 0 && !isGeneric(name) {
      if let parent = columns[level - 1].first, isFolderOfRuns(parent) { return level }
    }
    if let level = one.last(where: { !isGeneric($0.1) && !isCheckpoint($0.1) })?.0 { return level }
    return folders.last { $0.0 == rootDepth - 1 && looksLikeRun($0.1) }?.0
  }

  static func looksLikeRun(_ name: String) -> Bool {
    let lower = name.lowercased()
    let stem = lower.reversed().drop { $0.isNumber || "_-".contains($0) }.reversed()
    let isNumbered = stem.count < lower.count
    let word = String(stem)
    if ["train", "exp", "run", "version", "trial", "experiment", "job", "seed", "fold"].contains(word) {
      return true
    }
    if lower.hasPrefix("run-") || lower.hasPrefix("exp-") || lower.hasPrefix("run_") || lower.hasPrefix("exp_") {
      return true
    }
    let digits = lower.count(where: \.isNumber)
    // A date, a time, a hash.
    if digits >= 6, !isCheckpoint(name) { return true }
    return isNumbered && word.isEmpty
  }

  /// Whether a folder is called after a day or a time.
  private static func isTime(_ name: String) -> Bool {
    let digits = name.count(where: \.isNumber)
    return digits >= 6 && name.allSatisfy { $0.isNumber || "-_.T:".contains($0) }
  }

  private static func isFolderOfRuns(_ name: String) -> Bool {
    [
      "runs", "logs", "outputs", "output", "experiments", "exps", "exp", "work_dirs", "checkpoints", "saves", "results",
      "models",
      "lightning_logs", "wandb", "trainings", "jobs", "ray_results", "log", "detect", "segment", "classify", "pose",
      "obb", "ckpts",
      "tb_logs", "csv_logs", "multirun",
    ].contains(name.lowercased())
  }

  private static func isGeneric(_ name: String) -> Bool {
    isFolderOfRuns(name)
      || ["vis_data", "csv", "metrics", "tensorboard", "stats", "history"].contains(name.lowercased())
  }

  /// The folders of Ultralytics, one for each task.
  static let tasks: Set = ["detect", "segment", "classify", "pose", "obb"]

  /// What a level is by its names; nil: nothing that is known.
  private static func special(_ names: Set<String>) -> String? {
    func all(_ condition: (String) -> Bool) -> Bool { names.allSatisfy(condition) }
    func numbered(_ words: [String]) -> Bool {
      all { name in
        let stem = name.lowercased().prefix { !$0.isNumber }.filter { $0.isLetter }
        return words.contains(String(stem)) && name.contains(where: \.isNumber)
      }
    }
    if all({ FieldMeaning.phases[$0.lowercased()] != nil }) { return "phase" }
    if all({ tasks.contains($0.lowercased()) }) { return "task" }
    if numbered(["version", "v"]) { return "version" }
    if numbered(["rank", "worker", "gpu", "node", "process", "local"]) { return "rank" }
    if numbered(["fold"]) { return "fold" }
    if numbered(["seed"]) { return "seed" }
    return nil
  }

  /// Whether a folder has a checkpoint in it.
  static func isCheckpoint(_ name: String) -> Bool {
    let stem = name.lowercased().prefix { !$0.isNumber }
    return name.contains(where: \.isNumber)
      && ["checkpoint-", "checkpoint_", "epoch_", "epoch-", "step_", "step-", "iter_", "global_step", "ckpt-", "ckpt_"]
        .contains(String(stem))
  }

  // MARK: - Patterns

  /// What names begin and end with alike.
  private static func common(_ names: Set<String>) -> (
    prefix: String, suffix: String, wildcard: String, isTelling: Bool
  ) {
    let sorted = names.sorted()
    guard var prefix = sorted.first else { return ("", "", "*", false) }
    for name in sorted { while !name.hasPrefix(prefix) { prefix.removeLast() } }
    // A number is the same or another one as a whole.
    while let last = prefix.last, last.isNumber { prefix.removeLast() }
    var suffix = Substring(sorted[0].dropFirst(prefix.count))
    for name in sorted { while !name.dropFirst(prefix.count).hasSuffix(suffix) { suffix.removeFirst() } }
    while let first = suffix.first, first.isNumber { suffix.removeFirst() }
    if sorted.count == 1 {
      // The one folder of a checkpoint.
      prefix = String(sorted[0].prefix { !$0.isNumber })
      suffix = Substring(sorted[0].reversed().prefix { !$0.isNumber }.reversed().map(String.init).joined())
    }
    if sorted.contains(where: { $0.count <= prefix.count + suffix.count }) { suffix = suffix.drop { $0 != "." } }
    let wildcard = Pattern.escaped(prefix) + "*" + Pattern.escaped(String(suffix))
    return (prefix, String(suffix), wildcard, prefix.contains(where: \.isLetter))
  }

  /// The parts in which names differ.
  private static func stems(_ names: Set<String>) -> Set<String> {
    let common = common(names)
    return Set(names.map { String($0.dropFirst(common.prefix.count).dropLast(common.suffix.count)) })
  }

  private static func hasNumberThatChanges(_ name: String) -> Bool { name.contains(where: \.isNumber) }

  /// A file's name with a time in it: the next file has another one.
  private static func wildcardOfTimes(_ name: String) -> String? {
    let characters = Array(name)
    guard let first = characters.firstIndex(where: \.isNumber), let last = characters.lastIndex(where: \.isNumber),
      characters[first...last].count(where: \.isNumber) >= 8,
      characters[first...last].allSatisfy({ $0.isNumber || "-_.T:".contains($0) })
    else { return nil }
    return Pattern.escaped(String(characters[..<first])) + "*" + Pattern.escaped(String(characters[(last + 1)...]))
  }
}
