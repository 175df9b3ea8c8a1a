internal import MetricCatalog

/// A file as a commit of its git repository has it. Asks `git`, which is the only one to know all of its formats; never
/// through a shell, and never anything that changes the repository.
enum GitVersion {
  static func read(_ revision: String, path: String?, beside file: String?) throws(ReferenceProblem) -> ReferencedText {
    let folder = file.map(Catalog.folder) ?? "."
    let commit = try resolve(revision, in: folder)
    guard let name = path ?? file.map({ String($0.split(separator: "/").last ?? "") }) else {
      let help = "write `git:\(revision):path/metrics.yaml`"
      throw ReferenceProblem(ReferenceID.unresolved, "`git:\(revision)` names no file", help: help)
    }
    return try read(name, isFromTop: path != nil, commit, revision, in: folder)
  }

  /// - Parameter isFromTop: whether the path begins at the top of the repository.
  private static func read(
    _ path: String,
    isFromTop: Bool,
    _ commit: String,
    _ revision: String,
    in folder: String
  ) throws(ReferenceProblem) -> ReferencedText {
    let listing = ["ls-tree", "-z", isFromTop ? "--full-tree" : "--full-name", commit, "--", path]
    let tree = try git(listing, in: folder, revision)
    // MODE TYPE OBJECT TAB PATH NUL
    let line = String(decoding: tree.prefix { $0 != 0 }, as: UTF8.self)
    let parts = line.split(separator: "\t", maxSplits: 1)
    // A folder's path with a slash behind it lists what is in it.
    guard parts.count == 2, names(path, parts[1], isFromTop: isFromTop) else {
      // Whoever names a path means one that is there.
      if isFromTop {
        let help = "`git ls-tree -r --name-only \(revision)` lists all files there"
        throw ReferenceProblem(ReferenceID.unresolved, "`git:\(revision)` has no file `\(path)`", help: help)
      }
      throw ReferenceProblem(
        ReferenceID.absent,
        "`\(path)` does not exist at `git:\(revision)`: it is new, and a new catalog breaks nothing",
        help: "if it has moved, give its former path: `git:\(revision):PATH`"
      )
    }
    let words = parts[0].split(separator: " ")
    let name = "git:\(revision):\(parts[1])"
    guard words.count == 3, words[1] == "blob", words[0] != "120000" else {
      let kind = words.first == "120000" ? "a symbolic link" : "a folder"
      throw ReferenceProblem(
        ReferenceID.unresolved,
        "`\(name)` is \(kind), not a file",
        help: "give the file's own path"
      )
    }
    return ReferencedText(bytes: try git(["cat-file", "blob", String(words[2])], in: folder, revision), name: name)
  }

  /// The commit that a name stands for; where the repository has none, that of `origin`, as in most CI jobs.
  private static func resolve(_ revision: String, in folder: String) throws(ReferenceProblem) -> String {
    for name in [revision, "refs/remotes/origin/\(revision)"] {
      let output = try run(["rev-parse", "--verify", "--quiet", "\(name)^{commit}"], in: folder, revision)
      let commit = String(decoding: output.bytes.prefix { $0 > 0x20 }, as: UTF8.self)
      if output.status == 0, !commit.isEmpty { return commit }
    }
    // Says why, where this is no repository at all, or one that git does not trust.
    let shallow = try git(["rev-parse", "--is-shallow-repository"], in: folder, revision)
    let isShallow = shallow.starts(with: Array("true".utf8))
    throw ReferenceProblem(
      ReferenceID.unresolved,
      "the git repository has no commit `\(revision)`\(isShallow ? ": it is a shallow clone" : "")",
      help: "fetch it first: `\(fetching(revision, isShallow: isShallow))`"
    )
  }

  private static func fetching(_ revision: String, isShallow: Bool) -> String {
    let branch = revision.hasPrefix("origin/") ? String(revision.dropFirst(7)) : revision
    let isHash = (7...64).contains(branch.count) && branch.allSatisfy(\.isHexDigit)
    if isHash { return "git fetch origin \(branch)" }
    // `HEAD~1` and the like are reached by their history alone.
    if branch.contains(where: { "~^@".contains($0) }) { return isShallow ? "git fetch --unshallow" : "git fetch" }
    return "git fetch\(isShallow ? " --depth=1" : "") origin +refs/heads/\(branch):refs/remotes/origin/\(branch)"
  }

  /// The standard output of a command that has to succeed.
  private static func git(
    _ arguments: [String],
    in folder: String,
    _ revision: String
  ) throws(ReferenceProblem) -> [UInt8] {
    let output = try run(arguments, in: folder, revision)
    guard output.status == 0 else {
      let lines = output.errors.split(separator: "\n")
      let help = lines.first { $0.contains("safe.directory") && $0.contains("git config") }
      throw ReferenceProblem(
        ReferenceID.unresolved,
        "git cannot read `git:\(revision)`: \(lines.first ?? "status \(output.status)")",
        help: help.map { "`\($0.trimmed)`" } ?? "run it in a git repository, or compare with a file or a URL"
      )
    }
    return output.bytes
  }

  private static func run(
    _ arguments: [String],
    in folder: String,
    _ revision: String
  ) throws(ReferenceProblem) -> ChildOutput {
    do throws(ChildOutput.Problem) {
      return try ChildOutput.run(
        ["git", "--no-pager", "-C", folder] + arguments,
        // In a hook they name the repository of the hook; here it is that of the file.
        unsetting: ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"],
        setting: ["GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"],
        bytesMax: CatalogLoader.bytesMax
      )
    } catch {
      let what = "cannot compare with `git:\(revision)`: "
      switch error {
      case .missing:
        let help = "install git, or compare with a file or a URL"
        throw ReferenceProblem(ReferenceID.unresolved, what + "there is no `git` here", help: help)
      case .failed(let reason): throw ReferenceProblem(ReferenceID.unresolved, what + reason)
      case .tookTooLong:
        let help = "try `git -C \(folder) \(arguments.joined(separator: " "))`"
        throw ReferenceProblem(ReferenceID.unresolved, what + "git takes longer than 10 s", help: help)
      case .tooMuch: throw ReferenceProblem(ReferenceID.invalid, what + "the file there is larger than 1 MiB")
      }
    }
  }

  /// Whether what git lists is what was asked for.
  private static func names(_ path: String, _ listed: Substring, isFromTop: Bool) -> Bool {
    let wanted = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
    return listed == wanted || (!isFromTop && listed.hasSuffix("/" + wanted))
  }
}

extension Substring {
  fileprivate var trimmed: String { String(drop { $0.isWhitespace }) }
}
