internal import Diagnostics
internal import Glibc
internal import PatternSyntax

/// Finds the files that a path, a folder or a pattern stands for.
package enum QueryPaths {
  /// The most files of one pattern.
  package static let filesMax = 10_000
  private static let depthMax = 32

  /// Reads all files that some names stand for, each once, in the order of the names and then of the alphabet.
  package static func read(rules: [String], dashboards: [String]) -> [QueryFile] {
    let names = rules.map { ($0, [".yml", ".yaml"]) } + dashboards.map { ($0, [".json", ".yml", ".yaml"]) }
    var seen: Set<String> = []
    var files: [QueryFile] = []
    for (name, endings) in names {
      let paths = paths(of: name, endings: endings)
      if paths.count == filesMax {
        files.append(QueryFile(unreadable: name, "there are more than \(filesMax - 1) such files; not all are read"))
      }
      if paths.isEmpty { files.append(QueryFile(unreadable: name, "there is no such file")) }
      for path in paths where seen.insert(path).inserted {
        do throws(RegularFile.Problem) {
          let content = try RegularFile.read(path: path, bytesMax: QueryFile.bytesMax)
          files.append(QueryFile(SourceFile(path: path, bytes: content.bytes)))
        } catch {
          files.append(QueryFile(unreadable: path, error.message))
        }
      }
    }
    return files
  }

  /// - Parameter endings: of the files that count in a folder, such as `.json`.
  static func paths(of name: String, endings: [String]) -> [String] {
    var isFolder = false
    if let kind = kind(of: name) {
      guard kind == S_IFDIR else { return [name] }
      isFolder = true
    }
    let folder = name.hasSuffix("/") ? name : name + "/"
    guard let pattern = try? Pattern(parsing: isFolder ? folder + "**/*" : name) else { return [] }
    let path = PathPattern(pattern)
    var found: [String] = []
    walk(path, path.start, in: path.base, depth: 0, &found)
    if isFolder { found.removeAll { file in !endings.contains { file.hasSuffix($0) } } }
    return found.sorted()
  }

  private static func walk(
    _ pattern: PathPattern,
    _ position: PathPattern.Position,
    in folder: String,
    depth: Int,
    _ found: inout [String]
  ) {
    guard depth < depthMax, let directory = opendir(folder.isEmpty ? "." : folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory), found.count < filesMax {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let path = folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
      switch kind(of: path) {
      case S_IFDIR:
        // A link may lead back to where the walk comes from.
        guard !isLink(path), let inner = pattern.descend(position, into: name.utf8) else { continue }
        walk(pattern, inner, in: path, depth: depth + 1, &found)
      case S_IFREG: if pattern.accepts(position, name: name.utf8) { found.append(path) }
      default: continue
      }
    }
  }

  /// The kind of what a path leads to; nil if there is nothing.
  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
