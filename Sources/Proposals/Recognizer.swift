/// A tool whose logs are known: how they are told by what is in them, and what the generic naming would get wrong.
package struct Recognizer: Sendable {
  /// What is seen of logs of one kind.
  package struct Evidence: Sendable {
    package var format: String
    /// The name of a file of them.
    package var file: String
    /// The folders that lead to it.
    package var folders: [String]
    package var fields: Set<String>
    /// Fields that stand beside the records of a document.
    package var beside: Set<String>

    func has(_ names: String...) -> Bool { fields.isSuperset(of: names) }
    func hasField(beginning prefix: String) -> Bool { fields.contains { $0.hasPrefix(prefix) } }
    func hasField(ending suffix: String) -> Bool { fields.contains { $0.hasSuffix(suffix) } }
  }

  /// What fields with such a name are.
  package struct Rule: Sendable {
    /// A pattern as the catalog has it. It holds where a field has such a name.
    var pattern: String
    /// nil: they are left out.
    var metric: String?
    var help: String
    var unit: String?
    var scale: String?
    /// `running_total` makes a counter.
    var from: String?
    /// Labels with a fixed text.
    var fixed: [String: String] = [:]
    /// What is said of the captures and of `fixed`.
    var labels: [String: ProposedCatalog.Label] = [:]
    var role = FieldMeaning.Role.value
    var phase: FieldMeaning.Phase?

    init(
      _ pattern: String,
      _ metric: String,
      _ help: String,
      unit: String? = nil,
      scale: String? = nil,
      from: String? = nil,
      fixed: [String: String] = [:],
      labels: [String: ProposedCatalog.Label] = [:],
      role: FieldMeaning.Role = .value,
      phase: FieldMeaning.Phase? = nil
    ) {
      (self.pattern, self.metric, self.help) = (pattern, metric, help)
      (self.unit, self.scale, self.from) = (unit, scale, from)
      (self.fixed, self.labels, self.role, self.phase) = (fixed, labels, role, phase)
    }

    /// A field that no metric is to show, with the reason.
    init(leavingOut pattern: String, _ reason: String) {
      self.pattern = pattern
      help = reason
    }
  }

  /// An info metric of what does not change in a run.
  package enum Info: Sendable {
    /// The name of the run is the text of this field.
    case runName(field: String)
    /// Settings are fields whose names begin so.
    case settings(prefix: String)
  }

  /// The watcher's name in the catalog.
  package let name: String
  /// The tool's name for people.
  package let title: String
  let matches: @Sendable (Evidence) -> Bool
  var rules: [Rule] = []
  var infos: [Info] = []
  /// Keys of `run` that the fields' names do not tell.
  var run: [(key: String, value: String)] = []
  /// What the folders right above the logs are, the deepest last: the name of a capture, `*`, or empty for what the logs
  /// themselves say.
  var folders: [String] = []
  /// Names of the folders that may stand above those of the runs, one for each task.
  var tasks: Set<String> = []
  /// The pattern of their files' names, if the tool has one.
  var file: String?
  /// Whether a log that lies with checkpoints is written beside their folders, too, where the run ends.
  var endsBesideCheckpoints = false

  /// What the folders of these logs are.
  func folders(of paths: [[String]]) -> [String] {
    let isByTask = paths.allSatisfy { path in path.count > 2 && tasks.contains(path[path.count - 3].lowercased()) }
    return isByTask ? ["task", "run"] : folders
  }

  init(
    _ name: String,
    _ title: String,
    rules: [Rule] = [],
    infos: [Info] = [],
    run: [(key: String, value: String)] = [],
    folders: [String] = [],
    tasks: Set<String> = [],
    file: String? = nil,
    endsBesideCheckpoints: Bool = false,
    matches: @escaping @Sendable (Evidence) -> Bool
  ) {
    (self.name, self.title, self.matches, self.rules, self.run) = (name, title, matches, rules, run)
    (self.infos, self.folders, self.tasks, self.file) = (infos, folders, tasks, file)
    self.endsBesideCheckpoints = endsBesideCheckpoints
  }
}

/// All tools that are known, those first that are told most surely. A tool more is one more line here.
package enum Recognizers {
  package static let all: [Recognizer] = [
    .tensorboard, .wandb, .mlflow, .ultralytics, .llamaFactory, .trainerState, .transformersConsole,
    .transformersResults, .mmengine, .mmdetection,
    .torchtune,
    .stableBaselines3, .stableBaselines3Monitor, .rllib, .deepmd, .nnunet, .xgboost, .lightgbm, .catboost, .fairseq,
    .openNMT, .marian, .darknet, .megatron, .detectron2, .spacy, .skorch, .lightning, .keras,
  ]

  package static func recognize(_ evidence: Recognizer.Evidence) -> Recognizer? {
    all.first { $0.matches(evidence) }
  }
}
