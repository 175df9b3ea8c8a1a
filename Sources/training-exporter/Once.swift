import ArgumentParser
import ExporterKit
import Logging

/// `once`: read all logs to their ends and print the exposition.
struct Once: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read all logs to their ends, print the metrics, and end.",
    discussion: """
      Standard output is the exposition alone: the catalog's metrics, then training_exporter_rejections_total, \
      training_exporter_records_total and training_exporter_up. Exit status 0 also when records were refused: they \
      are counted there.
      """
  )

  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var log: LogOptions

  mutating func run() throws {
    let catalog = try catalog.load()
    let logger = log.makeLogger()
    for line in notYetRead(in: catalog) { logger.warning("\(line)") }
    let exporter = try Exporter(configuration: ExporterConfiguration(catalog: catalog), logger: logger)
    try writeToStandardOutput(exporter.readOnce())
  }
}
