import ArgumentParser
import CatalogReferences
import Diagnostics
import MetricCatalog

/// `diff`: what a new version of a catalog changes for those who query the metrics.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a change of metrics.yaml breaks for those who query.",
    usage: "training-exporter diff [<option> ...] <old> <new>",
    discussion: """
      Compares what two versions of a catalog mean: metrics, types, labels and their values, buckets, limits, and which \
      field of which log feeds each metric. Each change is shown at its place in the new version, with its place in the \
      old one and what to do about it:

        error    breaking: a query that worked gives nothing, or another quantity under the same name
        warning  caution: results may change, or values may be refused
        note     nobody who queries has to do anything

      The exit status is 1 if there is a breaking change (or, with --fail-on, a caution or a note), or if a version \
      cannot be read. A version is one of these:

        metrics.yaml                   a file; - is standard input
        git:main                       the same file at a branch, tag or commit
        git:main:path/metrics.yaml     another file there
        http://HOST:8000               the catalog that a running exporter uses

      docs/diff.md lists all changes.

      Examples:

        training-exporter diff git:main metrics.yaml
        training-exporter diff http://trainer:8000 metrics.yaml --fail-on caution
        training-exporter diff git:v1.4 git:HEAD:metrics.yaml
      """
  )

  @Argument(
    help: ArgumentHelp("The version before.", valueName: "old"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var old: String

  @Argument(help: ArgumentHelp("The version after.", valueName: "new"), completion: .file(extensions: ["yaml", "yml"]))
  var new: String

  @OptionGroup var comparison: ComparisonOptions
  @OptionGroup var diagnostics: DiagnosticOptions

  func validate() throws {
    try ConfigOptions.refuseSecondStream([old, new])
    _ = try parsed(old)
    _ = try parsed(new)
  }

  mutating func run() throws {
    let named = (old: try parsed(old), new: try parsed(new))
    let (before, after) = (named.old.completed(by: named.new), named.new.completed(by: named.old))
    let loading: CatalogLoading
    if let path = after.filePath {
      loading = ConfigOptions.load(path)
    } else {
      do throws(ReferenceProblem) {
        loading = try comparison.load(after, beside: before.filePath)
      } catch {
        let source = SourceFile(path: new, bytes: [])
        // An old version that is not there means a new catalog; without a new one there is nothing to compare.
        let isAbsent = error.id == ReferenceID.absent
        let failure = Comparison(
          problem: isAbsent
            ? ReferenceProblem(
              ReferenceID.unresolved,
              "the new version, `\(new)`, is not there",
              help: "give its path: `\(new):PATH`"
            ) : error
        )
        return try diagnostics.report([FileDiagnostics(source: source, diagnostics: failure.diagnostics)], fails: true)
      }
    }
    var file = FileDiagnostics(source: loading.source, diagnostics: loading.diagnostics)
    guard loading.catalog != nil else { return try diagnostics.report([file], fails: true) }
    let found = comparison.compare(loading, at: after.filePath, with: before)
    // What is wrong with the new version itself, `validate` says.
    file.diagnostics = found.diagnostics
    try diagnostics.report([file], lines: found.line.map { [$0] } ?? [], fails: found.fails)
  }

  private func parsed(_ text: String) throws -> CatalogReference {
    do {
      return try CatalogReference(parsing: text)
    } catch {
      throw ValidationError(error.description)
    }
  }
}
