package import StateStore

/// What `fstat` says of a file, as far as it tells files and their states apart.
package struct FileStatus: Sendable, Hashable {
  package var device: UInt64
  package var inode: UInt64
  /// Bytes.
  package var size: Int
  /// Nanoseconds since 1970.
  package var modified: Int64
  /// Nanoseconds since 1970; the kernel's change time.
  package var changed: Int64

  package init(device: UInt64, inode: UInt64, size: Int, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  static let unknown = FileStatus(device: 0, inode: 0, size: 0, modified: 0, changed: 0)
}

extension FileStatus: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(device, inode, size, modified, changed)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (device, inode, size, modified, changed) = try decoder.decodeAll()
    guard (0...1 << 56).contains(size) else { throw StateDecoder.Failure() }
  }
}
