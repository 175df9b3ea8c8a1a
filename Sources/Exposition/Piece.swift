internal import NIOCore

/// Bytes of an exposition that stay what they are until something in them changes: a page's samples, a family's header,
/// or some small ones joined. A buffer of swift-nio, so that it goes to the socket without being copied. What it is packed
/// into is kept with it, and goes with it.
///
/// One rendering at a time touches it: hence `@unchecked`.
final class Piece: @unchecked Sendable {
  let bytes: ByteBuffer
  private var deflated: Deflater.Part?
  private var frame: ByteBuffer?

  init(_ bytes: ByteBuffer) { self.bytes = bytes }

  convenience init(_ bytes: UnsafeBufferPointer<UInt8>) { self.init(ByteBuffer(bytes: bytes)) }

  convenience init(_ bytes: [UInt8]) { self.init(ByteBuffer(bytes: bytes)) }

  var count: Int { bytes.readableBytes }

  func deflated(with deflater: Deflater) -> Deflater.Part {
    if let deflated { return deflated }
    let made = deflater.deflate(bytes)
    deflated = made
    return made
  }

  func frame(with frames: ZstandardFrames) -> ByteBuffer {
    if let frame { return frame }
    let made = frames.frame(bytes)
    frame = made
    return made
  }
}
