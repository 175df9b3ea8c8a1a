internal import MetricCatalog
internal import MetricModel

/// How the loss of trainings goes.
enum LossAlerts {
  static func all(_ scene: RuleScene) -> [AlertRule] {
    let runs = scene.feeds.hasRuns ? [runDiverged(scene), runLossHigh(scene)] : []
    return runs + gauges(scene).flatMap { [diverged($0), lossHigh($0)] }
  }

  static func recorded(_ scene: RuleScene) -> [RecordingRule] {
    let runs = scene.feeds.hasRuns ? [best(of: runLoss, as: runBest)] : []
    return runs + gauges(scene).map { best(of: $0.name, as: bestName($0)) }
  }

  private static let runLoss = "training_exporter_run_loss"
  private static let runBest = "run:training_exporter_run_loss:min1d"
  private static let runDiverged = "training_exporter_run_diverged"

  private static let factor = Setting(
    "lossHighFactor",
    "3",
    "How many times its best of the last day the loss of a run may be"
  )
  private static let hold = Setting("lossHighFor", "10m", "How long a loss is too high")

  /// What is logged as a loss where no watcher tells of runs.
  private static func gauges(_ scene: RuleScene) -> [MetricDescriptor] {
    scene.catalog.metrics.indices.filter { index in
      let metric = scene.catalog.metrics[index]
      let words = metric.name.lowercased().split { $0 == "_" || $0 == ":" }
      let readings = scene.catalog.collectors.flatMap(\.readings).flatMap(\.targets)
      return metric.type == .gauge && metric.deprecated == nil && words.contains("loss") && !words.contains("packet")
        && scene.feeds.watchers[index].allSatisfy { $0.run == nil } && !readings.contains { $0.metric == index }
    }.map { scene.catalog.metrics[$0] }
  }

  private static func best(of metric: String, as name: String) -> RecordingRule {
    RecordingRule(name: name, expression: "min_over_time(\(series: metric)[1d])")
  }

  private static func bestName(_ metric: MetricDescriptor) -> String { "series:\(metric.name):min1d" }

  // MARK: Of runs

  private static func runDiverged(_ scene: RuleScene) -> AlertRule {
    let diverged: OpenText = "\(series: runDiverged)"
    let lastRecord: OpenText = "\(series: RunAlerts.lastRecord)"
    return AlertRule(
      "TrainingDiverged",
      .warning,
      when: """
        \(diverged.acrossGaps) == 1
          and time() - \(lastRecord.acrossGaps) < \(setting: RunAlerts.newsSeconds)
        """,
      summary: "\(scene.run) has a loss that is no number any more",
      description: """
        Its newest loss is NaN or infinite, and seldom recovers. Stop it, go back to a checkpoint before that, and look at \
        the learning rate, the precision and the data of that step.
        """,
      scenario: AlertScenario(
        after: 10,
        labels: scene.runLabels,
        [
          .init(runDiverged, scene.runLabels, firing: .always(1), healthy: .always(0)),
          .init(RunAlerts.lastRecord, scene.runLabels, firing: .always(0), healthy: .growing(60)),
        ]
      )
    )
  }

  private static func runLossHigh(_ scene: RuleScene) -> AlertRule {
    let running = scene.runLabels.merging([RunAlerts.state: "running"]) { _, new in new }
    return AlertRule(
      "TrainingLossHigh",
      .warning,
      when: """
        \(series: runLoss) > \(setting: factor) * (\(series: runBest) > 0)
          and ignoring (\(RunAlerts.state)) \(RunAlerts.runs(in: "running"))
        """,
      for: hold,
      summary: "\(scene.run) has a loss of \(value: .number), far above its best of the last day",
      description: """
        The training may have lost what it had learned. Compare its curve with the learning rate and the norm of the \
        gradients; a checkpoint from before may be the better one.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: scene.runLabels,
        value: "2.5",
        [
          .init(runLoss, scene.runLabels, firing: .changing(0.5, minutes: 20, 2.5), healthy: .always(0.5)),
          .init(RunAlerts.state, running, firing: .always(1), healthy: .always(1)),
        ]
      )
    )
  }

  // MARK: Of gauges

  /// Names whose loss it is, by the labels of the metric.
  private static func subject(_ metric: MetricDescriptor) -> AlertText {
    RuleScene.subject(metric.name, metric.labels.map { Feeds.targetLabel($0.name) })
  }

  private static func labels(_ metric: MetricDescriptor) -> [String: String] {
    let labels = metric.labels.map { (Feeds.targetLabel($0.name), RuleScene.example(of: $0)) }
    return Dictionary(labels) { first, _ in first }
  }

  /// A label with which alerts of several metrics are told apart.
  private static func mark(_ metric: MetricDescriptor) -> [(name: String, value: String)] {
    let isTaken = metric.labels.contains { $0.name == "metric" }
    return [(isTaken ? "training_exporter_metric" : "metric", metric.name)]
  }

  private static func diverged(_ metric: MetricDescriptor) -> AlertRule {
    let loss: OpenText = "\(series: metric.name)"
    return AlertRule(
      "TrainingDiverged",
      .warning,
      when: "\(loss) != \(loss) or abs(\(loss)) == Inf",
      labels: mark(metric),
      summary: "\(subject(metric)) is no number any more",
      description: """
        The newest loss is NaN or infinite, and seldom recovers. Stop the training, go back to a checkpoint before that, \
        and look at the learning rate, the precision and the data of that step.
        """,
      scenario: AlertScenario(
        after: 10,
        labels: labels(metric),
        [.init(metric.name, labels(metric), firing: .notANumber, healthy: .always(0.5))]
      )
    )
  }

  private static func lossHigh(_ metric: MetricDescriptor) -> AlertRule {
    let loss: OpenText = "\(series: metric.name)"
    return AlertRule(
      "TrainingLossHigh",
      .warning,
      when: """
        \(loss) > \(setting: factor) * (\(series: bestName(metric)) > 0)
          and changes(\(loss)[1h]) > 0
        """,
      for: hold,
      labels: mark(metric),
      summary: "\(subject(metric)) is \(value: .number), far above its best of the last day",
      description: """
        The training may have lost what it had learned. Compare its curve with the learning rate and the norm of the \
        gradients; a checkpoint from before may be the better one.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: labels(metric),
        value: "2.5",
        [.init(metric.name, labels(metric), firing: .changing(0.5, minutes: 20, 2.5), healthy: .always(0.5))]
      )
    )
  }
}
