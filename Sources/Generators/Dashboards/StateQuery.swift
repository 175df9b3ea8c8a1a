/// A stateset as numbers, which a dashboard can give names and colors: 1 for the first state, 2 for the next.
enum StateQuery {
  /// - Parameters:
  ///   - matchers: which series are taken.
  ///   - labels: what tells apart whose state it is.
  static func code(
    of metric: String,
    _ states: [String],
    matching matchers: [LabelMatcher],
    by labels: [String]
  ) -> OpenText {
    let by = Aggregation.text("max", by: labels)
    var text: OpenText = ""
    for (index, state) in states.enumerated() {
      let series: OpenText = "\(series: metric, matching: matchers + [.equal(metric, state)])"
      text = "\(text)\(index == 0 ? "" : "\nor ")\(by)(\(series) == 1) * \(index + 1)"
    }
    return text
  }
}

/// An aggregation of a query that keeps some labels, such as those of its legend.
enum Aggregation {
  /// `max by (run) `, or without labels `max`: the argument follows in parentheses.
  static func text(_ function: String, by labels: [String]) -> String {
    labels.isEmpty ? function : "\(function) by (\(labels.joined(separator: ", "))) "
  }
}
