extension Generator {
  /// Dashboard and rules as a mixin, which many clusters install with others of its kind.
  ///
  /// <https://monitoring.mixins.dev/>
  static let mixin = Generator(
    name: "mixin",
    help: "dashboard, alerts and recording rules as jsonnet, with settings in `_config`",
    options: [.title],
    source: .catalog { catalog, collectors, options in
      let dashboard = GrafanaDashboard.document(
        Dashboard(catalog, collectors, title: options.title),
        isImported: false
      )
      let file = "\(GrafanaDashboard.identifier(options.title)).json"
      let rules = RuleGroups(catalog, collectors)
      let members: [(name: String, value: Document)] = [
        ("grafanaDashboards+:", .object([(key: file, value: dashboard)])),
        ("prometheusRules+:", .object([(key: "groups+", value: .list(rules.recordingGroups))])),
        ("prometheusAlerts+:", .object([(key: "groups+", value: .list(rules.alertGroups))])),
      ]
      var settings = [JsonnetText.selector]
      for setting in members.flatMap({ $0.value.texts }).flatMap(\.settings)
      where !settings.contains(where: { $0.name == setting.name }) {
        settings.append(setting)
      }
      return JsonnetText.text(
        members,
        settings: settings,
        comment: [
          "Made by `training-exporter generate mixin` from the catalog. Change that, and make it anew.",
          "What differs between places is set in `_config`: (import 'mixin.libsonnet') + { _config+:: { … } }",
        ]
      )
    }
  )
}
