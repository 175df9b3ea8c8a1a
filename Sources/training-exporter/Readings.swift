import ArgumentParser
import ExporterKit
import MetricCatalog
import MetricModel

/// `readings`: what collectors offer for `readings:` of a catalog, with the values of this machine.
struct Readings: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown
  }

  static let configuration = CommandConfiguration(
    abstract: "List what collectors read, with the values here and now.",
    discussion: """
      Each line is a reading as `readings:` of a collector in metrics.yaml names it, with its type, unit, labels and \
      value. `-` stands where this machine has no such value. It takes a second, over which rates are measured.

        training-exporter readings             of all collectors
        training-exporter readings system      of one

      `process` looks for processes as a catalog says: give one with --config.file.
      """
  )

  @Argument(help: ArgumentHelp("A collector: system, cgroup, process, nvml.", valueName: "collector"))
  var collectors: [String] = []

  @Option(
    name: .customLong("config.file"),
    help: ArgumentHelp("A catalog, whose settings are used.", valueName: "file")
  )
  var path: String?

  @Option(help: "How to show them: text, json, or markdown (what they are, without values).")
  var format: Format = .text

  func validate() throws {
    let known = ReadingsListing.collectors
    if let unknown = collectors.first(where: { !known.contains($0) }) {
      throw ValidationError("there is no collector `\(unknown)`: the collectors are \(known.joined(separator: " "))")
    }
  }

  mutating func run() throws {
    if format == .markdown {
      try writeToStandardOutput(readingsPage())
      return
    }
    var catalog: Catalog?
    if let path {
      let loading = loadCatalog(path: path)
      showDiagnostics(of: loading)
      guard let loaded = loading.catalog else { throw ExitCode(1) }
      catalog = loaded
    }
    let listing = ReadingsListing(of: collectors.isEmpty ? ReadingsListing.collectors : collectors, catalog: catalog)
    try writeToStandardOutput(format == .json ? ReadingsTable.json(listing) : ReadingsTable.text(listing))
    for problem in listing.problems { writeToStandardError("\(problem)\n") }
  }
}
