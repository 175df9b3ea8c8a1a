extension FormatDescriptor {
  static let events = FormatDescriptor(
    name: "events",
    help: """
      [events files](events.md), in which instrumented programs write their running totals. Its metrics and labels are \
      those of the catalog, so such a watcher has no `fields`: it feeds every metric that nothing else feeds
      """,
    keys: [
      Key(
        name: "across",
        form: .gauges(words: AcrossProcesses.allCases.map(\.rawValue)),
        help: """
          gauge ► `last` `sum` `min` `max` `mean`: what the gauge shows where several processes set it. `last`, the \
          default, is what was set last; the others are over the processes that live
          """
      ),
      Key(
        name: "alive",
        form: .duration,
        byDefault: .duration(.seconds(60)),
        help: "how long after its last line a process still counts as living; default 60s"
      ),
    ],
    content: .events
  )
}

/// What a gauge shows where several processes set it: the words of `across:`.
package enum AcrossProcesses: String, CaseIterable, Sendable {
  /// What was set last, also by a process that has ended.
  case last
  case sum
  case min
  case max
  case mean
}
