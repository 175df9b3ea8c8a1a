package import PatternSyntax

/// Which files a watcher follows.
package struct TailedWatcher: Sendable {
  package var name: String
  /// The folder that relative patterns are relative to; an absolute path.
  package var root: String
  package var files: [Pattern]
  package var exclude: [Pattern]
  /// Files that at first sight have not changed for so long are left alone; nil: none are.
  package var ignoreOlder: Duration?
  /// Whether what may be a copy of a followed log waits, and takes the log along once that has lost its content. What logs
  /// say may count again where they are read twice.
  package var tellsCopies: Bool
  /// Whether links are followed, whoever made them; else only those whose owner also owns what they lead to, or is root or
  /// the user that this program runs as.
  package var followsLinks: Bool

  package init(
    name: String,
    root: String,
    files: [Pattern],
    exclude: [Pattern] = [],
    ignoreOlder: Duration? = nil,
    tellsCopies: Bool = true,
    followsLinks: Bool = false
  ) {
    self.name = name
    self.root = root
    self.files = files
    self.exclude = exclude
    self.ignoreOlder = ignoreOlder
    self.tellsCopies = tellsCopies
    self.followsLinks = followsLinks
  }

  /// Whether it follows a link.
  ///
  /// - Parameters:
  ///   - target: what the link leads to.
  ///   - user: who asks.
  package func follows(_ link: PathStatus, to target: PathStatus, user: UInt32) -> Bool {
    followsLinks || Discovery.isTrusted(link, target, user)
  }
}

/// A file that is followed, as it was when it was found.
package struct LogFile: Sendable {
  /// The index of its watcher.
  package var watcher: Int
  /// As it is opened, with U+FFFD for what is no UTF-8.
  package var path: String
  /// What the pattern's captures took.
  package var captures: [String: String]
  package var status: FileStatus

  package init(watcher: Int, path: String, captures: [String: String], status: FileStatus) {
    self.watcher = watcher
    self.path = path
    self.captures = captures
    self.status = status
  }
}
