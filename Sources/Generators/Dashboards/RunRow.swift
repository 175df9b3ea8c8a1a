internal import MetricCatalog
internal import Runs

/// The row with what the exporter tells of runs by itself.
struct RunRow {
  /// The labels that the catalog gives runs. Trainings on two machines often have one name, so what is asked is asked by
  /// `instance` too.
  private let labels: [String]
  private let matchers: [LabelMatcher]
  private let feeds: Feeds

  /// Whether the catalog's own metrics show losses of runs.
  private let hasLosses: Bool

  init(_ catalog: Catalog, _ feeds: Feeds, matching matchers: [LabelMatcher]) {
    self.feeds = feeds
    hasLosses = catalog.metrics.indices.contains {
      MetricWords(catalog.metrics[$0]).isLoss && feeds.isOfRuns($0, catalog)
    }
    self.matchers = matchers
    labels = feeds.runLabels
  }

  /// Nil where no watcher tells of runs.
  var row: PanelRow? {
    guard feeds.hasRuns else { return nil }
    return PanelRow(
      title: "Runs",
      panels: [table, states, progress, pace] + [loss, score, notFinite, checkpoints].compactMap(\.self)
    )
  }

  private var by: [String] { ["instance"] + labels }

  private func newest(_ name: String) -> OpenText {
    let series: OpenText = "\(series: "training_exporter_run_\(name)", matching: matchers)"
    return "\(Aggregation.text("max", by: by))(\(series))"
  }

  private var legend: String {
    (labels.isEmpty ? ["instance"] : labels).map { "{{\($0)}}" }.joined(separator: " ")
  }

  private func query(_ expression: OpenText) -> Panel.Query { .init(expression: expression, legend: legend) }

  private static let states = RunState.allCases.map { state in
    let color =
      switch state {
      case .starting: "blue"
      case .running: "green"
      case .stalled: "orange"
      case .finished: "super-light-green"
      case .failed, .killed: "red"
      case .vanished: "purple"
      }
    return Panel.State(name: state.rawValue, color: color)
  }

  private var stateCode: OpenText {
    StateQuery.code(
      of: "training_exporter_run_state",
      Self.states.map(\.name),
      matching: matchers,
      by: by
    )
  }

  private var table: Panel {
    let hasScore = feeds.runs.contains { $0.score != nil }
    let columns: [(Panel.Column, OpenText)?] = [
      (.init(title: "State", states: Self.states), stateCode),
      (.init(title: "Progress", unit: .share, isBar: true), newest("progress_ratio")),
      (.init(title: "Epoch or step"), "\(newest("epoch")) or \(newest("step"))"),
      (.init(title: "Loss"), newest("loss")),
      hasScore ? (.init(title: "Best score"), newest("best_score")) : nil,
      (.init(title: "Last record", unit: .fromNow), "\(newest("last_record_timestamp_seconds")) * 1000"),
      (.init(title: "Expected end", unit: .fromNow), "\(newest("expected_end_timestamp_seconds")) * 1000"),
    ]
    let there = columns.compactMap(\.self)
    return Panel(
      key: "runs/table",
      title: "Runs",
      about: "What each run does, how far it is, and when it will be done if it goes on at its pace.",
      kind: .table(there.map(\.0)),
      width: 24,
      queries: there.map { query($0.1) }
    )
  }

  private var states: Panel {
    Panel(
      key: "runs/states",
      title: "States",
      about: "When each run ran, hung, or ended, and how.",
      kind: .states(Self.states),
      width: 24,
      queries: [query(stateCode)]
    )
  }

  private var progress: Panel {
    Panel(
      key: "runs/progress",
      title: "Progress",
      about: "The share of the planned steps or epochs that is done. A run without a plan has none.",
      unit: .share,
      bounds: 0...1,
      queries: [query(newest("progress_ratio"))]
    )
  }

  private var pace: Panel {
    Panel(
      key: "runs/pace",
      title: "Time for an epoch, or for a step",
      about: "The median of the latest. It is of epochs where a run tells them, else of steps.",
      unit: .seconds,
      queries: [query("\(newest("epoch_seconds")) or \(newest("step_seconds"))")]
    )
  }

  private var loss: Panel? {
    guard !hasLosses else { return nil }
    return Panel(
      key: "runs/loss",
      title: "Loss of the run",
      about: "The newest loss, as `run:` in the catalog names it.",
      calculations: ["lastNotNull", "min"],
      queries: [query(newest("loss"))]
    )
  }

  private var score: Panel? {
    guard feeds.runs.contains(where: { $0.score != nil }) else { return nil }
    return Panel(
      key: "runs/score",
      title: "Best score so far",
      about: "The best value of what the catalog calls the score of a run.",
      queries: [query(newest("best_score"))]
    )
  }

  private var notFinite: Panel {
    // A run may have a label of that name.
    let field = labels.contains("field") ? "training_exporter_run_field" : "field"
    let sum = Aggregation.text("sum", by: by + [field])
    let values: OpenText = "\(series: "training_exporter_run_non_finite_values_total", matching: matchers)"
    return Panel(
      key: "runs/non-finite",
      title: "Values that are NaN or infinite",
      about: "How many there were since the point before, by field.",
      shortestInterval: "2m",
      queries: [
        .init(
          expression: "\(sum)(increase(\(values)[$__rate_interval]))",
          legend: "\(legend) {{\(field)}}"
        )
      ]
    )
  }

  private var checkpoints: Panel? {
    guard feeds.runs.contains(where: { !$0.checkpoints.isEmpty }) else { return nil }
    return Panel(
      key: "runs/checkpoints",
      title: "Age of the newest checkpoint",
      about: "What would be lost if the run ended now. Runs that have ended are not shown.",
      unit: .seconds,
      queries: [
        query("time() - \(newest("checkpoint_timestamp_seconds"))\nunless \(newest("end_timestamp_seconds"))")
      ]
    )
  }
}
