internal import Diagnostics

/// What is different for each event is no label.
enum LabelCardinalityRule: Rule {
  static let ids = [cardinality]

  private static let names: Set = [
    "timestamp", "time", "datetime", "image_id", "image", "image_path", "path", "file", "filename", "file_name", "id",
    "uuid", "guid", "hash", "trace_id", "span_id", "request_id", "session_id", "message_id", "user_id", "email", "ip",
    "url", "uri", "query", "prompt", "message", "text", "step", "global_step", "iteration",
  ]
  /// Far more than anyone looks at, and few enough for a label that is bounded with care.
  private static let valuesMin = 1_000

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels where names.contains(label.name.value.lowercased()) && !label.values.isGiven {
      guard let count = label.maxValues.value, count >= valuesMin else { continue }
      report.add(
        cardinality,
        "a label such as `\(label.name.value)` never ends having new values, and \(count) of them are let in",
        at: label.maxValues.range,
        help: "leave the label out, or keep few values: `max_values: 20` with `evict: oldest`",
        waivedBy: [label.allow]
      )
    }
  }
}

extension LabelCardinalityRule {
  private static let cardinality = RuleID(
    "label/high-cardinality",
    .warning,
    """
    a label such as `timestamp` or `uuid`, which never ends having new values, with room for a thousand of them or \
    more
    """,
    why: """
      Such a label has a new value for each event. The series pile up until the limit is reached; each of them has \
      one sample, so none can be graphed, and Prometheus keeps all of them in its index.
      """,
    remedy: """
      Leave the label out, and look for single events in the log. An exemplar can carry the id of one event without a \
      series of its own. If old values need not stay, use a small `max_values` with `evict: oldest`.
      """,
    triggers: """
      labels:
        image_id: { max_values: 50000 }
      """,
    passes: """
      labels:
        image_id: { max_values: 20, evict: oldest }
      """
  )
}
