import ArgumentParser
import ExporterKit
import Logging

/// `once`: read all logs to their ends and print the exposition.
struct Once: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read all logs to their ends, print the metrics, and end.",
    usage: "training-exporter once [<option> ...] [<file>]",
    discussion: """
      Standard output has the metrics of the catalog, then, unless they are left out, \
      training_exporter_rejections_total, training_exporter_records_total and training_exporter_up. Records that were refused are counted there; the exit \
      status is 0 all the same.

      Examples:

        training-exporter once | grep training_loss
        training-exporter once runs/metrics.yaml --web.disable-exporter-metrics \\
            > /var/lib/node_exporter/textfile/runs.prom
      """
  )

  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var ownMetrics: OwnMetricsOptions
  @OptionGroup var log: LogOptions

  mutating func run() throws {
    let catalog = try catalog.load()
    let logger = log.makeLogger()
    let exporter = try Exporter(
      configuration: ExporterConfiguration(catalog: catalog, servesOwnMetrics: !ownMetrics.areDisabled),
      logger: logger
    )
    try writeToStandardOutput(exporter.readOnce())
  }
}
