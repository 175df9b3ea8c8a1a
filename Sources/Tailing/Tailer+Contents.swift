/// What the tables ask about contents: whose a file is by what it has. Reads, and changes nothing that is known.
extension Tailer {
  /// Whether the file is the one that the log was reading. A file's number is used again, so without content to compare
  /// it says nothing, unless an open descriptor keeps it from being given to another.
  func leads(_ path: LogPath, to log: FollowedLog) -> Bool {
    if openStatus(of: log) != nil { return status(of: path).map(log.tracker.isSameFile) ?? false }
    guard log.isIdentified else { return false }
    return reader.withFile(path) { descriptor, status in
      guard log.tracker.isSameFile(status) else { return false }
      guard let known = log.documentDigest else {
        return try reader.matches(log.tracker.windows(), in: descriptor)
      }
      guard (1...log.consumer.documentBytesMax).contains(status.size) else { return false }
      return try reader.digest(of: 0..<status.size, in: descriptor) == known
    } ?? false
  }

  func currentName(of log: FollowedLog) -> LogPath? {
    guard let status = log.tracker.status, let directory = log.path.parent else { return nil }
    var candidates: [LogPath] = []
    var count = 0
    try? reader.files.list(directory) { name, _, inode in
      count += 1
      if inode == status.inode { candidates.append(directory.appending(name)) }
      return count < TailerLimits.renamedSearchMax
    }
    return candidates.sorted().first { leads($0, to: log) }
  }

  func isLinked(_ log: FollowedLog) -> Bool { openStatus(of: log).map { $0.linkCount > 0 } ?? false }

  /// nil: the log's file is not open.
  private func openStatus(of log: FollowedLog) -> PathStatus? {
    guard let descriptor = log.descriptor, let status = try? reader.files.status(of: descriptor) else { return nil }
    return log.tracker.isSameFile(status.file) ? status : nil
  }

  func begins(_ path: LogPath, with log: FollowedLog) -> Bool {
    reader.withFile(path) { descriptor, _ in
      try reader.matches(log.tracker.windows(), in: descriptor)
    } ?? false
  }

  /// None of the lines may be longer than a reader's buffer.
  func hasLines(_ path: LogPath, within bytes: Int) -> Bool {
    start(of: path, count: min(bytes, reader.buffer.bytes.count))?.lazy.filter { $0 == UInt8(ascii: "\n") }.prefix(2)
      .count == 2
  }

  func head(of path: LogPath) -> [UInt8]? { start(of: path, count: FollowedLog.headBytesMax).map(Array.init) }

  /// The file's first bytes.
  private func start(of path: LogPath, count: Int) -> UnsafeMutableRawBufferPointer.SubSequence? {
    reader.withFile(path) { descriptor, _ in
      reader.buffer.bytes[..<(try reader.fill(descriptor, from: 0, to: count))]
    }
  }

  func compare(_ path: LogPath, _ status: FileStatus, with log: FollowedLog) -> Bool? {
    guard status.size < log.tracker.identityBytes else {
      guard begins(path, with: log) else { return nil }
      // More than the log has now it may have had, unless the log is as it was.
      if let now = self.status(of: log.readPath), now == log.tracker.status, status.size > now.size { return nil }
      return true
    }
    return reader.withFile(path) { first, _ in
      reader.withFile(log.readPath) { second, _ in try hasSame(status.size, first, second) ? false : nil }
    }
  }

  func isBeginning(_ path: LogPath, _ status: FileStatus, of log: FollowedLog) -> Bool {
    guard let second = log.descriptor else { return false }
    return reader.withFile(path) { first, _ in try hasSame(status.size, first, second) } ?? false
  }

  /// Whether two files begin with the same bytes; of many, the first and the last of them are compared.
  private func hasSame(_ count: Int, _ first: Int32, _ second: Int32) throws(SystemError) -> Bool {
    let part = ContentMarks.wholeOnGrowthBytesMax
    for range in [0..<min(part, count), max(0, count - part)..<count] {
      guard let digest = try reader.digest(of: range, in: first), try reader.digest(of: range, in: second) == digest
      else { return false }
    }
    return true
  }
}
