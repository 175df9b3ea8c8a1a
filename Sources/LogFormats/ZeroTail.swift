/// Zero bytes at the end of what is there of a binary log: room that was made in advance, or what a network file system has
/// not brought yet.
enum ZeroTail {
  /// So many may yet be written: more are damage.
  private static let bytesMax = 64 << 10

  /// Whether nothing comes from `start` on but a few zero bytes.
  static func mayBeWritten(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
    bytes.count - start <= bytesMax && bytes[bytes.count - 1] == 0 && bytes[start...].allSatisfy { $0 == 0 }
  }
}
