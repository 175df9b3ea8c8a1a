/// Whether the numbers can be trusted: what the exporter says of itself.
enum ExporterAlerts {
  static func all(_ scene: RuleScene) -> [AlertRule] {
    let hasSources = !(scene.catalog.watchers.isEmpty && scene.catalog.collectors.isEmpty)
    let reading = [
      readErrors(scene), bytesLost(scene), recordsMalformed(scene), limitReached(scene), behind(scene),
    ]
    return [down()] + (hasSources ? [sourceUnreadable(scene)] : [])
      + (scene.catalog.watchers.isEmpty ? [] : reading)
      + (scene.catalog.metrics.isEmpty ? [] : [valuesRejected(scene), seriesNearLimit(scene)])
      + [stateNotSaved(), reloadFailed(), webReloadFailed()]
  }

  private static let prefix = "training_exporter_"

  private static let downHold = Setting("exporterDownFor", "5m", "How long an exporter cannot be scraped")
  private static let unreadableHold = Setting("sourceUnreadableFor", "10m", "How long a source cannot be read")
  private static let readErrorsHold = Setting(
    "readErrorsFor",
    "10m",
    "How long attempts to read a log fail again and again"
  )
  private static let malformedShare = Setting(
    "malformedRatio",
    "0.05",
    "The share of a watcher's records that may be malformed"
  )
  private static let malformedHold = Setting("malformedFor", "15m", "How long too many records are malformed")
  private static let behindBytes = Setting("behindMaxBytes", "1048576", "How many bytes of logs may wait to be read")
  private static let behindHold = Setting("behindFor", "15m", "How long too many bytes wait to be read")
  private static let seriesShare = Setting(
    "seriesLimitRatio",
    "0.9",
    "The share of its limit that the series of a metric may have"
  )
  private static let seriesHold = Setting("seriesLimitFor", "10m", "How long a metric is near its limit")

  /// The name of the first watcher, which examples are about.
  private static func watcher(_ scene: RuleScene) -> String { scene.catalog.watchers.first?.name ?? "log" }

  private static func down() -> AlertRule {
    AlertRule(
      "TrainingExporterDown",
      .warning,
      when: """
        \(series: "up") == 0
          and on (job, instance) last_over_time(\(series: prefix + "build_info")[1d])
        """,
      for: downHold,
      summary: "The exporter at \(label: "instance") cannot be scraped",
      description: """
        Nothing is known of its trainings meanwhile; what they write is read later. Look at whether the machine and the \
        exporter run (`systemctl status training-exporter`), and at the error that Prometheus shows beside the target.
        """,
      scenario: AlertScenario(
        after: 30,
        [
          .init("up", firing: .changing(1, minutes: 5, 0), healthy: .always(1)),
          .init(prefix + "build_info", ["version": "1"], firing: .ending(1, minutes: 5), healthy: .always(1)),
        ]
      )
    )
  }

  private static func sourceUnreadable(_ scene: RuleScene) -> AlertRule {
    let labels = ["source": scene.catalog.watchers.first?.name ?? scene.catalog.collectors.first?.name ?? "log"]
    return AlertRule(
      "TrainingSourceUnreadable",
      .warning,
      when: "\(series: prefix + "up") == 0",
      for: unreadableHold,
      summary: "The exporter at \(label: "instance") cannot read \(label: "source")",
      description: """
        Its metrics stand still or have ended. The exporter's log says why: mostly a permission, a mount, or a driver that is \
        not there.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: labels,
        [.init(prefix + "up", labels, firing: .always(0), healthy: .always(1))]
      )
    )
  }

  private static func readErrors(_ scene: RuleScene) -> AlertRule {
    let labels = ["watcher": watcher(scene), "reason": "permission"]
    return AlertRule(
      "TrainingReadErrors",
      .warning,
      // Shorter than the time that it has to hold: one error alone is none that goes on.
      when: "rate(\(series: prefix + "read_errors_total")[5m]) > 0",
      for: readErrorsHold,
      summary: "Logs of \(label: "watcher") on \(label: "instance") cannot be read: \(label: "reason")",
      description: "What these logs say is missing from the metrics. The exporter's log names the first of them.",
      scenario: AlertScenario(
        after: 30,
        labels: labels,
        [.init(prefix + "read_errors_total", labels, firing: .growing(1), healthy: .always(0))]
      )
    )
  }

  private static func bytesLost(_ scene: RuleScene) -> AlertRule {
    let labels = ["watcher": watcher(scene)]
    return AlertRule(
      "TrainingBytesLost",
      .warning,
      when: "increase(\(series: prefix + "lost_bytes_total")[1h]) > 0",
      summary: "Logs of \(label: "watcher") on \(label: "instance") went away before they were read",
      description: """
        In the last hour a log was deleted or cut with a part that the exporter had not read yet: counters and histograms \
        lack it. Have logs rotated less eagerly, or look at why the exporter was behind.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: labels,
        [.init(prefix + "lost_bytes_total", labels, firing: .changing(0, minutes: 40, 4096), healthy: .always(0))]
      )
    )
  }

  private static func recordsMalformed(_ scene: RuleScene) -> AlertRule {
    let watcher = ["watcher": watcher(scene)]
    func labels(_ outcome: String) -> [String: String] { watcher.merging(["outcome": outcome]) { _, new in new } }
    let records = prefix + "records_total"
    return AlertRule(
      "TrainingRecordsMalformed",
      .warning,
      when: """
        rate(\(series: records, .equal("outcome", "malformed"))[10m])
          / ignoring (outcome) sum without (outcome) (rate(\(series: records)[10m])) > \(setting: malformedShare)
        """,
      for: malformedHold,
      summary: "\(value: .share) of what the logs of \(label: "watcher") on \(label: "instance") say cannot be parsed",
      description: """
        The tool writes in another form than the catalog expects, or two programs write into one file. \
        `training-exporter explain` shows the lines.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: watcher,
        value: "50%",
        [
          .init(records, labels("malformed"), firing: .growing(1), healthy: .always(0)),
          .init(records, labels("mapped"), firing: .growing(1), healthy: .growing(1)),
        ]
      )
    )
  }

  private static func limitReached(_ scene: RuleScene) -> AlertRule {
    let labels = ["watcher": watcher(scene), "limit": "field_names"]
    return AlertRule(
      "TrainingLimitReached",
      .warning,
      when: "increase(\(series: prefix + "limits_reached_total")[1h]) > 0",
      summary: """
        A limit leaves something of the logs of \(label: "watcher") on \(label: "instance") unread: \(label: "limit")
        """,
      description: """
        Logs of ordinary trainings reach none. The exporter's log says what was left out, and its documentation what each \
        limit means.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: labels,
        [.init(prefix + "limits_reached_total", labels, firing: .changing(0, minutes: 40, 1), healthy: .always(0))]
      )
    )
  }

  private static func behind(_ scene: RuleScene) -> AlertRule {
    let labels = ["watcher": watcher(scene)]
    return AlertRule(
      "TrainingBehind",
      .info,
      when: "\(series: prefix + "behind_bytes") > \(setting: behindBytes)",
      for: behindHold,
      summary: "The exporter at \(label: "instance") is \(value: .bytes)B behind the logs of \(label: "watcher")",
      description: """
        What it shows is older than what the logs say. It may lack CPU time, or what the logs lie on is slow.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: labels,
        value: "4Mi",
        [.init(prefix + "behind_bytes", labels, firing: .always(4_194_304), healthy: .always(0))]
      )
    )
  }

  private static func valuesRejected(_ scene: RuleScene) -> AlertRule {
    let labels = ["metric": scene.catalog.metrics[0].name, "label": "run", "reason": "label_max_values"]
    return AlertRule(
      "TrainingValuesRejected",
      .info,
      when: "increase(\(series: prefix + "rejections_total")[1h]) > 0",
      summary: "Values of \(label: "metric") on \(label: "instance") are refused: \(label: "reason")",
      description: """
        The catalog does not allow them, so they are missing. The page of the exporter shows which values were refused, and \
        `training-exporter explain` where they come from.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: labels,
        [.init(prefix + "rejections_total", labels, firing: .growing(1), healthy: .always(1))]
      )
    )
  }

  private static func seriesNearLimit(_ scene: RuleScene) -> AlertRule {
    let labels = ["metric": scene.catalog.metrics[0].name]
    return AlertRule(
      "TrainingSeriesNearLimit",
      .info,
      when: "\(series: prefix + "series") / \(series: prefix + "series_limit") > \(setting: seriesShare)",
      for: seriesHold,
      summary: "\(label: "metric") on \(label: "instance") has \(value: .share) of the series that it may have",
      description: """
        What comes beyond its limit is refused, and so missing. Raise `max_series` in the catalog, or have a label give up \
        old values: `evict: oldest`.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: labels,
        value: "95%",
        [
          .init(prefix + "series", labels, firing: .always(95), healthy: .always(10)),
          .init(prefix + "series_limit", labels, firing: .always(100), healthy: .always(100)),
        ]
      )
    )
  }

  private static func stateNotSaved() -> AlertRule {
    AlertRule(
      "TrainingStateNotSaved",
      .warning,
      when: "increase(\(series: prefix + "state_write_failures_total")[15m]) > 0",
      summary: "The exporter at \(label: "instance") cannot save what it has read",
      description: """
        After a restart it goes on from where it was when it last saved, and what logs have lost since then is missing. The \
        folder of its state is full, or not its own: its log says which.
        """,
      scenario: AlertScenario(
        after: 30,
        [.init(prefix + "state_write_failures_total", firing: .growing(1), healthy: .always(0))]
      )
    )
  }

  private static func reloadFailed() -> AlertRule {
    AlertRule(
      "TrainingReloadFailed",
      .warning,
      when: "\(series: prefix + "config_last_reload_successful") == 0",
      summary: "The exporter at \(label: "instance") could not load its catalog anew",
      description: """
        It goes on with the former one, and will not start with this one. `training-exporter validate` shows the mistakes.
        """,
      scenario: AlertScenario(
        after: 10,
        [.init(prefix + "config_last_reload_successful", firing: .always(0), healthy: .always(1))]
      )
    )
  }

  private static func webReloadFailed() -> AlertRule {
    AlertRule(
      "TrainingWebReloadFailed",
      .warning,
      when: "\(series: prefix + "web_config_last_reload_successful") == 0",
      summary: "The exporter at \(label: "instance") could not load its web configuration anew",
      description: """
        It goes on with the former one: a certificate that was renewed may end. The exporter's log shows the mistakes.
        """,
      scenario: AlertScenario(
        after: 10,
        [.init(prefix + "web_config_last_reload_successful", firing: .always(0), healthy: .always(1))]
      )
    )
  }
}
