/// The row about the exporter itself: what was refused, what could not be read, and what it takes.
enum ExporterRow {
  static func row(hasCollectors: Bool, hasWatchers: Bool, matching matchers: [LabelMatcher]) -> PanelRow {
    func series(_ name: String) -> OpenText { "\(series: "training_exporter_\(name)", matching: matchers)" }
    func panel(
      _ name: String,
      _ title: String,
      _ about: String,
      _ expression: OpenText,
      _ legend: String,
      _ unit: GrafanaUnit? = nil
    ) -> Panel {
      Panel(
        key: "exporter/\(name)",
        title: title,
        about: about,
        unit: unit,
        queries: [.init(expression: expression, legend: legend.isEmpty ? "{{instance}}" : "{{instance}} \(legend)")]
      )
    }
    let none: OpenText = #"label_replace(vector(0), "reason", "none", "", "")"#
    var panels = [
      panel(
        "rejections",
        "Rejected samples, per second",
        "What the catalog does not allow, by metric and reason: it is not shown, and has to be mended in one of them.",
        "sum by (instance, metric, reason) (rate(\(series("rejections_total"))[$__rate_interval])) or on () \(none)",
        "{{metric}} {{reason}}"
      )
    ]
    if hasWatchers {
      panels += [
        panel(
          "records",
          "Records, per second",
          "What was read from logs, by what became of it.",
          "rate(\(series("records_total"))[$__rate_interval])",
          "{{watcher}} {{outcome}}"
        ),
        panel(
          "behind",
          "Not read yet",
          "Bytes between what is read and the ends of the logs.",
          series("behind_bytes"),
          "{{watcher}}",
          .bytes
        ),
        panel("files", "Logs that are followed", "By watcher.", series("files"), "{{watcher}}"),
      ]
    }
    panels += [
      panel(
        "sources",
        "Sources that can be read",
        "1: the watcher or collector could be read at the last attempt; 0: it could not.",
        series("up"),
        "{{source}}"
      ),
      panel(
        "series",
        "Series, as a share of the limit",
        "At 100 % new series of the metric are rejected.",
        "\(series("series")) / \(series("series_limit"))",
        "{{metric}}",
        .share
      ),
    ]
    if hasCollectors {
      panels.append(
        panel(
          "collections",
          "Time of a collection",
          "How long the last collection of each collector took.",
          series("collection_duration_seconds"),
          "{{source}}",
          .seconds
        )
      )
    }
    panels += [
      panel(
        "scrape",
        "Time to render the metrics",
        "How long the last exposition took, by format.",
        series("scrape_duration_seconds"),
        "{{format}}",
        .seconds
      ),
      panel(
        "cpu",
        "CPU time of the exporter",
        "As a share of one CPU.",
        "rate(\(series: "process_cpu_seconds_total", matching: matchers)[$__rate_interval])\nand on (job, instance) \(series("build_info"))",
        "",
        .share
      ),
      panel(
        "memory",
        "Memory of the exporter",
        "Resident memory, with pages of its file that others may share.",
        "\(series: "process_resident_memory_bytes", matching: matchers)\nand on (job, instance) \(series("build_info"))",
        "",
        .bytes
      ),
    ]
    for index in panels.indices { panels[index].width = 6 }
    return PanelRow(title: "Exporter", panels: panels)
  }
}
