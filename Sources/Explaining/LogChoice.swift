internal import PatternSyntax
internal import Tailing

/// The logs that someone named, with the watchers that read them.
struct LogChoice {
  private(set) var logs: [PlacedLog] = []
  private(set) var strays: [Explanation.Stray] = []

  /// - Parameters:
  ///   - named: files, folders and patterns of paths.
  ///   - found: the logs that the watchers find.
  init(named: [String], found: [LogFile], _ watchers: [TailedWatcher]) {
    for name in named {
      let paths = Self.files(of: name)
      if paths.isEmpty { strays.append(Explanation.Stray(path: name, message: "there is no such file")) }
      for path in paths { choose(path, found, watchers) }
    }
  }

  private mutating func choose(_ path: String, _ found: [LogFile], _ watchers: [TailedWatcher]) {
    guard let status = try? RealFileSystem().status(of: LogPath(path)) else { return }
    // Whatever name it is given here, it is told of under the one that it is read under.
    let known = found.filter { $0.status.inode == status.file.inode && $0.status.device == status.file.device }
    if !known.isEmpty {
      for file in known where !logs.contains(where: { $0.file.path == file.path && $0.file.watcher == file.watcher }) {
        logs.append(PlacedLog(file: file, root: nil))
      }
      return
    }
    var isPlaced = false
    if let excluding = watchers.first(where: { Self.isExcluded(path, $0) }) {
      let message = "`exclude` of watcher \(excluding.name) leaves it out"
      strays.append(Explanation.Stray(path: path, message: message))
      return
    }
    for (index, watcher) in watchers.enumerated() {
      guard let (captures, root) = place(path, watcher) else { continue }
      isPlaced = true
      let file = LogFile(watcher: index, path: path, captures: captures, status: status.file)
      logs.append(PlacedLog(file: file, root: root))
    }
    if !isPlaced { strays.append(NearestPath.stray(path, watchers)) }
  }

  /// Whether a watcher's `files` match a path, and its `exclude` too.
  private static func isExcluded(_ path: String, _ watcher: TailedWatcher) -> Bool {
    func isMatched(by patterns: [Pattern]) -> Bool {
      patterns.contains { PathPattern($0, root: watcher.root).match(path) != nil }
    }
    return isMatched(by: watcher.files) && isMatched(by: watcher.exclude)
  }

  /// What a watcher's pattern takes of a path, if the catalog lay in another folder.
  private func place(_ path: String, _ watcher: TailedWatcher) -> (captures: [String: String], root: String?)? {
    for pattern in watcher.files {
      let own = PathPattern(pattern, root: watcher.root)
      var match = own.match(path).map { ($0, nil as String?) }
      if match == nil, !pattern.source.hasPrefix("/") {
        var root = LogPath(path).parent
        while let folder = root, match == nil {
          match = PathPattern(pattern, root: folder.text).match(path).map { ($0, folder.text) }
          root = folder.parent
        }
      }
      guard let (taken, root) = match else { continue }
      let excluding = watcher.exclude.map { PathPattern($0, root: root ?? watcher.root) }
      if excluding.contains(where: { $0.match(path) != nil }) { continue }
      return (Dictionary(zip(pattern.captureNames, taken), uniquingKeysWith: { first, _ in first }), root)
    }
    return nil
  }

  /// The files that a name stands for, as absolute paths.
  private static func files(of name: String) -> [String] {
    let segments = WorkingFolder.absolute(name).split(separator: "/").filter { $0 != "." }
    let path = "/" + segments.joined(separator: "/")
    let kind = try? RealFileSystem().status(of: LogPath(path)).kind
    if kind == .regular { return [path] }
    let source = kind == .directory ? path + "/**" : path
    // A brace of a name that is there is no capture.
    guard let pattern = try? Pattern(parsing: source) else { return [] }
    let search = TailedWatcher(name: "", root: "/", files: [pattern], tellsCopies: false)
    return LogSearch.find([search]).logs.map(\.path).sorted()
  }
}

/// The pattern of `files` that comes nearest to a path that none matches.
enum NearestPath {
  static func stray(_ path: String, _ watchers: [TailedWatcher]) -> Explanation.Stray {
    let names = path.split(separator: "/").map(String.init)
    var best: (same: Int, watcher: String, pattern: String, wanted: String, name: String)?
    for watcher in watchers {
      for pattern in watcher.files {
        let segments = pattern.source.split(separator: "/").filter { $0 != "." }.map(String.init)
        let pairs = Array(zip(segments, names.suffix(segments.count)))
        let matches = pairs.map { segment, name in isLike(name, segment) }
        let same = matches.count { $0 }
        guard let wrong = matches.lastIndex(of: false), same > best?.same ?? -1 else { continue }
        best = (same, watcher.name, pattern.source, pairs[wrong].0, pairs[wrong].1)
      }
    }
    guard let best else {
      return Explanation.Stray(path: path, message: "no watcher's `files` match it")
    }
    return Explanation.Stray(
      path: path,
      message: "no watcher's `files` match it",
      help: "`\(best.pattern)` of watcher \(best.watcher) comes nearest: it has `\(best.wanted)` where the path has "
        + "`\(best.name)`"
    )
  }

  private static func isLike(_ name: String, _ segment: String) -> Bool {
    guard let pattern = try? Pattern(parsing: segment) else { return false }
    return PathPattern(pattern).match(name) != nil
  }
}
