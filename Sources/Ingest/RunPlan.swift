internal import LogFormats
internal import MetricCatalog
internal import Runs

/// What the records of a watcher's logs say of their runs: `run:`, compiled.
struct RunPlan {
  /// What a field says of a run; a field may say several things.
  struct Roles: OptionSet {
    let rawValue: UInt16

    static let step = Roles(rawValue: 1)
    static let epoch = Roles(rawValue: 2)
    static let steps = Roles(rawValue: 4)
    static let epochs = Roles(rawValue: 8)
    static let loss = Roles(rawValue: 16)
    static let score = Roles(rawValue: 32)
    static let time = Roles(rawValue: 64)
    /// It feeds a metric with numbers, of which those are counted that are none.
    static let counted = Roles(rawValue: 128)
    /// Only a record at a run's end has it.
    static let end = Roles(rawValue: 256)
    /// Only a record that has it says that the run goes on.
    static let progress = Roles(rawValue: 512)
  }

  /// What a field says. Of several fields that say the same in one record the one with the lowest rank counts.
  struct Field {
    let name: String
    var roles: Roles = []
    var stepRank = Int.max
    var epochRank = Int.max
    var lossRank = Int.max
  }

  let keys: RunKeys
  /// Whether a record says that the run goes on. A document with nothing but planned totals does not.
  let countsRecords: Bool
  /// Whether only records with a field of its own say that the run goes on.
  let hasProgressField: Bool
  /// Whether a traceback behind the last record says that the run has failed.
  let watchesTracebacks: Bool
  let finished: [CompiledCondition]
  let failed: [CompiledCondition]
  /// What is planned, where the catalog says so itself.
  let plannedSteps: Double?
  let plannedEpochs: Double?
  let order: RunScoreOrder
  private let fields: [String: Field]

  /// - Parameters:
  ///   - words: what records of the format say by themselves.
  ///   - track: makes a place for the value of a field that conditions look at.
  init?(
    _ watcher: Watcher,
    isOfDocuments: Bool,
    isConsole: Bool = false,
    words: RunWords = RunWords(),
    track: (String) -> Int
  ) {
    guard let run = watcher.run else { return nil }
    keys = RunKeys(run)
    watchesTracebacks = isConsole
    func compiled(_ conditions: [Condition], or mark: RunWords.Mark?) -> [CompiledCondition] {
      let usual = mark.map { [Condition(field: $0.field, test: .oneOf($0.values))] } ?? []
      return (conditions.isEmpty ? usual : conditions).map { CompiledCondition($0, tracked: track($0.field)) }
    }
    finished = compiled(run.finished, or: words.finished)
    failed = compiled(run.failed, or: words.failed)
    hasProgressField = words.progress != nil
    order = run.better == .higher ? .higher : .lower
    let (steps, epochs) = (Self.parts(of: run.steps), Self.parts(of: run.epochs))
    (plannedSteps, plannedEpochs) = (steps.count, epochs.count)
    var fields: [String: Field] = [:]
    func give(_ names: [String], _ role: Roles, rank: WritableKeyPath<Field, Int>? = nil) {
      for (place, name) in names.enumerated() {
        fields[name, default: Field(name: name)].roles.insert(role)
        if let rank { fields[name]?[keyPath: rank] = place }
      }
    }
    give(run.step.isEmpty ? UsualFields.step : run.step, .step, rank: \.stepRank)
    give(run.epoch.isEmpty ? UsualFields.epoch : run.epoch, .epoch, rank: \.epochRank)
    give(run.loss.map { [$0] } ?? UsualFields.loss, .loss, rank: \.lossRank)
    give(run.steps == nil ? UsualFields.steps : steps.field.map { [$0] } ?? [], .steps)
    give(run.epochs == nil ? UsualFields.epochs : epochs.field.map { [$0] } ?? [], .epochs)
    give(run.score.map { [$0] } ?? [], .score)
    give((run.time ?? words.time).map { [$0] } ?? [], .time)
    give(words.progress.map { [$0] } ?? [], .progress)
    if run.finished.isEmpty { give(UsualFields.end, .end) }
    self.fields = fields
    let isGiven = !run.step.isEmpty || !run.epoch.isEmpty || run.loss != nil || run.score != nil
    countsRecords = !isOfDocuments || isGiven || !run.finished.isEmpty || !run.failed.isEmpty
  }

  private static func parts(of planned: Watcher.Run.Planned?) -> (count: Double?, field: String?) {
    switch planned {
    case .count(let count): (count, nil)
    case .field(let field): (nil, field)
    case nil: (nil, nil)
    }
  }

  /// The fields that it names.
  var fieldNames: Set<String> { Set(fields.keys) }

  /// Whether it names a field.
  func takes(_ name: String) -> Bool { fields[name] != nil }

  /// What a field says; nil: nothing.
  ///
  /// - Parameter isCounted: whether it feeds a metric with numbers.
  func field(_ name: String, isCounted: Bool) -> Field? {
    guard isCounted || fields[name] != nil else { return nil }
    var field = fields[name] ?? Field(name: name)
    if isCounted { field.roles.insert(.counted) }
    return field
  }

  func isBetter(_ score: Double, than other: Double) -> Bool { order == .higher ? score > other : score < other }
}

/// How training tools call what a run is told by: taken where the catalog does not say.
package enum UsualFields {
  package static let step = [
    "step", "_step", "global_step", "current_steps", "iter", "iteration", "time/total_timesteps", "total_timesteps",
  ]
  package static let epoch = ["epoch"]
  package static let loss = ["loss", "train_loss", "train/loss"]
  package static let steps = ["total_steps", "max_steps"]
  /// What only the last record has.
  static let end = ["train_runtime"]
  package static let epochs = ["epochs", "num_train_epochs", "max_epochs", "num_epochs"]
}
