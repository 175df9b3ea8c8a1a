internal import NIOCore

/// A part of a body: a large piece, or some small ones joined. It is compressed once, on its own, so that a body whose
/// other parts have changed still has this part's compressed bytes.
final class BodySegment {
  /// Pieces of at least so many bytes are parts of their own: joining them would copy them.
  static let largeBytes = 16 << 10

  /// Of the pieces, in order.
  let serials: [UInt64]
  let plain: ByteBuffer
  private var kept: Deflated?
  private var keptFrame: ByteBuffer?

  /// A part of a deflate stream, and what its bytes do to the checksum.
  struct Deflated {
    var bytes: ByteBuffer
    var checksum: UInt
    /// Of zlib's `crc32_combine_op`: stands for the part's length.
    var combination: UInt
  }

  private init(_ pieces: ArraySlice<Piece>) {
    serials = pieces.map(\.serial)
    if let only = pieces.first, pieces.count == 1 {
      plain = only.bytes
    } else {
      var joined = ByteBufferAllocator().buffer(capacity: pieces.reduce(0) { $0 + $1.count })
      for piece in pieces { joined.writeImmutableBuffer(piece.bytes) }
      plain = joined
    }
  }

  func deflated(with deflater: Deflater) -> Deflated {
    if let kept { return kept }
    let made = deflater.deflate(plain)
    kept = made
    return made
  }

  func frame(with frames: ZstandardFrames) -> ByteBuffer {
    if let keptFrame { return keptFrame }
    let made = frames.frame(plain)
    keptFrame = made
    return made
  }

  /// Cuts pieces into segments, and takes those that are the same as before from `before`.
  static func segments(of pieces: [Piece], before: [UInt64: BodySegment]) -> [BodySegment] {
    var segments: [BodySegment] = []
    var start = 0
    var bytes = 0
    func close(at end: Int) {
      guard end > start else { return }
      let run = pieces[start..<end]
      let known = before[pieces[start].serial]
      if let known, known.serials.count == run.count, zip(known.serials, run).allSatisfy({ $0 == $1.serial }) {
        segments.append(known)
      } else {
        segments.append(BodySegment(run))
      }
      (start, bytes) = (end, 0)
    }
    for (position, piece) in pieces.enumerated() {
      if piece.count >= largeBytes { close(at: position) }
      bytes += piece.count
      if bytes >= largeBytes { close(at: position + 1) }
    }
    close(at: pieces.count)
    return segments
  }
}
