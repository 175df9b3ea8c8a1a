internal import NIOCore

/// Small pieces that follow each other, joined: a body of many tiny parts costs more to pack and to write than its bytes
/// do. Keeps what it joined until one of the parts changes.
struct JoinedPieces {
  /// Pieces of at least so many bytes stay alone: joining them would copy them.
  private static let largeBytes = 16 << 10

  private struct Joined {
    var parts: [Piece]
    var whole: Piece
  }

  /// By the first part of each.
  private var kept: [ObjectIdentifier: Joined] = [:]

  /// The same bytes in fewer pieces.
  mutating func join(_ pieces: [Piece]) -> [Piece] {
    var result: [Piece] = []
    var current: [ObjectIdentifier: Joined] = [:]
    var run: [Piece] = []
    var bytes = 0
    func close() {
      if run.count > 1 {
        let joined = joined(run)
        current[ObjectIdentifier(run[0])] = joined
        result.append(joined.whole)
      } else {
        result += run
      }
      run = []
      bytes = 0
    }
    for piece in pieces {
      if piece.count >= Self.largeBytes { close() }
      run.append(piece)
      bytes += piece.count
      if bytes >= Self.largeBytes { close() }
    }
    close()
    kept = current
    return result
  }

  private func joined(_ run: [Piece]) -> Joined {
    if let known = kept[ObjectIdentifier(run[0])], known.parts.elementsEqual(run, by: ===) { return known }
    var whole = ByteBufferAllocator().buffer(capacity: run.reduce(0) { $0 + $1.count })
    for piece in run { whole.writeImmutableBuffer(piece.bytes) }
    return Joined(parts: run, whole: Piece(whole))
  }
}
