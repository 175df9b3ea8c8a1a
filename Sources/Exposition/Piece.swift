internal import NIOCore
internal import Synchronization

/// Bytes of an exposition that stay what they are until something in them changes: a page's samples, a family's header.
/// A buffer of swift-nio, so that it goes to the socket without being copied.
struct Piece: Sendable {
  private static let serials = Atomic<UInt64>(1)

  let bytes: ByteBuffer
  /// No other piece has it: the same number, the same bytes.
  let serial: UInt64

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = ByteBuffer(bytes: bytes)
    serial = Self.serials.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  init(_ bytes: [UInt8]) {
    self = bytes.withUnsafeBufferPointer { Piece($0) }
  }

  var count: Int { bytes.readableBytes }
}
