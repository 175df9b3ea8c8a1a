internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry
internal import Runs

/// Which run a log or a process belongs to: the labels of a watcher's runs, and what they allow.
struct RunKeys {
  let labels: [LabelDescriptor]
  private let texts: [MetricCatalog.LabelText]

  init(_ run: Watcher.Run) {
    labels = run.labels.map(\.descriptor)
    texts = run.labels.map(\.text)
  }

  /// Whether these labels tell its runs apart.
  func have(labels names: [String]) -> Bool { labels.map(\.name) == names }

  /// The run of a log whose path has these captures; nil: a label does not allow what the path says.
  func key(captures: [String: String]) -> RunBoard.Key? {
    let path = LabelTexts(field: [:], path: captures, tracked: [:])
    return key(
      values: texts.map { if case .fixed(let said) = LabelPlan([path.parts($0)]) { said[0] } else { "" } }
    )
  }

  /// The run whose labels have these texts; nil: one does not allow its text.
  func key(values texts: [String]) -> RunBoard.Key? {
    var values: [String] = []
    for (label, text) in zip(labels, texts) {
      guard let said = label.value(for: text) else { return nil }
      // As the values of metrics are: those of one run have the same.
      let value = LabelText.cleaned(said)
      guard !value.isEmpty, value.utf8.count <= Registry.labelValueBytesMax else { return nil }
      values.append(value)
    }
    return RunBoard.Key(names: labels.map(\.name), values: values)
  }
}
