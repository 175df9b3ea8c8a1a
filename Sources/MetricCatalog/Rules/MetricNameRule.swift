internal import Diagnostics

/// Metric names are the classic ones, and not those that the exporter or Prometheus write themselves.
enum MetricNameRule: Rule {
  static let ids = [name, reserved, prefix]

  /// What the exporter says of its own process.
  private static let standard: Set = [
    "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_virtual_memory_bytes",
    "process_virtual_memory_max_bytes", "process_resident_memory_bytes", "process_heap_bytes",
    "process_start_time_seconds", "process_threads",
  ]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      let text = metric.name.value
      if !NameSyntax.isMetricName(text) {
        report.add(
          name,
          "`\(text)` is not a valid metric name",
          at: metric.name.range,
          help: "use letters, digits, `_` and `:`, not a digit first and not `__` first"
        )
      } else if text.hasPrefix("training_exporter_") || standard.contains(text) {
        report.add(reserved, "`\(text)` is a metric of the exporter itself", at: metric.name.range)
      } else if text.hasPrefix("process_") || text.hasPrefix("scrape_") || text == "up" {
        let message = "Prometheus and its clients use names such as `\(text)` themselves"
        report.add(prefix, message, at: metric.name.range, waivedBy: [metric.allow])
      }
    }
  }
}

/// The classic names of Prometheus.
enum NameSyntax {
  static func isMetricName(_ name: String) -> Bool {
    isName(name, allowsColon: true) && !name.hasPrefix("__")
  }

  /// `le` and `quantile` are what histograms and summaries add themselves.
  static func isLabelName(_ name: String) -> Bool {
    isName(name, allowsColon: false) && !name.hasPrefix("__") && name != "le" && name != "quantile"
  }

  private static func isName(_ name: String, allowsColon: Bool) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "_"): true
      case UInt8(ascii: ":"): allowsColon
      default: false
      }
    }
  }
}

extension MetricNameRule {
  private static let name = RuleID(
    "metric/name",
    .error,
    "a metric's name is not `[a-zA-Z_:][a-zA-Z0-9_:]*`, or begins with `__`",
    why: """
      Prometheus refuses the whole scrape for one name that it cannot read, so every metric of the exporter would be \
      gone.
      """,
    remedy: """
      Use letters, digits and `_`; begin with a letter. Replace blanks, dots, slashes and hyphens with `_`. The name \
      in the log need not change: `fields` maps it.
      """,
    triggers: """
      metrics:
        train-loss: { type: gauge, help: Training loss }
      """,
    passes: """
      metrics:
        train_loss: { type: gauge, help: Training loss }
      """
  )

  private static let reserved = RuleID(
    "metric/reserved-name",
    .error,
    "a metric's name is one of the exporter's own",
    why: """
      The exporter serves metrics of its own under this name. Two metrics of one name make the scrape invalid, or mix \
      your numbers with those of the exporter's process.
      """,
    remedy: """
      Put the name of your program in front, as in `trainer_process_threads`.
      """,
    triggers: """
      metrics:
        process_threads: { type: gauge, help: Threads of the trainer }
      """,
    passes: """
      metrics:
        trainer_threads: { type: gauge, help: Threads of the trainer }
      """
  )

  private static let prefix = RuleID(
    "metric/reserved-prefix",
    .warning,
    "a metric's name begins with `process_` or `scrape_`, or is `up`",
    why: """
      Prometheus writes `up` and `scrape_…` for every target, and its clients write `process_…` about themselves. A \
      dashboard that reads such a name for all jobs would take your metric for theirs.
      """,
    remedy: """
      Rename it. If it is the same thing, measured the same way, keep the name with `allow: \
      [metric/reserved-prefix]`.
      """,
    triggers: """
      metrics:
        process_restarts: { type: gauge, help: Restarts of the trainer }
      """,
    passes: """
      metrics:
        trainer_restarts: { type: gauge, help: Restarts of the trainer }
      """
  )
}
