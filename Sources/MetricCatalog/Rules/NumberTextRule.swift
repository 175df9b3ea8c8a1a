internal import Diagnostics

/// The marks in a log's numbers: whether a number can be read by them.
enum NumberTextRule: Rule {
  static let ids = [marks]

  /// Formats whose own numbers have a point before decimals.
  private static let formatsWithPoints = ["json", "jsonl", "pydict", "yaml"]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      let (decimal, thousands) = (watcher.decimal.value, watcher.thousands.value)
      if let decimal, let thousands, decimal.value == thousands.value {
        let message = "`\(decimal.value)` cannot both begin decimals and part thousands"
        report.add(marks, message, at: thousands.range, help: "remove one of the two, or give it the other mark")
      } else if let thousands, thousands.value == "." {
        let format = watcher.format.value?.name ?? ""
        if formatsWithPoints.contains(format) {
          let message = "the numbers of `\(format)` have a point before decimals"
          report.add(marks, message, at: thousands.range, help: "remove it")
        } else if decimal == nil, !watcher.decimal.isGiven {
          let message = "where points part thousands, something else has to begin decimals"
          report.add(marks, message, at: thousands.range, help: "add `decimal: \",\"`")
        }
      }
      guard let decimal, let own = watcher.ownKeys.first(where: { $0.name == "separator" }),
        case .text(let separator)? = own.key.value, separator.value == decimal.value
      else { continue }
      let message = "`\(decimal.value)` parts the columns, so it cannot begin decimals"
      report.add(marks, message, at: decimal.range, help: "remove `decimal`, or give the `separator` that the file has")
    }
  }

  private static let marks = RuleID(
    "watcher/number-marks",
    .error,
    "`decimal` and `thousands` that are the same, or do not go with the format",
    why: """
      By these marks a text such as `1,234` would be two numbers at once, or none, and values could be wrong by a factor \
      of 1,000.
      """,
    remedy: """
      `decimal` is the mark before the decimals of the log's numbers, `thousands` the one between their thousands. Leave \
      out the one that the log does not have.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, separator: ";", decimal: ",", thousands: ",", fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, separator: ";", decimal: ",", thousands: ".", fields: { loss: loss } }
      """
  )
}
