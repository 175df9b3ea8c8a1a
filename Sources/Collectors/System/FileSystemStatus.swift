internal import Glibc

/// What a mounted file system says of itself, or why it says nothing.
package enum FileSystemStatus: Sendable, Hashable {
  package struct Space: Sendable, Hashable {
    package var sizeBytes: Double
    package var freeBytes: Double
    /// To users without privilege.
    package var availableBytes: Double
    /// Nil: the file system has no fixed number of them.
    package var inodes: Double?
    package var freeInodes: Double?
    package var isReadOnly: Bool

    package init(
      sizeBytes: Double,
      freeBytes: Double,
      availableBytes: Double,
      inodes: Double?,
      freeInodes: Double?,
      isReadOnly: Bool
    ) {
      self.sizeBytes = sizeBytes
      self.freeBytes = freeBytes
      self.availableBytes = availableBytes
      self.inodes = inodes
      self.freeInodes = freeInodes
      self.isReadOnly = isReadOnly
    }
  }

  case space(Space)
  /// It is not mounted any more, or hidden from us.
  case absent
  /// The reason, for people.
  case unreadable(String)

  /// statvfs(3).
  package static func read(_ path: String) -> FileSystemStatus {
    var status = statvfs()
    while statvfs(path, &status) != 0 {
      if errno == EINTR { continue }
      if [ENOENT, ENOTDIR, EACCES].contains(errno) { return .absent }
      return .unreadable(String(cString: strerror(errno)))
    }
    let unit = Double(status.f_frsize > 0 ? status.f_frsize : status.f_bsize)
    let hasInodes = status.f_files > 0
    return .space(
      Space(
        sizeBytes: Double(status.f_blocks) * unit,
        freeBytes: Double(status.f_bfree) * unit,
        availableBytes: Double(status.f_bavail) * unit,
        inodes: hasInodes ? Double(status.f_files) : nil,
        freeInodes: hasInodes ? Double(status.f_ffree) : nil,
        isReadOnly: status.f_flag & UInt(ST_RDONLY) != 0
      )
    )
  }
}
