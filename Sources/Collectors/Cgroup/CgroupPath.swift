internal import PatternSyntax

/// Which groups the catalog means: one by its path, or all that a pattern takes, as they come and go.
struct CgroupPath {
  struct Group {
    var path: String
    var captures: [(name: String, value: String)] = []
  }

  /// More of one pattern are left out: each costs a dozen files at each collection.
  static let groupsMax = 1024
  /// Folders that are listed for one pattern.
  static let foldersMax = 1 << 14

  private let text: String
  /// nil: it is a path as it stands.
  private let pattern: PathPattern?

  init(_ text: String) {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    let parsed = try? Pattern(parsing: text)
    pattern = parsed.flatMap { $0.literalText == nil || text.contains("*") ? PathPattern($0, root: "/") : nil }
    // As a pattern finds it, without `.` and empty parts: a group has one path.
    let parts = (parsed?.literalText ?? text).split(separator: "/").filter { $0 != "." }
    self.text = "/" + parts.joined(separator: "/")
  }

  var isPattern: Bool { pattern != nil }

  /// The groups that it means now, by path. Those of a pattern are there; no group at all is no failure.
  func groups(_ files: KernelFiles, _ mounts: CgroupMounts, _ batch: inout ReadingBatch) -> [Group] {
    guard let pattern else { return [Group(path: text)] }
    var found: Set<String> = []
    var left = Self.foldersMax
    for point in Set(mounts.hierarchies.map(\.mountPoint)).sorted() {
      var open = [(path: pattern.base == "/" ? "" : pattern.base, position: pattern.start)]
      while let (path, position) = open.popLast(), left > 0 {
        left -= 1
        let names: [String]
        do throws(KernelFiles.Failure) {
          names = try files.folders(point + path)
        } catch {
          if case .unreadable(let reason) = error { batch.fail(reason) }
          continue
        }
        for name in names {
          if pattern.accepts(position, name: name.utf8) { found.insert("\(path)/\(name)") }
          if let inside = pattern.descend(position, into: name.utf8) { open.append(("\(path)/\(name)", inside)) }
        }
      }
    }
    if found.count > Self.groupsMax || left == 0 { batch.fail("\(text): there are too many groups, some are left out") }
    return found.sorted().prefix(Self.groupsMax).map { path in
      let values = pattern.match(path) ?? []
      return Group(path: path, captures: Array(zip(pattern.pattern.captureNames, values)))
    }
  }
}
