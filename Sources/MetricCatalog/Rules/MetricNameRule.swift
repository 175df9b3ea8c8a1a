internal import Diagnostics

/// Metric names are the classic ones, and not those that the exporter or Prometheus write themselves.
enum MetricNameRule: Rule {
  private static let name = RuleID(
    "metric/name",
    "a metric's name is not `[a-zA-Z_:][a-zA-Z0-9_:]*`, or begins with `__`"
  )
  private static let reserved = RuleID("metric/reserved-name", "a metric's name is one of the exporter's own")
  private static let prefix = RuleID(
    "metric/reserved-prefix",
    .warning,
    "a metric's name begins with `process_` or `scrape_`, or is `up`"
  )
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
      } else if text.hasPrefix("process_") || text.hasPrefix("scrape_") || text == "up", !metric.allows(prefix) {
        report.add(prefix, "Prometheus and its clients use names such as `\(text)` themselves", at: metric.name.range)
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
