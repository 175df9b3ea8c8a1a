internal import MetricCatalog

/// What is reported of files and of queries before anything is looked up: both have to be readable.
enum FileIDs {
  static let all = [file, empty, more, syntax]

  static let file = RuleID(
    "query/file",
    .error,
    "a file of rules or of a dashboard cannot be read",
    why: """
      Prometheus refuses a rule file that it cannot read, and with it the whole of a reload. Grafana does not import the \
      dashboard.
      """,
    remedy: "Mend the file where the message points. For a pattern that matches no file, correct its path.",
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
      """,
    triggers: """
      { "title": "Training", "panels": [ { "title": "Loss" "targets": [] } ] }
      """,
    passes: """
      { "title": "Training", "panels": [ { "title": "Loss", "targets": [ { "expr": "loss" } ] } ] }
      """
  )

  static let empty = RuleID(
    "query/none",
    .note,
    "a file has no query",
    why: """
      A pattern may match other files than those of rules and dashboards. In what has no query, nothing was checked.
      """,
    remedy: """
      Nothing need be done for a dashboard of texts. Queries are found in `groups` of rule files, in `expr` of dashboards, \
      in the `data` of a `ConfigMap`, and in the `json` of a `GrafanaDashboard`; its `gzipJson` is not unpacked.
      """,
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
      """,
    triggers: """
      groups: []
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss > 100 }]
      """
  )

  static let more = RuleID(
    "query/more",
    .warning,
    "more than 1,000 errors, warnings or notes of a file; the rest is not shown",
    why: """
      In a file with so many mistakes mostly one is made again and again, or the catalog is that of other metrics. Nobody \
      reads the rest, and to collect it costs time.
      """,
    remedy: "Mend what is shown, and check again.",
    triggers: """
      $ (echo '{ "targets": ['; seq --format '{ "expr": "x%g" },' 1001; echo '{} ] }') > dashboard.json
      $ training-exporter validate --dashboards dashboard.json
      """
  )

  static let syntax = RuleID(
    "query/syntax",
    .error,
    "a query that Prometheus refuses",
    why: """
      Prometheus does not load a rule file with such a query, and a panel shows an error in place of its curve.
      """,
    remedy: """
      Mend the query. It is read as Prometheus 3.14 reads it; in dashboards, Grafana's variables may stand where it would \
      put their values.
      """,
    catalog: """
      metrics:
        steps_total: { type: counter, help: Steps }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: Stalled, expr: rate(steps_total) == 0 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: Stalled, expr: "rate(steps_total[5m]) == 0" }]
      """
  )
}
