/// What the tailer asks of a file system, so that tests can make it fail. Reads only; nothing here ever writes.
package protocol FileSystem {
  /// The user that this program runs as.
  var user: UInt32 { get }
  /// Follows links.
  func status(of path: LogPath) throws(SystemError) -> PathStatus
  /// Opens a directory, to see what is in it wherever its path may lead by then.
  ///
  /// - Parameters:
  ///   - base: the part of the path in which links are followed, whoever made them.
  ///   - mayFollow: asked for each link below it, with the link itself and what it leads to. If it says no, the error is
  ///     `notFollowed`.
  func openDirectory(
    _ path: LogPath,
    below base: LogPath,
    mayFollow: (_ link: PathStatus, _ target: PathStatus) -> Bool
  )
    throws(SystemError) -> Int32
  /// Calls `body` with each entry of an open directory but `.` and `..`, until it returns false.
  func list(_ directory: Int32, _ body: (_ name: [UInt8], _ kind: EntryKind, _ inode: UInt64) -> Bool)
    throws(SystemError)
  /// What a name in an open directory stands for, and, if that is a link, what it leads to.
  func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (itself: PathStatus, target: PathStatus?)
  /// For reading, without waiting for a FIFO's writer and without becoming a terminal's process.
  func open(_ path: LogPath) throws(SystemError) -> Int32
  func status(of descriptor: Int32) throws(SystemError) -> PathStatus
  /// - Returns: how many bytes were read; 0 at the file's end.
  func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
    throws(SystemError) -> Int
  /// Where the first byte at or behind `offset` stands that is in no hole; nil: there is none, or nobody can tell.
  func nextData(_ descriptor: Int32, from offset: Int) -> Int?
  func close(_ descriptor: Int32)
}

package enum EntryKind: Sendable, Hashable {
  case regular
  case directory
  case link
  case other
  /// The file system does not say.
  case unknown
}

package struct PathStatus: Sendable, Hashable {
  package var kind: EntryKind
  package var file: FileStatus
  /// Names that the file has.
  package var linkCount: Int
  /// The user that it belongs to.
  package var owner: UInt32

  package init(kind: EntryKind, file: FileStatus, linkCount: Int = 1, owner: UInt32 = 0) {
    self.kind = kind
    self.file = file
    self.linkCount = linkCount
    self.owner = owner
  }
}

/// A system call's `errno`.
package struct SystemError: Error, Sendable, Hashable {
  package var code: Int32

  package init(code: Int32) {
    self.code = code
  }
}

extension FileSystem {
  /// The same of a directory's path, whatever links lead there.
  package func list(_ directory: LogPath, _ body: (_ name: [UInt8], _ kind: EntryKind, _ inode: UInt64) -> Bool)
    throws(SystemError)
  {
    let descriptor = try openDirectory(directory, below: directory) { _, _ in true }
    defer { close(descriptor) }
    try list(descriptor, body)
  }
}
