internal import Glibc

/// The one buffer that all files are read through. It grows for a line that does not fit, and shrinks again.
final class ReadBuffer {
  /// Large enough that what is read again before the offset costs little.
  private static let usualCapacity = 1 << 20

  private let capacityMax: Int
  private var bytes: UnsafeMutableRawBufferPointer

  init(lineBytesMax: Int) {
    capacityMax = lineBytesMax + 2 * Self.usualCapacity
    bytes = .allocate(byteCount: Self.usualCapacity, alignment: 16)
  }

  deinit {
    bytes.deallocate()
  }

  var capacity: Int { bytes.count }

  /// What stands at `offset`, as much as fits; nil: it could not be read, or is not as much as `atLeast` while the file
  /// does not end there.
  func read(_ descriptor: Int32, at offset: Int, atLeast count: Int) -> UnsafeRawBufferPointer? {
    var filled = 0
    while filled < bytes.count {
      let got = pread(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, offset + filled)
      if got < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if got == 0 { break }
      filled += got
    }
    return UnsafeRawBufferPointer(rebasing: bytes[..<filled])
  }

  func grow() {
    guard bytes.count < capacityMax else { return }
    let capacity = min(capacityMax, bytes.count * 2)
    bytes.deallocate()
    bytes = .allocate(byteCount: capacity, alignment: 16)
  }

  func shrink() {
    // The bytes at hand stay readable: memory is given back at the next turn.
    needsShrinking = bytes.count > Self.usualCapacity
  }

  private var needsShrinking = false

  /// Between files: gives back what a long line took.
  func settle() {
    guard needsShrinking else { return }
    needsShrinking = false
    bytes.deallocate()
    bytes = .allocate(byteCount: Self.usualCapacity, alignment: 16)
  }
}
