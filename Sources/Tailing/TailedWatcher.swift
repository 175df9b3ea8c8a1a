package import PatternSyntax

/// Which files a watcher means.
package struct TailedWatcher {
  /// For messages.
  package var name: String
  package var files: [PathPattern]
  package var exclude: [PathPattern]
  /// Files that have not changed for so long at first sight are left alone; nil: none are.
  package var ignoreOlder: Duration?

  /// - Parameter root: the folder that relative patterns are relative to.
  package init(name: String, root: String, files: [Pattern], exclude: [Pattern] = [], ignoreOlder: Duration? = nil) {
    self.name = name
    self.files = files.map { PathPattern($0, root: root) }
    self.exclude = exclude.map { PathPattern($0, root: root) }
    self.ignoreOlder = ignoreOlder
  }
}

/// How often the tailer looks, and how much it reads at a time.
package struct TailerOptions: Sendable {
  /// From the first event to the look: more events come meanwhile, and are one look.
  package var coalescing: Duration
  /// How long a file has to rest before a last line without its end is shown, and its descriptor is closed.
  package var restBeforeProvisional: Duration
  /// How often files are looked at that no event tells of: links, and files that could not be read.
  package var pollInterval: Duration
  /// How often all patterns are walked again, event or not: a network file system has no events.
  package var rescanInterval: Duration
  /// The longest line that a consumer may ask to see whole, in bytes.
  package var lineBytesMax: Int

  package init(
    coalescing: Duration = .milliseconds(10),
    restBeforeProvisional: Duration = .seconds(2),
    pollInterval: Duration = .seconds(2),
    rescanInterval: Duration = .seconds(10),
    lineBytesMax: Int = 4 << 20
  ) {
    self.coalescing = coalescing
    self.restBeforeProvisional = restBeforeProvisional
    self.pollInterval = pollInterval
    self.rescanInterval = rescanInterval
    self.lineBytesMax = lineBytesMax
  }
}

/// The bounds on what a tailer takes on.
package enum TailerLimits {
  /// Files followed, over all watchers: 5,000 are usual, and each costs some hundred bytes.
  package static let filesMax = 100_000
  /// Directory entries looked at in one walk: a pattern such as `/**/*` must end.
  package static let entriesMax = 2_000_000
  /// Directories in each other: cycles of links end here.
  package static let depthMax = 32
  /// The largest document that is read whole, in bytes.
  package static let documentBytesMax = 64 << 20
  /// Descriptors kept open for files that are being written.
  package static let descriptorsMax = 256
}

extension TailedWatcher {
  /// Whether a path, or something below it, may be one of the watcher's files.
  func mayMean(_ path: String) -> Bool {
    files.contains { pattern in
      if pattern.match(path) != nil { return true }
      // A directory on the way to a pattern's beginning, or below it.
      if pattern.base.hasPrefix(path + "/") || pattern.base == path { return true }
      guard pattern.base.isEmpty || pattern.base == "/" || path.hasPrefix(pattern.base + "/") else { return false }
      let below = path.dropFirst(
        pattern.base.isEmpty || pattern.base == "/" ? pattern.base.count : pattern.base.count + 1
      )
      var position = pattern.start
      for segment in below.split(separator: "/") {
        guard let next = pattern.descend(position, into: segment.utf8) else { return false }
        position = next
      }
      return true
    }
  }
}
