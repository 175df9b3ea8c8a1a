import ArgumentParser
import Diagnostics
import Explaining
import ExporterKit
import Glibc
import MetricCatalog
import Proposals

/// `init`: propose a catalog for the logs that are there.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Propose a catalog for the logs in a folder.",
    usage: "training-exporter init [<option> ...] [<folder> | <file> ...]",
    discussion: """
      It looks for logs in the folders, tells their formats and tools by what is in them, and proposes a catalog: which files \
      are logs and what in their paths names the runs, a metric for each number, labels with their bounds, and what says how \
      far a run is. The catalog goes to standard output, or with --write into a file; what was found and what was left out, \
      with the reasons, goes to standard error. Before it is shown, the catalog is loaded and tried on the logs.

      Nothing is served, and no file is ever written over. Hidden folders and links are passed by, and of large logs only \
      the beginning and the end are read.

      The exit status is 0; 1 if there is no log, or the file cannot be written; 2 if the file is there already, or a folder is not.

      Examples:

        training-exporter init runs/
        training-exporter init runs/ --write metrics.yaml && training-exporter
        training-exporter init ~/trainings /data/logs --write trainings.yaml
      """
  )

  @Argument(
    help: ArgumentHelp("Folders with logs, or logs. (default: .)", valueName: "folder"),
    completion: .directory
  )
  var folders: [String] = []

  @Option(
    help: ArgumentHelp("The catalog to write. Paths in it are relative to its folder.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var write: String?

  @OptionGroup var log: LogOptions

  mutating func run() throws {
    if let write, access(write, F_OK) == 0 {
      throw problem(
        "\(write) is there already, and is not written over",
        help: "name another file, or move that one away"
      )
    }
    let folders = folders.isEmpty ? ["."] : folders
    for folder in folders where access(folder, F_OK) != 0 {
      throw problem("there is no such file or folder: `\(folder)`")
    }
    let path = write ?? ConfigOptions.pathByDefault
    let base = ResolvedPath(folder: Self.folder(of: path))
    let roots = folders.map { LogSurvey.Root(location: $0, shown: base.shown($0)) }
    let source = folders.joined(separator: ", ")
    let proposal: Proposal
    do throws(Proposal.Failure) {
      proposal = try Proposal.make(roots, folder: base.path, source: source) { loadCatalog(bytes: $0, path: path) }
    } catch {
      writeToStandardError(Self.text(error, source))
      throw ExitCode(1)
    }
    let report = InitReport(proposal, source: source).text(
      name: write ?? "standard output",
      // For that all logs have to be read from end to end.
      seriesNow: proposal.bytes <= Self.countedBytesMax ? try seriesNow(proposal.loaded, in: base.path) : nil,
      seriesMax: SeriesBudget(proposal.loaded, collectors: offeredCollectors).worstCase
    )
    guard let write else {
      try writeToStandardOutput(proposal.text)
      writeToStandardError(report)
      return
    }
    if let error = NewFile.write(Array(proposal.text.utf8), to: write) {
      if error == EEXIST {
        throw problem("\(write) is there already, and is not written over", help: "name another file")
      }
      let why = strerror(error).map { String(cString: $0) } ?? "error \(error)"
      writeToStandardError("training-exporter: cannot write \(write): \(why)\n")
      throw ExitCode(1)
    }
    let name = path == ConfigOptions.pathByDefault ? "" : " " + ShellText.word(write)
    writeToStandardError(report + "next: training-exporter\(name)        # serves http://localhost:8000\n")
  }

  private func problem(_ message: String, help: String? = nil) -> ExitCode {
    writeToStandardError(CommandProblem(message: message, help: help).text)
    return ExitCode(CommandProblem.status)
  }

  private static func text(_ failure: Proposal.Failure, _ source: String) -> String {
    switch failure {
    case .nothingFound(let leftOut, let troubles, let passedBy):
      InitReport.nothing(leftOut: leftOut, troubles: troubles, passedBy: passedBy, source: source)
    case .isWrong(let problems):
      "training-exporter: the catalog that was made is wrong, which is an error of this program; nothing was written\n"
        + problems.map { "  \(PrintableText.escape($0))\n" }.joined()
    }
  }

  private static let countedBytesMax = 256 << 20

  /// How many time series the logs give, as `once` would show them.
  private func seriesNow(_ loaded: Catalog, in folder: String) throws -> Int {
    var catalog = loaded
    catalog.path = folder + "/" + ConfigOptions.pathByDefault
    let exporter = try Exporter(
      configuration: ExporterConfiguration(catalog: catalog, servesOwnMetrics: false),
      logger: log.makeLogger()
    )
    return exporter.readOnce().split(separator: UInt8(ascii: "\n")).count {
      $0.first != UInt8(ascii: "#") && !$0.starts(with: "training_exporter_".utf8)
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The folder that paths of a catalog are relative to.
private struct ResolvedPath {
  /// Absolute, without links.
  let path: String

  init(folder: String) { path = Self.resolved(folder) }

  /// How the catalog writes a path: relative where it lies below its folder, and absolute elsewhere.
  func shown(_ location: String) -> String {
    let absolute = Self.resolved(location)
    if absolute == path { return "" }
    let base = path == "/" ? "/" : path + "/"
    return absolute.hasPrefix(base) ? String(absolute.dropFirst(base.count)) : absolute
  }

  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return WorkingFolder.absolute(path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// Writes a file that is whole or not there, and never over another one.
enum NewFile {
  /// Returns the `errno` of what failed.
  static func write(_ bytes: [UInt8], to path: String) -> Int32? {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return errno }
    var error = training_exporter.write(bytes, to: descriptor)
    if error == 0, fsync(descriptor) != 0 { error = errno }
    if close(descriptor) != 0, error == 0 { error = errno }
    // A link is made only where there is nothing yet.
    if error == 0, link(temporary, path) != 0 { error = errno }
    unlink(temporary)
    return error == 0 ? nil : error
  }
}
