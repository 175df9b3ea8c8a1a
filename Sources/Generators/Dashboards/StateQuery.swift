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
    let by = labels.isEmpty ? "max" : "max by (\(labels.joined(separator: ", "))) "
    var text: OpenText = ""
    for (index, state) in states.enumerated() {
      let series: OpenText = "\(series: metric, matching: matchers + [.equal(metric, state)])"
      text = "\(text)\(index == 0 ? "" : "\nor ")\(by)(\(series) == 1) * \(index + 1)"
    }
    return text
  }
}
