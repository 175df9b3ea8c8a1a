import ArgumentParser
import ExporterKit
import Glibc
import MetricCatalog

/// `readings`: what collectors offer for `readings:` of a catalog, with the values of this machine.
struct Readings: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown
  }

  static let configuration = CommandConfiguration(
    abstract: "List what collectors read, with the values here and now.",
    usage: "training-exporter readings [<option> ...] [<collector> ...] [<file>]",
    discussion: """
      Each line is a reading, under the name that `readings:` of a collector in metrics.yaml uses, with its type, \
      unit, labels and value. `-` means that this machine has no such value. It takes a second, over which rates are \
      measured. Collectors have the settings of the catalog, or their defaults where there is none; `process` has to be \
      told by one which processes to look for.

      Examples:

        training-exporter readings system cgroup
        training-exporter readings process --config.file metrics.yaml
      """
  )

  @Argument(
    help: ArgumentHelp(
      "Collectors: system, cgroup, process, nvml (default: all); or the catalog, as --config.file.",
      valueName: "collector"
    ),
    completion: .list(ReadingsListing.collectors)
  )
  var words: [String] = []

  @OptionGroup var config: ConfigOptions
  @OptionGroup var color: ColorOptions

  @Option(help: "How to show them: text, json, or markdown (what they are, without values).")
  var format: Format = .text

  func validate() throws {
    let known = ReadingsListing.collectors
    if let unknown = collectors.first(where: { !known.contains($0) }) {
      throw ValidationError("there is no collector `\(unknown)`: the collectors are \(known.joined(separator: " "))")
    }
    try ConfigOptions.refuseSeveral(catalogs)
  }

  /// No collector has a dot or a slash in its name.
  private var collectors: [String] { words.filter { !ConfigOptions.isPath($0) } }
  private var catalogs: [String] { words.filter(ConfigOptions.isPath) + config.paths }

  mutating func run() throws {
    if format == .markdown {
      try writeToStandardOutput(readingsPage())
      return
    }
    let loaded = try catalogs.first.map { try config.catalog(at: $0, color) } ?? catalogByDefault()
    let listing = ReadingsListing(of: collectors.isEmpty ? ReadingsListing.collectors : collectors, catalog: loaded)
    try writeToStandardOutput(format == .json ? ReadingsTable.json(listing) : ReadingsTable.text(listing))
    for problem in listing.problems { writeToStandardError("\(problem)\n") }
  }

  /// A catalog that is being written has mistakes, and whoever writes it asks here for the names of readings.
  private func catalogByDefault() -> Catalog? {
    let path = ConfigOptions.pathByDefault
    guard access(path, F_OK) == 0 else { return nil }
    let loading = loadCatalog(path: path)
    if loading.catalog == nil {
      writeToStandardError("\(path) has mistakes, which `training-exporter validate` shows; it is left aside\n")
    }
    return loading.catalog
  }
}
