/// A buffer that all files are read into. Grows for a long line, and back.
final class ReadBuffer {
  private(set) var bytes: UnsafeMutableRawBufferPointer

  init(count: Int = TailerLimits.bufferBytes) {
    bytes = Self.allocate(count)
  }

  deinit {
    bytes.deallocate()
  }

  /// What was in it is lost.
  func resize(to count: Int) {
    guard count != bytes.count else { return }
    bytes.deallocate()
    bytes = Self.allocate(count)
  }

  func shrink() {
    resize(to: TailerLimits.bufferBytes)
  }

  private static func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
    .allocate(byteCount: count, alignment: 64)
  }
}
