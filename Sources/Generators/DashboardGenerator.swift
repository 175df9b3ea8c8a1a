extension Generator {
  /// A dashboard of Grafana.
  static let dashboard = Generator(
    name: "dashboard",
    help: "a dashboard of Grafana: runs, curves, the machine, the exporter",
    options: [.title, .kubernetes, .name],
    source: .catalog { catalog, collectors, options in
      let dashboard = Dashboard(catalog, collectors, title: options.title)
      let text = DocumentLayout.json.text(GrafanaDashboard.document(dashboard, isImported: !options.isForKubernetes))
      guard options.isForKubernetes else { return text }
      let name = GrafanaDashboard.identifier(options.title)
      return YAMLText.text([
        "apiVersion": "v1",
        "kind": "ConfigMap",
        // What the Helm charts of Grafana and of kube-prometheus look for.
        "metadata": ["name": .text(options.objectName ?? name), "labels": ["grafana_dashboard": "1"]],
        "data": .object([(key: "\(name).json", value: .text(String(text.dropLast())))]),
      ])
    }
  )
}
