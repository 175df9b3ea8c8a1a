/// An alert: when it fires, what it says, and by what it is tried.
struct AlertRule: Sendable {
  /// As people call it. Alerts about several metrics may have one name, and then differ in `labels`.
  var name: String
  /// What gives a series for each thing that is wrong.
  var expression: OpenText
  /// How long that has to be so: `for`.
  var hold: Setting?
  var severity: Severity
  /// Labels that it adds, besides its severity.
  var labels: [(name: String, value: String)]
  /// What is wrong, in one line.
  var summary: AlertText
  /// What it means, and what to look at first.
  var description: AlertText
  /// When it fires, and when it does not.
  var scenario: AlertScenario

  init(
    _ name: String,
    _ severity: Severity,
    when expression: OpenText,
    for hold: Setting? = nil,
    labels: [(name: String, value: String)] = [],
    summary: AlertText,
    description: AlertText,
    scenario: AlertScenario
  ) {
    self.name = name
    self.expression = expression
    self.hold = hold
    self.severity = severity
    self.labels = labels
    self.summary = summary
    self.description = description
    self.scenario = scenario
  }

  /// How soon somebody has to do something.
  enum Severity: String, Sendable {
    /// A training has ended, and what it has cost is at stake.
    case critical
    /// Somebody should look today.
    case warning
    /// Good to know when something else is wrong.
    case info

    var setting: Setting {
      switch self {
      case .critical: Setting("criticalSeverity", rawValue, "The label `severity` of alerts that nobody may miss")
      case .warning: Setting("warningSeverity", rawValue, "The label `severity` of alerts to look at today")
      case .info: Setting("infoSeverity", rawValue, "The label `severity` of alerts that are good to know")
      }
    }
  }
}

extension OpenText {
  private static let gap = Setting(
    "gapMax",
    "5m",
    "How long a state is taken to go on while the exporter is not scraped, so that its alert is not told twice"
  )

  /// What series had last, also where a scrape has just failed or the exporter starts again: else that would end an alert
  /// without `for`, and the next scrape would begin it anew.
  var acrossGaps: OpenText { "last_over_time(\(self)[\(setting: Self.gap)])" }
}

/// A query whose result Prometheus keeps as a metric, since alerts and dashboards need it often.
struct RecordingRule: Sendable {
  /// `LEVEL:METRIC:OPERATIONS`, as is usual.
  var name: String
  var expression: OpenText
}

/// Series with which an alert fires, and the same where all is well.
struct AlertScenario: Sendable {
  struct Series: Sendable {
    var name: String
    var labels: [String: String]
    var firing: Values
    var healthy: Values

    init(_ name: String, _ labels: [String: String] = [:], firing: Values, healthy: Values) {
      self.name = name
      self.labels = labels
      self.firing = firing
      self.healthy = healthy
    }
  }

  /// What a series has, minute by minute.
  enum Values: Sendable, Hashable {
    case always(Double)
    /// More by so much each minute, from 0.
    case growing(Double)
    /// One number for some minutes, then another.
    case changing(Double, minutes: Int, Double)
    /// It ends after some minutes.
    case ending(Double, minutes: Int)
    case notANumber
    case absent
  }

  var series: [Series]
  /// When it is looked at: after so many minutes.
  var minutes: Int
  /// The labels of what fires that its series have, besides `job` and `instance`.
  var labels: [String: String]
  /// The value of what fires, as the texts write it.
  var value: String

  /// - Parameter series: what there is, the same each time it is needed: where all is well, the alerts of a catalog are
  ///   tried together.
  init(after minutes: Int, labels: [String: String] = [:], value: String = "", _ series: [Series]) {
    self.series = series
    self.minutes = minutes
    self.labels = labels
    self.value = value
  }
}
