internal import CZlib
internal import NIOCore

/// zlib at the level made for speed. Each call gives a part of a deflate stream that stands for itself and ends at a
/// byte, so that parts can follow each other in any order.
///
/// Source: RFC 1951, RFC 1952.
final class Deflater {
  /// A part of a deflate stream, and what its bytes do to the checksum.
  struct Part {
    var bytes: ByteBuffer
    var checksum: UInt
    /// Of zlib's `crc32_combine_op`: stands for the part's length.
    var combination: UInt
  }

  /// A gzip header without name and time: method deflate, fastest, Unix.
  static let gzipHeader: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3]
  /// An empty last block.
  static let end: [UInt8] = [3, 0]

  private var stream = z_stream()
  private var output: [UInt8] = []

  init() {
    // Raw deflate with the largest window; the memory level that is zlib's own.
    let status = deflateInit2_(
      &stream,
      Z_BEST_SPEED,
      Z_DEFLATED,
      -MAX_WBITS,
      8,
      Z_DEFAULT_STRATEGY,
      ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size)
    )
    precondition(status == Z_OK, "zlib cannot be used: \(status)")
  }

  deinit { deflateEnd(&stream) }

  func deflate(_ plain: ByteBuffer) -> Part {
    deflateReset(&stream)
    // A flush takes some bytes more than the bound for a whole stream.
    let bound = Int(deflateBound(&stream, UInt(plain.readableBytes))) + 16
    if output.count < bound { output = Array(repeating: 0, count: bound) }
    let checksum = plain.withUnsafeReadableBytes { source in
      let bytes = source.bindMemory(to: UInt8.self)
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.avail_in = UInt32(bytes.count)
      output.withUnsafeMutableBufferPointer { target in
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        let status = CZlib.deflate(&stream, Z_SYNC_FLUSH)
        precondition(status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0, "deflate failed: \(status)")
      }
      return crc32(0, bytes.baseAddress, UInt32(bytes.count))
    }
    let length = output.count - Int(stream.avail_out)
    return Part(
      bytes: ByteBuffer(bytes: output[..<length]),
      checksum: checksum,
      combination: crc32_combine_gen(plain.readableBytes)
    )
  }

  /// The last bytes of a gzip stream of these parts.
  static func gzipTrailer(_ parts: [Part], plainBytes: Int) -> [UInt8] {
    var checksum: UInt = 0
    for part in parts { checksum = crc32_combine_op(checksum, part.checksum, part.combination) }
    var trailer = end
    for value in [UInt32(truncatingIfNeeded: checksum), UInt32(truncatingIfNeeded: plainBytes)] {
      withUnsafeBytes(of: value.littleEndian) { trailer.append(contentsOf: $0) }
    }
    return trailer
  }
}
