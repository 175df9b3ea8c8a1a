internal import MetricCatalog
internal import MetricModel

/// The dashboard of a catalog, as a value: its variables and rows. It has a panel for what the catalog has, and none else.
struct Dashboard {
  /// A variable: the values of a label, of which those who look choose some.
  struct Variable {
    var label: String
    /// What it is called in queries: as the label, but for one that is called like the variable for the data source.
    var name: String { Self.name(of: label) }
    /// The series that have it.
    var series: OpenText

    static func name(of label: String) -> String {
      label == GrafanaDashboard.dataSourceName ? "label_" + label : label
    }
  }

  var title: String
  var variables: [Variable]
  var rows: [PanelRow]

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor], title: String) {
    let feeds = Feeds(catalog, collectors)
    self.title = title
    let target = ["job", "instance"]
    // Each choice narrows those behind it.
    func chosen(_ labels: some Sequence<String>) -> [LabelMatcher] {
      labels.map { .matches($0, "$\(Variable.name(of: $0))") }
    }
    let matchers = chosen(target)
    let runs = feeds.runLabels
    variables =
      target.indices.map { place in
        Variable(
          label: target[place],
          series: "\(series: "training_exporter_build_info", matching: chosen(target[..<place]))"
        )
      }
      + runs.indices.map { place in
        Variable(
          label: runs[place],
          series: "\(series: "training_exporter_run_state", matching: matchers + chosen(runs[..<place]))"
        )
      }
    let ofRuns = matchers + chosen(runs)
    let exporter = ExporterRow.row(
      hasCollectors: !catalog.collectors.isEmpty,
      hasWatchers: !catalog.watchers.isEmpty,
      matching: matchers
    )
    let all =
      [RunRow(catalog, feeds, matching: ofRuns).row].compactMap(\.self)
      + LogRows(catalog, feeds, matching: matchers, runs: chosen(runs)).rows
      + MachineRows(catalog, feeds, matching: matchers).rows + [exporter]
    rows = all.filter { !$0.panels.isEmpty }
  }
}
