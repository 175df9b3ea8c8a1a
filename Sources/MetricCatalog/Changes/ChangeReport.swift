internal import Diagnostics

/// Collects changes. One that concerns several metrics at one place, such as a text under a watcher's `labels:`, is one
/// diagnostic that names them.
final class ChangeReport {
  private struct Change {
    var id: RuleID
    var message: (String) -> String
    var metrics: [String]
    var range: SourceRange
    var was: SourceRange?
    var note: String
    var help: String
  }

  private struct Place: Hashable {
    var id: String
    var message: String
    var range: SourceRange
    var was: SourceRange?
  }

  private var changes: [Change] = []
  private var places: [Place: Int] = [:]

  /// How many names a message lists.
  private static let namesMax = 3

  /// - Parameters:
  ///   - range: the place in the new file.
  ///   - was: the place in the old file, and in `note` what is there; nil: there is none.
  ///   - metrics: the metrics that it concerns, where other changes at the same place may concern others.
  ///   - message: gets the names of these metrics.
  func add(
    _ id: RuleID,
    at range: SourceRange,
    was: SourceRange?,
    _ note: String = "it was here",
    help: String,
    of metrics: [String] = [],
    message: @escaping (_ metrics: String) -> String
  ) {
    let place = Place(id: id.name, message: message(""), range: range, was: was)
    guard let index = places[place] else {
      places[place] = changes.count
      let change = Change(
        id: id,
        message: message,
        metrics: metrics,
        range: range,
        was: was,
        note: note,
        help: help
      )
      return changes.append(change)
    }
    for metric in metrics where changes[index].metrics.last != metric { changes[index].metrics.append(metric) }
  }

  /// In the order of the new file.
  func diagnostics(old: SourceFile) -> [Diagnostic] {
    let report = Report(old)
    for change in changes {
      let related = change.was.map { [Diagnostic.Related(range: $0, note: change.note)] } ?? []
      let names = Self.list(change.metrics)
      report.add(change.id, change.message(names), at: change.range, related: related, help: change.help)
    }
    var diagnostics = report.finished
    // Not before: the report compares diagnostics, and would compare the whole file each time.
    for index in diagnostics.indices {
      for place in diagnostics[index].related.indices { diagnostics[index].related[place].source = old }
    }
    return diagnostics
  }

  /// `` `a`, `b` and 3 more ``.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(names.count > namesMax + 1 ? namesMax : names.count).map { "`\($0)`" }
    let rest = names.count - shown.count
    let last = rest > 0 ? "\(rest) more" : shown.last ?? ""
    let others = rest > 0 ? shown : shown.dropLast()
    return others.isEmpty ? last : "\(others.joined(separator: ", ")) and \(last)"
  }
}
