internal import Diagnostics
internal import LogFormats
internal import PatternSyntax
internal import YAMLSyntax

/// What a watcher's logs say of training runs, as written in `run:`.
struct RunDeclaration {
  /// How many steps or epochs are planned.
  enum Planned {
    case count(Number)
    case field(Text)

    var field: Text? {
      if case .field(let text) = self { text } else { nil }
    }
  }

  var by: Key<[Text]> = .absent
  var step: Key<[Text]> = .absent
  var epoch: Key<[Text]> = .absent
  var steps: Key<Planned> = .absent
  var epochs: Key<Planned> = .absent
  var loss: Key<Text> = .absent
  var score: Key<Text> = .absent
  var better: Key<Watcher.Run.Better> = .absent
  var time: Key<Text> = .absent
  var finished: Key<[WatcherDeclaration.ConditionText]> = .absent
  var failed: Key<[WatcherDeclaration.ConditionText]> = .absent
  var process: Key<[CollectorDeclaration.Match]> = .absent
  var checkpoints: Key<[PatternText]> = .absent
  var finishedFile: Key<[PatternText]> = .absent
  var failedFile: Key<[PatternText]> = .absent

  /// What the keys are by default.
  private static let byDefault = Watcher.Run()

  static let keys: [KeyDeclaration<Self, Watcher.Run>] = [
    .init(
      "by",
      \.by,
      .textOrTexts,
      help: """
        label, or a list of them: what tells runs apart. Default: all declared labels that the log's path settles
        """
    ),
    .init(
      "step",
      \.step,
      .textOrTexts,
      help: """
        field that says which step the run has reached, or a list of fields, of which the first that a record has counts
        """
    ),
    .init("epoch", \.epoch, .textOrTexts, help: "the same for epochs"),
    .init("steps", \.steps, planned, help: "how many steps are planned: a number, or a field that says it"),
    .init("epochs", \.epochs, planned, help: "how many epochs are planned: a number, or a field that says it"),
    .init("loss", \.loss, .text, help: "field with the training loss"),
    .init("score", \.score, .text, help: "field with the score by which the best record is told"),
    .init(
      "better",
      \.better,
      .choice(Watcher.Run.Better.allCases.map { (name: $0.rawValue, value: $0) }),
      byDefault: .string(byDefault.better.rawValue),
      help: "which score is the better one: `higher` (the default) or `lower`"
    ),
    .init(
      "time",
      \.time,
      .text,
      help: """
        field that says when the record was made: ISO 8601, or seconds or milliseconds since 1970. Default: what the format \
        has for that, such as `wall_time` of `tensorboard`, or else the modification time that the log had when the record \
        was read
        """
    ),
    .init(
      "finished",
      \.finished,
      WatcherDeclaration.conditions,
      help: "conditions, as in `where`: a record for which all of them hold says that the run has finished well"
    ),
    .init(
      "failed",
      \.failed,
      WatcherDeclaration.conditions,
      help: "conditions, as in `where`: a record for which all of them hold says that the run has failed"
    ),
    .init(
      "process",
      \.process,
      CollectorDeclaration.matches(of: "process"),
      help: """
        which processes run the training: pattern of the command line, or a list of entries as in `match` of the \
        [collector `process`](collectors.md#trainings-among-the-processes-process). Captures are labels of the run
        """
    ),
    .init(
      "checkpoints",
      \.checkpoints,
      .patterns,
      help: """
        path pattern, or a list of them: files or folders that the run saves, of which the newest is shown. Captures stand \
        for what the path of the run's log has there ([more](runs.md#marks-and-checkpoints))
        """
    ),
    .init(
      "finished_file",
      \.finishedFile,
      .patterns,
      help: """
        path pattern, or a list of them, with captures as in `checkpoints`: a file that says that the run has finished well
        """
    ),
    .init(
      "failed_file",
      \.failedFile,
      .patterns,
      help: """
        path pattern, or a list of them, with captures as in `checkpoints`: a file that says that the run has failed
        """
    ),
  ]

  /// `run:` with nothing behind it has all defaults.
  static let form: ValueForm<RunDeclaration> = {
    let mapping = ValueForm.mapping("`run`", keys, into: RunDeclaration(), needs: [("better", "score")])
    return ValueForm(.either([mapping.shape, .nothing])) { $0.isNull ? RunDeclaration() : mapping.decode($0) }
  }()

  private static let planned = ValueForm<Planned>(.text) { value in
    if let number = value.node.scalar?.double { return .count(Number(value: number, range: value.range)) }
    return value.text().map { .field($0) }
  }

  /// A watcher in which keys of `run:` that stand beside it are put below it. Alone they would be unknown keys, and `run:`
  /// with nothing behind it is right.
  static func indented(in watcher: Value) -> Value {
    func isEmptyRun(_ entry: YAMLMapping.Entry) -> Bool { entry.key.text == "run" && entry.value.range.isEmpty }
    return watcher.indented(below: isEmptyRun) { entry in keys.contains { $0.name == entry.key.text } }
  }

  /// The names of fields in it, of all its keys.
  var fields: [Text] {
    let conditions = (finished.value ?? []) + (failed.value ?? [])
    return (step.value ?? []) + (epoch.value ?? [])
      + [steps.value?.field, epochs.value?.field, loss.value, score.value, time.value].compactMap(\.self)
      + conditions.map(\.field)
  }

  /// What is said of files that are no logs, by key.
  var paths: [(name: String, key: Key<[PatternText]>)] {
    [("checkpoints", checkpoints), ("finished_file", finishedFile), ("failed_file", failedFile)]
  }

  /// The patterns of processes.
  var patterns: [PatternText] { (process.value ?? []).flatMap(\.patterns) }
}

extension WatcherDeclaration {
  /// What its logs say of runs; nil: nothing, as those of events, which cannot.
  var ownRun: RunDeclaration? { readsEvents ? nil : run.value }
}
