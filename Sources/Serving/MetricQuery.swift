internal import Exposition

/// What of the metrics a request asks for, by `name[]` and `collect[]` in its query, as Python's client library and
/// node_exporter have them. Other parameters say nothing here.
enum MetricQuery {
  struct Mistake: Error {
    let description: String
  }

  /// A scraper of some metrics names some; whoever wants more wants all.
  static let namesMax = 100

  /// nil: all. A parameter without a value is none.
  static func selection(in target: String) throws(Mistake) -> MetricSelection? {
    var selection = MetricSelection()
    for parameter in QueryText.parameters(of: target) where !parameter.name.isEmpty && !parameter.value.isEmpty {
      guard let name = QueryText.decoded(parameter.name), name == "name[]" || name == "collect[]" else { continue }
      guard let value = QueryText.decoded(parameter.value) else {
        throw Mistake(description: "\(name) is not encoded rightly")
      }
      if name == "name[]" { selection.names.insert(value) } else { selection.sources.insert(value) }
      guard selection.names.count + selection.sources.count <= namesMax else {
        throw Mistake(description: "more than \(namesMax) names in name[] and collect[]")
      }
    }
    return selection == MetricSelection() ? nil : selection
  }
}
