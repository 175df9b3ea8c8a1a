internal import Diagnostics
internal import MetricModel

/// A counter does not grow by a number that counts up itself.
enum RunningNumberRule: Rule {
  static let ids = [running]

  /// Fields of training logs that number their rows, without what is before the last `/` or `.`.
  private static let names: Set = [
    "epoch", "step", "iter", "iteration", "global_step", "epoch_num", "step_num", "iter_num", "batch_idx",
    "current_epoch",
    "current_step", "current_iter", "total_steps", "total_timesteps", "total_tokens", "total_flos",
  ]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for use in catalog.targetUses {
      guard let field = use.fieldName, use.target.from.value ?? .value == .value, !use.target.from.isBroken,
        let metric = catalog.metric(use.target.metric.value), metric.type.value == .counter, isRunning(field)
      else { continue }
      report.add(
        running,
        "`\(field)` counts up itself, and `\(metric.name.value)` would grow by each of its values",
        at: use.target.metric.range,
        help: "`from: running_total` adds what it grew by; `from: count` and `each_record` count rows",
        waivedBy: [metric.allow] + use.waivers
      )
    }
  }

  private static func isRunning(_ field: String) -> Bool {
    guard let last = field.lowercased().split(whereSeparator: { $0 == "/" || $0 == "." }).last else { return false }
    return names.contains(String(last)) || last.hasSuffix("_seen")
  }
}

extension RunningNumberRule {
  private static let running = RuleID(
    "target/running-number",
    .warning,
    "a counter that grows by the value of a field that counts up itself, such as `epoch` or `step`",
    why: """
      A counter grows by each value that it is fed. Fed with the epochs 1, 2, 3 it shows 1, 3, 6: it grows ever \
      faster, and every rate is wrong.
      """,
    remedy: """
      To count rows, use `each_record`, or `from: count`. To take over the number itself, use `from: running_total`, \
      which adds what it grew by, or feed a gauge. If the field really has the amount of each row, write `allow: \
      [target/running-number]` at the target.
      """,
    triggers: """
      metrics: { epochs_total: { type: counter, help: Epochs finished } }
      watchers:
        log: { files: log.csv, format: csv, fields: { epoch: epochs_total } }
      """,
    passes: """
      metrics: { epochs_total: { type: counter, help: Epochs finished } }
      watchers:
        log: { files: log.csv, format: csv, each_record: epochs_total }
      """
  )
}
