/// What is being looked at, over as many turns as that takes.
extension Discovery {
  /// What is under way.
  struct Work {
    /// Directories to be looked at.
    var directories = WaitingNames()
    /// Those of them that are listed, whatever their times say.
    var due: Set<LogPath> = []
    /// Directories that have marked entries.
    var entries = Fifo<LogPath>()
    var listing: Listing?
    /// A look at all directories; nil: none is under way.
    var pass: Pass?
    var passes = 0

    var isEmpty: Bool { directories.isEmpty && entries.isEmpty && listing == nil && pass == nil }
  }

  struct Pass {
    /// Whether each directory is listed, and not only those that may have changed.
    var isAll: Bool
  }

  /// A directory whose entries are being looked at.
  struct Listing {
    var path: LogPath
    var place: OpenDirectory
    /// As it was before it was listed.
    var status: FileStatus
    var names: [(name: [UInt8], kind: EntryKind)]
    var next = 0
    var found: Entries
    /// Whether the directories that it leads to are looked at, too, if they are not new.
    var isDue: Bool
  }

  /// What entries of a directory are: files that watchers want, and directories that lead on.
  struct Entries {
    var files: [LogPath: Found] = [:]
    var children: [LogPath: Way] = [:]
    /// Whether no name leads elsewhere.
    var isSteady = true
  }

  /// A directory that is what it was when it was opened.
  final class OpenDirectory {
    let descriptor: Int32
    /// How the patterns stand in it, where links that are not trusted lead to it.
    let reached: [Reached]
    private let files: any FileSystem

    init(_ descriptor: Int32, _ reached: [Reached], _ files: any FileSystem) {
      self.descriptor = descriptor
      self.reached = reached
      self.files = files
    }

    deinit { files.close(descriptor) }
  }

  /// What a look needs, and what it has found.
  struct Look {
    let files: any FileSystem
    let watches: any ChangeNotifier
    let now: Int64
    let covers: (LogPath, FileStatus) -> Bool
    let see: (Found) -> Void
    let isOver: () -> Bool
    var outcome = Findings(isFull: false)

    /// Takes note of a name that stands for another file than before.
    mutating func note(_ before: Found?, _ after: Found?) {
      if before == nil, after == nil { return }
      if let before, let after, before.id == after.id, before.watchers == after.watchers,
        before.status.owner == after.status.owner,
        (before.isLink, before.isDetour) == (after.isLink, after.isDetour)
      {
        return
      }
      outcome.changes.append((before, after))
    }
  }
}
