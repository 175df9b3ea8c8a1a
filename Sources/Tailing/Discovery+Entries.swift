/// Looking at entries of a directory, of a listing or one by one: which are files that watchers want, which lead on, and
/// which are links that are not followed.
extension Discovery {
  /// Looks at single entries of a directory that was listed: what an event tells of costs no listing.
  ///
  /// - Returns: whether there was something to do.
  mutating func lookAtEntries(_ look: inout Look) -> Bool {
    guard let path = work.entries.popFirst() else { return false }
    guard var paths = marks.entries.removeValue(forKey: path) else { return true }
    guard work.listing?.path != path else {
      // They are looked at when the listing is done, which may be older.
      marks.entries[path] = paths
      work.entries.append(path)
      return false
    }
    guard directories[path]?.isListed == true else {
      if isDirectory(path) { queueUp(path, isDue: true) }
      return true
    }
    var taken: [LogPath] = []
    while taken.count < Self.entriesPerStep, let entry = paths.popFirst() { taken.append(entry) }
    if !paths.isEmpty {
      marks.entries[path] = paths
      work.entries.append(path)
    }
    lookAt(taken.sorted(), of: path, &look)
    return true
  }

  private mutating func lookAt(_ paths: [LogPath], of path: LogPath, _ look: inout Look) {
    guard let known = directories[path] else { return }
    let place: OpenDirectory
    do throws(SystemError) {
      guard let opened = try open(path, known, &look) else { return forget(path, &look) }
      place = opened
    } catch {
      if error.meansAbsent { return queueUp(path, isDue: true) }
      // What cannot be looked at stays as it was.
      failed.insert(path)
      look.outcome.failed[path] = error
      return
    }
    var children: [LogPath: Way] = [:]
    var gone: [LogPath] = []
    // Taken out, or its entries would be copied to change one.
    guard var directory = directories.removeValue(forKey: path) else { return }
    for full in paths {
      var entries = Entries()
      sort(Array(full.name), .unknown, of: path, directory, place, &entries, &look)
      directory.isSteady = directory.isSteady && entries.isSteady
      let found = entries.files[full]
      look.note(directory.files[full], found)
      directory.files[full] = found
      if let found { look.see(found) }
      if let way = entries.children[full] {
        children[full] = way
        directory.children.insert(full)
      } else if directory.children.remove(full) != nil {
        gone.append(full)
      }
    }
    directories[path] = directory
    for child in gone { forgetChild(child, &look) }
    descend(to: children, from: path, isDue: false, &look)
  }

  /// Puts one entry where it belongs: a file that a watcher wants, a directory that leads on, or nothing.
  mutating func sort(
    _ name: [UInt8],
    _ kind: EntryKind,
    of parent: LogPath,
    _ directory: Directory,
    _ place: OpenDirectory,
    _ entries: inout Entries,
    _ look: inout Look
  ) {
    guard kind != .other else { return }
    var (ending, leading) = patterns.follow(name, kind, from: place.reached)
    guard !ending.isEmpty || !leading.isEmpty else { return }
    let path = parent.appending(name)
    guard path != ignored else { return }
    if kind == .directory {
      entries.children[path] = Way(reached: leading, isDetour: directory.way.isDetour)
      return
    }
    do throws(SystemError) {
      let (itself, target) = try look.files.status(of: name, in: place.descriptor)
      let isDetour = directory.way.isDetour || target != nil
      // What a link leads to may change without a sign here.
      if target != nil { entries.isSteady = false }
      if let target, !Self.isTrusted(itself, target, look.files.user) {
        let wanting = patterns.watchers(of: ending + leading)
        (ending, leading) = (patterns.followingLinks(ending), patterns.followingLinks(leading))
        refuse(path, itself, target, wanting.subtracting(patterns.watchers(of: ending + leading)), &look)
      }
      let status = target ?? itself
      if status.kind == .directory, !leading.isEmpty {
        entries.children[path] = Way(reached: leading, isDetour: isDetour)
      }
      guard status.kind == .regular else { return }
      let watchers = patterns.watchers(of: path, ending: ending)
      guard !watchers.isEmpty else { return }
      let isLink = target != nil || status.linkCount > 1
      if isLink { entries.isSteady = false }
      // The path as it is kept already, where it is.
      let path = directory.files[path]?.path ?? path
      entries.files[path] = Found(path: path, status: status, isLink: isLink, isDetour: isDetour, watchers: watchers)
    } catch {
      entries.isSteady = false
      // What cannot be looked at stays as it was; what is gone is not there.
      guard !error.meansAbsent else { return }
      if let before = directory.files[path] { entries.files[path] = before }
      if directory.children.contains(path), let way = directories[path]?.way { entries.children[path] = way }
    }
  }

  private mutating func refuse(
    _ path: LogPath,
    _ link: PathStatus,
    _ target: PathStatus,
    _ watchers: Set<Int>,
    _ look: inout Look
  ) {
    guard !watchers.isEmpty, target.kind == .regular || target.kind == .directory,
      refusedLinks.count < TailerLimits.refusedLinksMax, refusedLinks.insert(path).inserted
    else { return }
    look.outcome.refused.append((RefusedLink(path: path, owner: link.owner, targetOwner: target.owner), watchers))
  }
}
