internal import MetricCatalog
internal import MetricModel

extension Generator {
  /// Alerts, and what they need recorded.
  static let rules = Generator(
    name: "rules",
    help: "alert and recording rules for Prometheus that fit the catalog, and tests of them",
    options: [.kubernetes, .name, .tests, .ruleFile],
    source: .catalog { catalog, collectors, options in
      let groups = RuleGroups(catalog, collectors)
      if options.areTests {
        return header("rules --tests", "") + YAMLText.text(RuleTests.document(groups, options.ruleFile))
      }
      let file: Document = ["groups": .list(groups.recordingGroups + groups.alertGroups)]
      guard options.isForKubernetes else { return header("rules", check) + YAMLText.text(file) }
      return header("rules --kubernetes", "") + YAMLText.text(object(file, options.objectName ?? "training-exporter"))
    }
  )

  private static let check = "# `promtool check rules FILE` checks it; docs/alerts.md says what each alert means.\n"

  private static func header(_ command: String, _ more: String) -> String {
    "# Made by `training-exporter generate \(command)` from the catalog. Change that, and make it anew.\n\(more)"
  }

  /// What the operator of Prometheus takes.
  private static func object(_ file: Document, _ name: String) -> Document {
    [
      "apiVersion": "monitoring.coreos.com/v1",
      "kind": "PrometheusRule",
      "metadata": ["name": .text(name), "labels": ["app.kubernetes.io/name": "training-exporter"]],
      "spec": file,
    ]
  }
}
