import ArgumentParser
import Diagnostics
import ExporterKit
import Generators
import Glibc

/// `generate`: make a file for others from the catalog, or from what the program knows of catalogs.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a file for other programs, or for people, from metrics.yaml.",
    usage: "training-exporter generate <what> [<option> ...] [<file>]",
    discussion: """
      What there is to make:

      \(list)

      The same catalog always gives the same file. With --check nothing is written: if the file is not what would be \
      written, its difference is shown and the exit status is 1. That is for CI, so that nobody forgets to make it anew.

      Examples:

        training-exporter generate python --output metrics.py
        training-exporter generate python --output metrics.py --check
        training-exporter generate docs --output docs/metrics.md
        training-exporter generate scrape-config --output prometheus.yml
        training-exporter generate dashboard --output dashboard.json
        training-exporter generate rules --output rules.yml
        training-exporter generate rules --tests --output rules-tests.yml && promtool test rules rules-tests.yml
      """
  )

  private static var list: String {
    let width = Generators.all.map(\.name.count).max() ?? 0
    return Generators.all.map { generator in
      "  \(generator.name)\(String(repeating: " ", count: width - generator.name.count))  \(generator.help)"
    }.joined(separator: "\n")
  }

  @Argument(
    help: ArgumentHelp(
      "What to make: \(Generators.all.map(\.name).joined(separator: ", ")).",
      valueName: "what"
    ),
    completion: .list(Generators.all.map(\.name))
  )
  var name: String

  @OptionGroup var catalog: CatalogOptions

  @Option(
    help: ArgumentHelp("The file to write. (default: standard output)", valueName: "file"),
    completion: .file()
  )
  var output: String?

  @Flag(help: "Write nothing; show how the file differs, and fail if it does.")
  var check = false

  @OptionGroup(title: "Options of dashboard, rules and mixin") var own: GenerateOptions

  func validate() throws {
    let names = Generators.all.map(\.name)
    guard names.contains(name) else {
      let hint = Spelling.closest(to: name, among: names).map { "; did you mean `\($0)`?" } ?? "."
      let known = names.map { "`\($0)`" }.joined(separator: ", ")
      throw ValidationError("`\(name)` is nothing that can be generated\(hint) There are: \(known).")
    }
    if let generator = Generators.all.first(where: { $0.name == name }) { try own.validate(for: generator) }
    if check, output == nil { throw ValidationError("--check needs --output: the file that it looks at") }
  }

  mutating func run() throws {
    guard let generator = Generators.all.first(where: { $0.name == name }) else { return }
    let text =
      switch generator.source {
      case .catalog(let text): text(try catalog.load(), offeredCollectors, own.options)
      case .program(let text): text(offeredCollectors)
      }
    guard let output else { return try writeToStandardOutput(text) }
    let bytes = Array(text.utf8)
    let found = try? RegularFile.read(path: output, bytesMax: Self.comparedBytesMax).bytes
    // A file that is right keeps its time: whatever is built from it need not be built again.
    guard found != bytes else { return }
    guard check else { return try write(bytes, toFile: output) }
    if let found {
      let difference = UnifiedDiff.text(from: String(decoding: found, as: UTF8.self), to: text, name: output)
      try writeToStandardOutput(difference)
    }
    let state = found == nil ? "cannot be read" : "is stale"
    writeToStandardError("\(output) \(state): `training-exporter \(command(output))` makes it anew\n")
    throw ExitCode(1)
  }

  /// What is typed to make the file.
  private func command(_ output: String) -> String {
    var catalog = ""
    if case .catalog = Generators.all.first(where: { $0.name == name })?.source,
      self.catalog.path != ConfigOptions.pathByDefault
    {
      catalog = " --config.file \(self.catalog.path)"
    }
    return "generate \(name)\(catalog)\(own.words) --output \(output)"
  }

  /// A file that is larger is nothing that was made here.
  private static let comparedBytesMax = 1 << 28
}
