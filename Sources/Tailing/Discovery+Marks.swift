/// What is to be looked at in the directories of all watchers: because an event told of it, a look found something
/// else than the last listing, or it is time.
extension Discovery {
  /// Beyond so many entries, and a share of those that are known, a listing costs less.
  private static let entriesMin = 64
  private static let entriesShare = 4

  var isDirty: Bool { !marks.isEmpty || hasMore }

  /// Whether there was no time for all that was marked.
  var hasMore: Bool { !work.isEmpty }

  /// How many files that watchers want were found in the directory that is being listed.
  var filesListed: Int { work.listing?.found.files.count ?? 0 }

  /// The look at all directories that begins next.
  var nextPass: Int { work.passes + 1 }

  /// Whether that look at all directories is over.
  func hasFinished(pass: Int) -> Bool { work.passes > pass || work.passes == pass && work.pass == nil }

  // MARK: What is to be looked at

  mutating func markAll() { marks.isAll = true }

  mutating func markRescan(ifDueAt now: Int64) {
    if now >= nextRescan { marks.isRescan = true }
  }

  mutating func mark(_ directory: LogPath?) {
    if let directory { marks.directories.insert(directory) }
  }

  mutating func markFailed() { marks.directories.formUnion(failed) }

  /// Something of that name came, went or changed; `isKnown`: the change of a file is its log's alone.
  ///
  /// - Returns: whether that concerns a watcher.
  mutating func mark(_ name: [UInt8], of directory: LogPath, isStructural: Bool, isKnown: Bool) -> Bool {
    let path = directory.appending(name)
    if let bases = leading[path] { marks.directories.formUnion(bases) }
    guard isDirectory(directory), isStructural || !isKnown else { return false }
    let isMarked = marks.directories.contains(directory) || work.due.contains(directory)
    if !isMarked, marks.entries[directory]?.contains(path) != true {
      guard concerns(name, of: directory) else { return false }
      if marks.entries[directory] == nil { work.entries.append(directory) }
      marks.entries[directory, default: []].insert(path)
      let count = marks.entries[directory]?.count ?? 0
      if count > max(Self.entriesMin, fileCount(of: directory) / Self.entriesShare) {
        marks.entries[directory] = nil
        mark(directory)
      }
    }
    if isDirectory(path) { mark(path) }
    return isStructural
  }

  /// Something happened to the directory itself.
  ///
  /// - Returns: whether it is one.
  mutating func markItself(_ path: LogPath) -> Bool {
    if let bases = leading[path] { marks.directories.formUnion(bases) }
    guard isDirectory(path) else { return false }
    mark(path)
    if let parent = path.parent, isDirectory(parent) { mark(parent) }
    return true
  }

  // MARK: Looking

  /// Whether the directory, or one above it, could not be listed, so that what is known of its entries may be old.
  func mayBeOld(_ directory: LogPath?) -> Bool {
    guard !failed.isEmpty else { return false }
    var above = directory
    while let directory = above, !failed.contains(directory) { above = directory.parent }
    return above != nil
  }

  /// After all have been looked at.
  mutating func finishRescan(next: Int64, _ watches: any ChangeNotifier, keepsFile: (LogPath) -> Bool) {
    nextRescan = next
    watches.prune { isDirectory($0) || leading[$0] != nil || keepsFile($0) }
  }
}
