/// What the tailer asks of a file system, so that tests can make it fail. Reads only; nothing here ever writes.
package protocol FileSystem {
  /// Follows links.
  func status(of path: LogPath) throws(SystemError) -> PathStatus
  /// What the name itself stands for; follows no link.
  func kind(of path: LogPath) throws(SystemError) -> EntryKind
  /// Calls `body` with each entry but `.` and `..`, until it returns false.
  func list(_ directory: LogPath, _ body: (_ name: [UInt8], _ kind: EntryKind, _ inode: UInt64) -> Bool)
    throws(SystemError)
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
