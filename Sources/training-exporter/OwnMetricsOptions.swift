import ArgumentParser

/// Whether the exporter's own metrics are beside those of the catalog.
struct OwnMetricsOptions: ParsableArguments {
  @Flag(
    name: .customLong("web.disable-exporter-metrics"),
    help: "Leave out the exporter's own metrics (training_exporter_* and process_*)."
  )
  var areDisabled = false
}
