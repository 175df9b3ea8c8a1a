/// What `validate --budget` reports beside the rules.
enum BudgetID {
  static let all = [metric, maxValues, total]

  static let metric = RuleID(
    "budget/metric",
    .error,
    "the labels of a metric allow more time series than its limit (only with `--budget`)",
    why: """
      At run time the exporter refuses series beyond the limit, and counts them. Which ones are missing on a dashboard \
      then depends on which came first. The budget \
      knows that before there are any.
      """,
    remedy: """
      Lower `max_values` of a label, shorten `values`, or take a label away. If so many series are meant, raise \
      `max_series` of the metric or `series_per_metric` of `limits`.
      """,
    triggers: """
      labels:
        run: { max_values: 500, evict: oldest }
        layer: { values: 0..99 }
      metrics:
        gradient_norm: { type: gauge, help: Norm of the gradient, labels: [run, layer] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { "grad/{layer}": gradient_norm } }
      """,
    passes: """
      labels:
        run: { max_values: 100, evict: oldest }
        layer: { values: 0..99 }
      metrics:
        gradient_norm: { type: gauge, help: Norm of the gradient, labels: [run, layer] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { "grad/{layer}": gradient_norm } }
      """
  )

  static let maxValues = RuleID(
    "budget/max-values",
    .error,
    "`max_values` of a label alone allows more time series than a limit (only with `--budget`)",
    why: """
      A bound that is higher than the limit bounds nothing: the limit of time series is reached first, and then series \
      of any label are refused, instead of the oldest value making room.
      """,
    remedy: "Lower `max_values`, or raise `max_series` of the metric or `series_per_metric` of `limits`.",
    triggers: """
      labels:
        run: { max_values: 20000, evict: oldest }
      metrics:
        training_loss: { type: gauge, help: Training loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { loss: training_loss } }
      """,
    passes: """
      labels:
        run: { max_values: 2000, evict: oldest }
      metrics:
        training_loss: { type: gauge, help: Training loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { loss: training_loss } }
      """
  )

  static let total = RuleID(
    "budget/total",
    .error,
    "all metrics together allow more time series than `limits` (only with `--budget`)",
    why: """
      Each metric is within its own limit, but there is not enough room for all of them at once. The exporter refuses \
      what comes last, and that can be a series of any metric.
      """,
    remedy: """
      Lower the largest metrics, which the message names, or raise `series` of `limits`. Prometheus keeps all of these \
      series in memory.
      """,
    triggers: """
      limits: { series: 1000 }
      labels:
        run: { max_values: 600, evict: oldest }
      metrics:
        training_loss: { type: gauge, help: Training loss, labels: [run] }
        learning_rate: { type: gauge, help: Learning rate, labels: [run] }
      watchers:
        trainer:
          files: runs/{run}/log.csv
          format: csv
          fields: { loss: training_loss, lr: learning_rate }
      """,
    passes: """
      limits: { series: 2000 }
      labels:
        run: { max_values: 600, evict: oldest }
      metrics:
        training_loss: { type: gauge, help: Training loss, labels: [run] }
        learning_rate: { type: gauge, help: Learning rate, labels: [run] }
      watchers:
        trainer:
          files: runs/{run}/log.csv
          format: csv
          fields: { loss: training_loss, lr: learning_rate }
      """
  )
}
