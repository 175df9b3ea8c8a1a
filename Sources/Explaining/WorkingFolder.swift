internal import Glibc

/// Paths on the command line are relative to the working directory.
package enum WorkingFolder {
  /// A path from the root; the same path where the working directory cannot be told. States are kept under such paths: one
  /// that is written otherwise is another.
  package static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    let base = String(cString: current)
    return path == "." ? base : base + "/" + path
  }
}
