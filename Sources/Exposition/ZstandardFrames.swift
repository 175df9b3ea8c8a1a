internal import CZstd
internal import NIOCore

/// zstd at the level made for speed. Each call gives a frame of its own; frames that follow each other are a stream.
///
/// Source: RFC 8878, section 3.
final class ZstandardFrames {
  private let context: OpaquePointer
  private var output: [UInt8] = []

  init() {
    guard let context = ZSTD_createCCtx() else { preconditionFailure("no memory for zstd") }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  func frame(_ plain: ByteBuffer) -> ByteBuffer {
    let bound = ZSTD_compressBound(plain.readableBytes)
    if output.count < bound { output = Array(repeating: 0, count: bound) }
    let length = plain.withUnsafeReadableBytes { source in
      output.withUnsafeMutableBytes { target in
        ZSTD_compressCCtx(context, target.baseAddress, target.count, source.baseAddress, source.count, 1)
      }
    }
    precondition(ZSTD_isError(length) == 0, "zstd failed")
    return ByteBuffer(bytes: output[..<length])
  }
}
