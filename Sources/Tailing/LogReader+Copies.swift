/// Comparing: whether a file has what was consumed of a log. It reads, and changes nothing that is known of either.
extension LogReader {
  /// The name that the log's file has now in the directory it was in.
  func currentName(of log: FollowedLog) -> LogPath? {
    guard let status = log.tracker.status, let directory = log.path.parent else { return nil }
    var candidates: [LogPath] = []
    var count = 0
    try? files.list(directory) { name, _, inode in
      count += 1
      if inode == status.inode { candidates.append(directory.appending(name)) }
      return count < TailerLimits.renamedSearchMax
    }
    return candidates.sorted().first { holds($0, contentOf: log) }
  }

  /// Whether the log's file is open, and still has a name somewhere.
  func isLinked(_ log: FollowedLog) -> Bool {
    guard let descriptor = log.descriptor, let status = try? files.status(of: descriptor) else { return false }
    return log.tracker.isSameFile(status.file) && status.linkCount > 0
  }

  /// Whether the file `path` is the one that `log` was reading. A file's number is used again, so without content to
  /// compare it says nothing, unless an open descriptor keeps it from being given to another.
  func holds(_ path: LogPath, contentOf log: FollowedLog) -> Bool {
    if isOpen(log) {
      guard let status = try? files.status(of: path) else { return false }
      return status.kind == .regular && log.tracker.isSameFile(status.file)
    }
    guard log.isIdentified, let descriptor = try? files.open(path) else {
      return false
    }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), log.tracker.isSameFile(status.file) else { return false }
    if let known = log.documentDigest {
      guard (1...log.consumer.documentBytesMax).contains(status.file.size) else { return false }
      return (try? digest(of: 0..<status.file.size, in: descriptor)) == known
    }
    return (try? matches(log.tracker.identifyingWindows, in: descriptor)) ?? false
  }

  /// Whether the log's file is open.
  private func isOpen(_ log: FollowedLog) -> Bool {
    guard let descriptor = log.descriptor, let status = try? files.status(of: descriptor) else { return false }
    return log.tracker.isSameFile(status.file)
  }

  /// Whether the file `path` has what was consumed of a log and its last line, which has no end in the log: then that is
  /// no record yet, but the beginning of one that stands in this file.
  func goesOn(_ path: LogPath, after log: FollowedLog) -> Bool {
    guard !log.rest.isEmpty, let descriptor = try? files.open(path) else { return false }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), status.kind == .regular,
      (try? matches(log.tracker.identifyingWindows, in: descriptor)) == true
    else { return false }
    var rest = ContentDigest()
    log.rest.withUnsafeBytes { rest.update($0) }
    let range = log.tracker.offset..<log.tracker.offset + log.rest.count
    return (try? digest(of: range, in: descriptor)) == rest.value
  }

  /// Whether these windows stand in the file `path`.
  func begins(_ path: LogPath, with windows: [ContentMarks.Window]) -> Bool {
    guard let descriptor = try? files.open(path) else { return false }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), status.kind == .regular else { return false }
    return (try? matches(windows, in: descriptor)) ?? false
  }

  /// Whether the file `path` has so many whole lines, none of them longer than a reader's buffer.
  func hasLines(_ path: LogPath, atLeast count: Int) -> Bool {
    guard let descriptor = try? files.open(path) else { return false }
    defer { files.close(descriptor) }
    guard let read = try? fill(descriptor, from: 0, to: buffer.bytes.count) else { return false }
    return buffer.bytes[..<read].lazy.filter { $0 == UInt8(ascii: "\n") }.prefix(count).count == count
  }

  /// The file's first bytes.
  func head(of path: LogPath) -> [UInt8]? {
    guard let descriptor = try? files.open(path) else { return nil }
    defer { files.close(descriptor) }
    let end = FollowedLog.headBytesMax
    guard let count = try? fill(descriptor, from: 0, to: end) else { return nil }
    return Array(buffer.bytes[..<count])
  }

  /// Whether the file `path` has all that was consumed of a log, or (false) a beginning of it; nil: it has something
  /// else, or more than the log.
  func compare(_ path: LogPath, _ status: FileStatus, with log: FollowedLog) -> Bool? {
    guard status.size < log.tracker.identityBytes else {
      guard begins(path, with: log.tracker.identifyingWindows) else { return nil }
      // More than the log has now it may have had, unless the log is as it was.
      let now = try? files.status(of: log.readPath)
      if let now, now.file == log.tracker.status, status.size > now.file.size { return nil }
      return true
    }
    guard let first = try? files.open(path) else { return nil }
    defer { files.close(first) }
    guard let second = try? files.open(log.readPath) else { return nil }
    defer { files.close(second) }
    let part = ContentMarks.wholeOnGrowthBytesMax
    for range in [0..<min(part, status.size), max(0, status.size - part)..<status.size] where !range.isEmpty {
      guard let one = try? digest(of: range, in: first), let other = try? digest(of: range, in: second), one == other
      else { return nil }
    }
    return false
  }
}
