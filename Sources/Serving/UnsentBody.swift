internal import NIOCore

/// What is left of a body: pieces that are handed out one after the other, the large ones in parts.
struct UnsentBody {
  private let chunks: [ByteBuffer]
  private var position = 0
  private var rest = ByteBuffer()
  private let hold: HeldRenderings.Hold?

  init(_ chunks: [ByteBuffer], hold: HeldRenderings.Hold? = nil) {
    self.chunks = chunks
    self.hold = hold
  }

  /// The next piece, never an empty one; `nil` at the end.
  mutating func next(bytesMax: Int) -> ByteBuffer? {
    while rest.readableBytes == 0 {
      guard position < chunks.count else { return nil }
      rest = chunks[position]
      position += 1
    }
    return rest.readSlice(length: min(bytesMax, rest.readableBytes))
  }
}
