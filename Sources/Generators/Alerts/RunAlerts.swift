internal import MetricCatalog

/// How trainings end or stand still.
///
/// An old log is no news: whatever ended, or wrote its last record, longer than a day ago is left alone. So an exporter that
/// begins beside a hundred old runs says nothing of them.
enum RunAlerts {
  static func all(_ scene: RuleScene) -> [AlertRule] {
    let hasProcesses = scene.feeds.runs.contains { !$0.processes.isEmpty }
    let hasCheckpoints = scene.feeds.runs.contains { !$0.checkpoints.isEmpty }
    return [
      scene.feeds.hasRuns ? stalled(scene) : nil,
      scene.feeds.hasRuns ? failed(scene) : nil,
      hasProcesses ? killed(scene) : nil,
      scene.feeds.hasRuns ? vanished(scene) : nil,
      hasCheckpoints ? checkpointOld(scene) : nil,
      silent(scene),
    ].compactMap(\.self)
  }

  static let state = "training_exporter_run_state"
  static let lastRecord = "training_exporter_run_last_record_timestamp_seconds"
  private static let end = "training_exporter_run_end_timestamp_seconds"
  private static let checkpoint = "training_exporter_run_checkpoint_timestamp_seconds"
  private static let newestRecord = "training_exporter_last_record_timestamp_seconds"

  static let newsSeconds = Setting(
    "newsSeconds",
    "86400",
    "For how many seconds after its last record, or its end, a training is worth an alert"
  )
  private static let checkpointSeconds = Setting(
    "checkpointMaxSeconds",
    "7200",
    "How old the newest checkpoint of a run that goes on may become, in seconds"
  )
  private static let checkpointHold = Setting(
    "checkpointFor",
    "30m",
    "How long a run goes on with a checkpoint that is too old"
  )
  private static let silentSeconds = Setting(
    "silentSeconds",
    "3600",
    "For how many seconds the logs of a watcher without `run` may have nothing new"
  )

  /// The runs in a state.
  static func runs(in state: String) -> OpenText {
    "\(series: Self.state, .equal(Self.state, state)) == 1"
  }

  /// Of runs in a state those for which something was not long ago.
  private static func runs(in state: String, since metric: String) -> OpenText {
    let states: OpenText = "\(series: Self.state, .equal(Self.state, state))"
    let time: OpenText = "\(series: metric)"
    return """
      \(states.acrossGaps) == 1
        and ignoring (\(Self.state)) time() - \(time.acrossGaps) < \(setting: newsSeconds)
      """
  }

  /// A run that is in a state when the alert fires, and goes on when all is well.
  private static func scenario(_ state: String, since metric: String, _ scene: RuleScene) -> AlertScenario {
    var labels = scene.runLabels
    let time = AlertScenario.Series(
      metric,
      labels,
      firing: .always(0),
      healthy: metric == lastRecord ? .growing(60) : .absent
    )
    labels[Self.state] = state
    return AlertScenario(
      after: 10,
      labels: labels,
      [.init(Self.state, labels, firing: .always(1), healthy: .always(0)), time, running(scene)]
    )
  }

  /// The state of a run that goes on where all is well.
  private static func running(_ scene: RuleScene) -> AlertScenario.Series {
    let labels = scene.runLabels.merging([state: "running"]) { _, new in new }
    return .init(state, labels, firing: .always(0), healthy: .always(1))
  }

  private static func stalled(_ scene: RuleScene) -> AlertRule {
    AlertRule(
      "TrainingStalled",
      .warning,
      when: runs(in: "stalled", since: lastRecord),
      summary: "\(scene.run) has written nothing for longer than it ever takes",
      description: """
        It may hang: in a collective operation, on a disk, or for want of data. The exporter's page shows the last lines of \
        its logs and what its processes wait for.
        """,
      scenario: scenario("stalled", since: lastRecord, scene)
    )
  }

  private static func failed(_ scene: RuleScene) -> AlertRule {
    AlertRule(
      "TrainingFailed",
      .critical,
      when: runs(in: "failed", since: end),
      summary: "\(scene.run) has failed",
      description: """
        Its log or a file beside it says so, or a traceback was the last that it wrote. The exporter's page shows the last \
        lines of its logs.
        """,
      scenario: scenario("failed", since: end, scene)
    )
  }

  private static func killed(_ scene: RuleScene) -> AlertRule {
    AlertRule(
      "TrainingKilled",
      .critical,
      when: runs(in: "killed", since: end),
      summary: "\(scene.run) was killed: its process has gone before it was done",
      description: """
        Somebody or something ended it: the kernel for want of memory, a scheduler, a restart. The exporter's page shows \
        out-of-memory kills and what its processes did last.
        """,
      scenario: scenario("killed", since: end, scene)
    )
  }

  private static func vanished(_ scene: RuleScene) -> AlertRule {
    AlertRule(
      "TrainingVanished",
      .warning,
      when: runs(in: "vanished", since: end),
      summary: "\(scene.run) has vanished: its files have gone before it was done",
      description: "They were deleted or moved, or what they lie on is no longer mounted. No checkpoint may be left.",
      scenario: scenario("vanished", since: end, scene)
    )
  }

  private static func checkpointOld(_ scene: RuleScene) -> AlertRule {
    AlertRule(
      "TrainingCheckpointOld",
      .warning,
      when: """
        time() - \(series: checkpoint) > \(setting: checkpointSeconds)
          and ignoring (\(state)) \(runs(in: "running"))
        """,
      for: checkpointHold,
      summary: "\(scene.run) goes on, and saved its last checkpoint \(value: .duration) ago",
      description: """
        If it ended now, all since then would be lost. Look for a full disk, for errors of saving in its log, and at how \
        often it is told to save.
        """,
      scenario: AlertScenario(
        after: 180,
        labels: scene.runLabels,
        value: "3h 0m 0s",
        [
          .init(checkpoint, scene.runLabels, firing: .always(0), healthy: .growing(60)),
          .init(
            state,
            scene.runLabels.merging([state: "running"]) { _, new in new },
            firing: .always(1),
            healthy: .always(1)
          ),
        ]
      )
    )
  }

  /// Where no run is told of, only that nothing comes any more can be seen.
  private static func silent(_ scene: RuleScene) -> AlertRule? {
    let watchers = scene.catalog.watchers.filter { watcher in
      // Services and files of settings have nothing to say for hours.
      watcher.run == nil && watcher.format.name != "yaml" && !ScrapeConfig.isOfInference(watcher, scene.catalog)
    }
    guard let first = watchers.first else { return nil }
    let names = watchers.map { RegularText.quoted($0.name) }.joined(separator: "|")
    let matchers: [LabelMatcher] =
      watchers.count == scene.catalog.watchers.count
      ? [] : [watchers.count == 1 ? .equal("watcher", first.name) : .matches("watcher", names)]
    let age: OpenText = "time() - \(series: newestRecord, matching: matchers)"
    let labels = ["watcher": first.name]
    return AlertRule(
      "TrainingSilent",
      .warning,
      when: """
        \(age) > \(setting: silentSeconds)
          and \(age) < \(setting: newsSeconds)
        """,
      summary: "The logs of \(label: "watcher") on \(label: "instance") have had nothing new for \(value: .duration)",
      description: """
        The training hangs, has ended, or writes elsewhere. With `run:` in its watcher the exporter tells these apart.
        """,
      scenario: AlertScenario(
        after: 120,
        labels: labels,
        value: "2h 0m 0s",
        [.init(newestRecord, labels, firing: .always(0), healthy: .growing(60))]
      )
    )
  }
}
