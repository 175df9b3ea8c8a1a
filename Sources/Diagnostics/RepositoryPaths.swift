internal import Glibc

/// Turns the path of a file as the user gave it into the one from the top of its repository, which is what the services
/// that show diagnostics beside the code want: the same wherever the checkout lies, and in whichever folder the program
/// runs.
package struct RepositoryPaths: Sendable {
  /// Absolute, without an end slash.
  private let workingDirectory: String
  private let exists: @Sendable (String) -> Bool

  /// - Parameters:
  ///   - workingDirectory: what relative paths are relative to; nil: that of the process.
  ///   - exists: whether there is a file or folder of that path.
  package init(
    workingDirectory: String? = nil,
    exists: @escaping @Sendable (String) -> Bool = { access($0, F_OK) == 0 }
  ) {
    self.workingDirectory = workingDirectory ?? Self.ownDirectory()
    self.exists = exists
  }

  /// The path from the top of the repository that the file is in; from the working directory where there is no
  /// repository, and as it is where it is not below that. What names no file, such as standard input or the address of
  /// another version, stays as it is.
  package func path(of path: String) -> String {
    let absolute = Self.normal(path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)")
    guard exists(absolute) else { return path }
    var top = absolute[...]
    while let slash = top.lastIndex(of: "/") {
      top = top[..<slash]
      if exists("\(top)/.git") { return String(absolute.dropFirst(top.count + 1)) }
    }
    let folder = workingDirectory == "/" ? "/" : workingDirectory + "/"
    return absolute.hasPrefix(folder) ? String(absolute.dropFirst(folder.count)) : absolute
  }

  /// Without `.`, `..` and empty parts. Links are not followed: a repository has its files under the names it gave them.
  private static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  private static func ownDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }
}
