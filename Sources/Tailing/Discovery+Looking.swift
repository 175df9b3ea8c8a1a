/// Looking at what is marked: single entries of directories, and whole directories, in turns. A directory with many entries
/// is listed over several turns; what was found is told when all of it is known, since a part of a listing would make the
/// rest look deleted. Each folder at the top of a pattern gets its turn.
extension Discovery {
  /// Entries that are looked at before it is asked whether the time is over.
  static let entriesPerStep = 64

  /// Looks at what is marked, until there is no more or the time is over.
  ///
  /// - Parameters:
  ///   - watches: told of each directory before it is listed: what appears in between is seen by one or the other.
  ///   - now: the wall clock in nanoseconds since 1970, at most the time of the call.
  ///   - covers: whether events tell of what changes in the files of a directory, so that one whose own times stand
  ///     still need not be listed.
  ///   - see: told of each file that was looked at.
  ///   - isOver: whether the rest is left to the next call. Something is done in any case.
  mutating func scan(
    in files: any FileSystem,
    watches: any ChangeNotifier,
    now: Int64,
    covers: @escaping (LogPath, FileStatus) -> Bool,
    see: @escaping (Found) -> Void,
    isOver: @escaping () -> Bool
  ) -> Findings {
    var look = Look(files: files, watches: watches, now: now, covers: covers, see: see, isOver: isOver)
    takeMarks(look)
    repeat {
      let hadEntries = lookAtEntries(&look)
      let hadDirectory = lookAtDirectories(&look)
      if !hadEntries, !hadDirectory { break }
    } while !look.isOver()
    if work.pass != nil, work.directories.isEmpty, work.listing == nil {
      work.pass = nil
      look.outcome.isFull = true
    }
    return look.outcome
  }

  private mutating func takeMarks(_ look: Look) {
    // A rescan is part of what is under way; of what changed unseen since that began, the next pass tells.
    if work.pass != nil { marks.isRescan = false }
    let begins = marks.isFull && work.pass == nil
    watchAbove(patterns.bases.keys.filter { begins || marks.directories.contains($0) }, look.watches)
    for directory in marks.directories.sorted() where isDirectory(directory) { queueUp(directory, isDue: true) }
    marks.directories = []
    guard begins else { return }
    work.pass = Pass(isAll: marks.isAll)
    work.passes += 1
    (marks.isAll, marks.isRescan) = (false, false)
    for base in patterns.bases.keys.sorted() { queueUp(base, isDue: false) }
  }

  mutating func queueUp(_ directory: LogPath, isDue: Bool) {
    work.directories.insert(directory, of: patterns.topFolder(ofDirectory: directory))
    if isDue { work.due.insert(directory) }
  }

  /// Watches what is above bases, from above, before they are looked for: that one of these directories is made, goes, or is
  /// a link that is pointed elsewhere, the one above it tells.
  private func watchAbove(_ looked: [LogPath], _ watches: any ChangeNotifier) {
    var above: Set<LogPath> = []
    for base in looked { above.formUnion(sequence(first: base, next: \.parent).dropFirst()) }
    for directory in above.sorted() { watches.add(directory, forNames: true) }
  }

  /// The known directories above `path`, from the nearest one on.
  private func trail(to path: LogPath) -> [FileID] {
    var trail: [FileID] = []
    for above in sequence(first: path, next: \.parent).dropFirst() {
      guard let directory = directories[above], directory.isListed else { break }
      trail.append(FileID(directory.status))
    }
    return trail
  }

  /// Opens a directory; nil: links lead to it that nobody wants followed.
  func open(_ path: LogPath, _ directory: Directory, _ look: inout Look) throws(SystemError) -> OpenDirectory? {
    let base = sequence(first: path, next: \.parent).first { patterns.bases[$0] != nil } ?? path
    let reached = reached(path, directory)
    let following = patterns.followingLinks(reached)
    var isTrusted = true
    let user = look.files.user
    do throws(SystemError) {
      let descriptor = try look.files.openDirectory(path, below: base) { link, target in
        if Self.isTrusted(link, target, user) { return true }
        isTrusted = false
        return !following.isEmpty
      }
      return OpenDirectory(descriptor, isTrusted ? reached : following, look.files)
    } catch {
      if error == .notFollowed { return nil }
      throw error
    }
  }

  /// Whether a link may be followed: its owner could read what it leads to, or could read everything without us.
  static func isTrusted(_ link: PathStatus, _ target: PathStatus, _ user: UInt32) -> Bool {
    link.owner == target.owner || link.owner == 0 || link.owner == user
  }

  // MARK: Directories

  /// - Returns: whether there was something to do.
  private mutating func lookAtDirectories(_ look: inout Look) -> Bool {
    if work.listing == nil {
      guard let path = work.directories.take(1).first else { return false }
      visit(path, &look)
    }
    goOnListing(&look)
    return true
  }

  /// Begins to list a directory, if it has to be.
  private mutating func visit(_ path: LogPath, _ look: inout Look) {
    let isDue = work.due.remove(path) != nil
    guard let directory = directories[path] else { return }
    let isOfPass = work.pass != nil && directory.pass != work.passes
    guard isOfPass || isDue && !directory.isRefused || !directory.isListed && !directory.isRefused else { return }
    directories[path]?.pass = work.passes
    failed.remove(path)
    do throws(SystemError) {
      // Before the listing: what changes after it has another time.
      var status = try look.files.status(of: path)
      guard status.kind == .directory else { throw SystemError.notADirectory }
      if trail(to: path).contains(FileID(status.file)) { return forget(path, &look) }
      if !isDue, work.pass?.isAll == false, isSteady(directory, path, status.file, look) {
        directories[path]?.steadyLooks += 1
        for child in directory.children.sorted() { queueUp(child, isDue: false) }
        return
      }
      look.watches.add(path)
      guard let place = try open(path, directory, &look) else { return forget(path, &look) }
      status = try look.files.status(of: place.descriptor)
      guard let names = try list(place.descriptor, path, before: directory.entryCount, &look) else { return }
      marks.entries[path] = nil
      let isAnother = FileID(status.file) != FileID(directory.status)
      let isFull = work.pass.map { $0.isAll || isOfPass } ?? false
      work.listing = Listing(
        path: path,
        place: place,
        status: status.file,
        names: names,
        found: Entries(),
        isDue: isAnother || isFull
      )
    } catch {
      if error.meansAbsent {
        forget(path, &look)
      } else {
        failed.insert(path)
        look.outcome.failed[path] = error
      }
    }
  }

  /// Whether there is no need to list it.
  private func isSteady(_ directory: Directory, _ path: LogPath, _ status: FileStatus, _ look: Look) -> Bool {
    marks.entries[path] == nil && directory.isListed && directory.isSteady && directory.status == status
      && directory.steadyLooks < TailerLimits.steadyLooksMax && look.covers(path, status)
  }

  /// The names in a directory; nil: in the folder at the top of the pattern are more than may be.
  private mutating func list(_ descriptor: Int32, _ path: LogPath, before: Int, _ look: inout Look) throws(SystemError)
    -> [(name: [UInt8], kind: EntryKind)]?
  {
    let top = patterns.topFolder(ofDirectory: path)
    let others = entryCounts[top, default: 0] - before
    var names: [(name: [UInt8], kind: EntryKind)] = []
    try look.files.list(descriptor) { name, kind, _ in
      names.append((name, kind))
      return others + names.count <= TailerLimits.entriesMax
    }
    guard others + names.count <= TailerLimits.entriesMax else {
      // A part of a listing must not make the rest look deleted.
      look.outcome.reachedEntriesMax.insert(top)
      directories[path]?.isRefused = true
      return nil
    }
    directories[path]?.isRefused = false
    entryCounts[top] = others + names.count
    directories[path]?.entryCount = names.count
    return names
  }

  private mutating func goOnListing(_ look: inout Look) {
    // Taken out, or what is found would be copied with each entry.
    guard var listing = work.listing else { return }
    work.listing = nil
    guard let directory = directories[listing.path] else { return }
    repeat {
      let end = min(listing.next + Self.entriesPerStep, listing.names.count)
      for (name, kind) in listing.names[listing.next..<end] {
        sort(name, kind, of: listing.path, directory, listing.place, &listing.found, &look)
        if kind == .unknown { listing.found.isSteady = false }
      }
      listing.next = end
    } while listing.next < listing.names.count && !look.isOver()
    if listing.next < listing.names.count {
      work.listing = listing
    } else {
      take(listing, &look)
    }
  }

  /// Puts a listing in the place of the one before, and goes on below.
  private mutating func take(_ listing: Listing, _ look: inout Look) {
    let (path, entries) = (listing.path, listing.found)
    guard var directory = directories[path] else { return }
    listings &+= 1
    directory.steadyLooks = directory.isListed ? 0 : listings % (TailerLimits.steadyLooksMax + 1)
    directory.status = listing.status
    directory.isListed = true
    let lastChange = max(listing.status.modified, listing.status.changed)
    directory.isSteady = entries.isSteady && look.now &- lastChange > FileTracker.timestampTick
    for (path, found) in entries.files {
      look.note(directory.files[path], found)
      look.see(found)
    }
    for (path, found) in directory.files where entries.files[path] == nil { look.note(found, nil) }
    directory.files = entries.files
    let leading = Set(entries.children.keys)
    let gone = directory.children.subtracting(leading)
    if leading != directory.children { directory.children = leading }
    directories[path] = directory
    for child in gone.sorted() { forgetChild(child, &look) }
    descend(to: entries.children, from: path, isDue: listing.isDue, &look)
  }

  /// Goes on in the directories that a directory leads to, where they are new.
  mutating func descend(to children: [LogPath: Way], from path: LogPath, isDue: Bool, _ look: inout Look) {
    guard trail(to: path).count < TailerLimits.depthMax else {
      look.outcome.reachedDepthMax = look.outcome.reachedDepthMax || !children.isEmpty
      return
    }
    // Siblings mostly stand alike: they share one array.
    var shared = Way()
    for (child, way) in children.sorted(by: { $0.key < $1.key }) {
      let isNew = directories[child].map { !$0.isListed || $0.way != way } ?? true
      if way != shared { shared = way }
      directories[child, default: Directory()].way = shared
      if isNew || isDue { queueUp(child, isDue: isNew || work.pass?.isAll != false) }
    }
  }

  // MARK: Forgetting

  /// The directory is not there: neither is anything below it. A base stays, to be looked for.
  mutating func forget(_ path: LogPath, _ look: inout Look) {
    guard let directory = directories[path] else { return }
    for found in directory.files.values { look.note(found, nil) }
    let top = patterns.topFolder(ofDirectory: path)
    if let count = entryCounts[top] {
      entryCounts[top] = count > directory.entryCount ? count - directory.entryCount : nil
    }
    failed.remove(path)
    directories[path] = patterns.bases[path].map { _ in Directory(way: directory.way, pass: directory.pass) }
    for child in directory.children.sorted() { forgetChild(child, &look) }
  }

  /// `path` is no longer reached from the directory above; it may be a base of its own.
  mutating func forgetChild(_ path: LogPath, _ look: inout Look) {
    directories[path]?.way = Way()
    if patterns.bases[path] == nil { forget(path, &look) }
  }
}
