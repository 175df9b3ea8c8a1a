internal import Diagnostics

/// Paths have nothing in them that only a shell, a browser or Windows would understand.
enum LiteralPathRule: Rule {
  static let ids = [literal]

  /// What a path leads to.
  private enum Goal {
    case log, checkpoint, mark, folder
  }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      for path in (watcher.files.value ?? []) + (watcher.exclude.value ?? []) {
        check(path.text, .log, [watcher.allow], report)
      }
      guard let run = watcher.ownRun else { continue }
      for path in run.checkpoints.value ?? [] { check(path.text, .checkpoint, [watcher.allow], report) }
      for path in (run.finishedFile.value ?? []) + (run.failedFile.value ?? []) {
        check(path.text, .mark, [watcher.allow], report)
      }
    }
    if let path = catalog.state.path.value { check(path, .folder, [], report) }
  }

  private static func check(_ path: Text, _ goal: Goal, _ waivers: [Key<[Text]>], _ report: Report) {
    guard let (range, message, help) = finding(in: path.value, goal) else { return }
    report.add(literal, message, at: path.range(of: range), help: help, waivedBy: waivers)
  }

  private static func finding(in path: String, _ goal: Goal) -> (Range<Int>, message: String, help: String)? {
    let bytes = Array(path.utf8)
    let first = bytes.first.map { Character(Unicode.Scalar($0)) }
    if first == "~" {
      return (0..<1, "`~` is not expanded: this is a folder called `~`", "write the path of the home folder out")
    }
    if let scheme = place(of: "://", in: bytes) {
      let help = "mount or copy the files, and name the path at which they are"
      let what = goal == .log ? "logs are read from files" : "this is to be the path of a file"
      return (0..<scheme + 3, "this is a URL, and \(what)", help)
    }
    if bytes.count > 2, first?.isLetter ?? false, bytes[1] == 0x3A, bytes[2] == 0x5C || bytes[2] == 0x2F {
      return (0..<2, "paths have no drives here", "write the path as this machine has it, such as `/data/runs`")
    }
    if let dollar = bytes.indices.dropLast().first(where: { bytes[$0] == 0x24 && begins(bytes[$0 + 1]) }) {
      let message = "variables are not expanded: the `$` stands for itself"
      return (dollar..<dollar + 1, message, "write out what it stands for")
    }
    if bytes.last == 0x2F, goal != .folder {
      let end = bytes.count - 1..<bytes.count
      switch goal {
      case .log:
        let help = "write which of its files are logs, such as `\(path)*` or `\(path)**`"
        return (end, "logs are files, and a path that ends in `/` is a folder", help)
      case .checkpoint:
        return (end, "no path that is found ends in `/`", "leave the `/` out: a folder counts as well as a file")
      case .mark, .folder:
        return (end, "the mark is a file, and a path that ends in `/` is a folder", "write the file's name")
      }
    }
    // One that is followed by a letter: before other characters it may be meant to make them plain.
    if let slash = bytes.indices.dropLast().first(where: { bytes[$0] == 0x5C && begins(bytes[$0 + 1]) }),
      !ForeignSyntaxRule.looksForeign(path, as: .path)
    {
      return (slash..<slash + 1, "folders are parted by `/`, and `\\` stands for itself", "write `/`")
    }
    return nil
  }

  private static func place(of text: String, in bytes: [UInt8]) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (0...bytes.count - wanted.count).first { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }

  /// A letter, `_`, `{` or `(`: what a variable's name or a folder's may begin with.
  private static func begins(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "_{(".utf8.contains(byte)
  }
}

extension LiteralPathRule {
  private static let literal = RuleID(
    "path/literal",
    .warning,
    "a path with `~`, `$`, `://`, a drive or backslashes, which is taken as it is",
    why: """
      The exporter is no shell. `~/runs` is a folder called `~` in the catalog's folder, which does not exist. No log \
      is found, and a watcher without logs looks like a training that has not begun.
      """,
    remedy: """
      Write the path out. Relative paths begin at the catalog's folder, `*` and `**` stand for anything, and folders \
      are parted by `/`. Files behind a URL have to be mounted or copied first. For a file that is really called like \
      that, write `allow: [path/literal]`.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: ~/runs/log.csv, format: csv, fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: /data/runs/log.csv, format: csv, fields: { loss: loss } }
      """
  )
}
