import Diagnostics
import ExporterKit
import Glibc
import MetricCatalog

/// Where runs are looked for: in a running exporter, or in the logs of a catalog.
enum RunSource: Hashable {
  /// With its URL, as it was given.
  case exporter(String)
  /// With the path of the catalog.
  case catalog(String)

  static let byDefault = RunSource.catalog(ConfigOptions.pathByDefault)

  /// What a word names that can be nothing but a source.
  ///
  /// - Throws: `CommandProblem`, if it looks like an address without its scheme.
  init(_ word: String) throws {
    if ExporterOptions.isURL(word) {
      self = .exporter(word)
      return
    }
    guard !Self.isStream(word) else {
      self = .catalog(word)
      return
    }
    if access(word, F_OK) != 0, Self.isAddress(word) {
      throw CommandProblem(message: "`\(word)` is no URL", help: "write http:// before it")
    }
    self = .catalog(Self.isFolder(word) ? Self.catalog(in: word) : word)
  }

  /// What a word names that may be a run as well; nil: it is one.
  ///
  /// - Throws: `CommandProblem`, if it looks like an address without its scheme, or like a path of what is not there.
  static func ifNamed(by word: String) throws -> RunSource? {
    let isPath = ["/", "~", "."].contains { word.hasPrefix($0) }
    if isPath, !isStream(word), access(word, F_OK) != 0 {
      throw CommandProblem(message: "there is no such file or folder: `\(word)`")
    }
    if access(word, F_OK) != 0, isAddress(word) {
      throw CommandProblem(
        message: "`\(word)` is no URL",
        help: "write http:// before it; if it is a run, write the catalog before it"
      )
    }
    // A folder may be called as the run is whose logs it has.
    if isFolder(word), !isPath, access(catalog(in: word), F_OK) != 0 { return nil }
    let isCatalog = word.hasSuffix(".yaml") || word.hasSuffix(".yml")
    let isSource = ExporterOptions.isURL(word) || isStream(word) || isCatalog
    return isSource || access(word, F_OK) == 0 ? try RunSource(word) : nil
  }

  /// The command that shows which runs there are.
  var listing: String {
    switch self {
    case .exporter(let url): "training-exporter runs \(ShellText.word(url))"
    case .catalog(let path) where isNamed: "training-exporter runs \(ShellText.word(path))"
    case .catalog: "training-exporter runs"
    }
  }

  /// Why it has no runs although everything is there for them.
  var emptiness: String {
    switch self {
    case .exporter:
      return "`run: {}` in a watcher tells of them: docs/runs.md"
    case .catalog(let path):
      let file = isNamed ? " --config.file \(ShellText.word(path))" : ""
      return "no log of a watcher with `run:` has been found: `training-exporter explain\(file)` says where it looked"
    }
  }

  /// Whether a command has to be told of it.
  private var isNamed: Bool { self != Self.byDefault }

  private static func isStream(_ word: String) -> Bool { StreamFile.isNamed(by: word) }

  private static func catalog(in folder: String) -> String {
    folder + (folder.hasSuffix("/") ? "" : "/") + ConfigOptions.pathByDefault
  }

  private static func isFolder(_ word: String) -> Bool {
    var status = stat()
    return stat(word, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a word is `HOST:PORT`, with or without a path.
  private static func isAddress(_ word: String) -> Bool {
    let authority = word.prefix { $0 != "/" }
    guard let colon = authority.lastIndex(of: ":") else { return false }
    let host = authority[..<colon]
    guard let port = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(port) else { return false }
    if host.hasPrefix("["), host.hasSuffix("]") { return true }
    return !host.isEmpty && host.utf8.allSatisfy { Self.hostBytes.contains($0) }
  }

  private static let hostBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-".utf8)
}

extension ConfigOptions {
  /// Loads the catalog whose runs are wanted; says its diagnostics, and ends the command where there are errors, with the
  /// status of a command that has nothing to show.
  ///
  /// - Throws: `CommandProblem`, if it has no runs.
  func catalogWithRuns(at path: String, _ color: ColorOptions) throws -> Catalog {
    let catalog = try catalog(at: path, color, failingWith: CommandProblem.status)
    guard catalog.watchers.contains(where: { $0.run != nil }) else {
      throw CommandProblem(
        message: "no watcher of \(catalog.path) has `run:`",
        help: "`run: {}` in a watcher is enough"
      )
    }
    return catalog
  }
}
