internal import Glibc

/// Paths on the command line are relative to the working directory.
package enum WorkingFolder {
  /// A path from the root, without segments that are `.`; the same path where the working directory cannot be told.
  package static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    let base = String(cString: current)
    let segments = path.split(separator: "/").filter { $0 != "." }
    return ([base == "/" ? "" : base] + segments.map(String.init)).joined(separator: "/")
  }
}
