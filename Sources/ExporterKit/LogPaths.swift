/// How paths of logs are told.
enum LogPaths {
  /// A path as the catalog writes it, if it lies below the catalog's folder.
  static func relative(_ path: String, to root: String) -> String {
    guard path.utf8.starts(with: (root + "/").utf8) else { return path }
    return String(path.utf8.dropFirst(root.utf8.count + 1)) ?? path
  }
}
