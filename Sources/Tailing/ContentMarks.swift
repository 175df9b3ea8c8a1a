internal import StateStore

/// What is remembered of the bytes that were consumed from a file's beginning, to tell whether they still stand there:
/// a digest of the head, of the last blocks, and of the whole while it is small. Kept from the bytes as they were
/// consumed, never read again. A few hundred bytes, whatever the file's size.
struct ContentMarks: Sendable, Hashable {
  /// More than a header, so that two runs with the same columns differ.
  static let headBytesMax = 4 << 10
  /// The tail reaches back one to two of these.
  static let blockBytes = 32 << 10
  /// Up to here a growing file is compared as a whole: about as much as head and tail.
  static let wholeOnGrowthBytesMax = 64 << 10
  /// Up to here a file that changed without growing is compared as a whole.
  static let wholeBytesMax = 1 << 20

  /// A stretch of a file, and the digest it had.
  struct Window: Sendable, Hashable {
    var range: Range<Int>
    var digest: UInt64
  }

  /// Bytes consumed.
  private(set) var offset = 0
  private var head = ContentDigest()
  private var whole = ContentDigest()
  private var previousBlock: UInt64?
  private var block = ContentDigest()

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let end = offset + bytes.count
    if head.count < Self.headBytesMax {
      head.update(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.headBytesMax - head.count)))
    }
    // Past the bound the digest is not used any more, so it need not be right.
    if offset < Self.wholeBytesMax { whole.update(bytes) }
    var place = offset
    let firstKept = max(0, end / Self.blockBytes * Self.blockBytes - Self.blockBytes)
    if place < firstKept {
      place = firstKept
      previousBlock = nil
      block = ContentDigest()
    }
    while place < end {
      let blockEnd = (place / Self.blockBytes + 1) * Self.blockBytes
      let next = min(end, blockEnd)
      block.update(UnsafeRawBufferPointer(rebasing: bytes[(place - offset)..<(next - offset)]))
      place = next
      if place == blockEnd {
        previousBlock = block.value
        block = ContentDigest()
      }
    }
    offset = end
  }

  private static let zeros = [UInt8](repeating: 0, count: blockBytes)

  /// As `append` of so many zero bytes, at a cost that does not grow with their number.
  mutating func appendZeros(_ count: Int) {
    let end = offset + count
    while offset < end {
      let firstKept = end / Self.blockBytes * Self.blockBytes - Self.blockBytes
      if offset >= Self.wholeBytesMax, offset < firstKept {
        (offset, previousBlock, block) = (firstKept, nil, ContentDigest())
      }
      Self.zeros.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0.prefix(end - offset))) }
    }
  }

  /// What has to be there still when the file has only grown, or has changed otherwise.
  func windows(hasGrown: Bool) -> [Window] {
    if offset == 0 { return [] }
    if offset <= (hasGrown ? Self.wholeOnGrowthBytesMax : Self.wholeBytesMax) {
      return [Window(range: 0..<offset, digest: whole.value)]
    }
    var windows = [Window(range: 0..<head.count, digest: head.value)]
    let blockStart = offset / Self.blockBytes * Self.blockBytes
    if let previousBlock {
      windows.append(Window(range: blockStart - Self.blockBytes..<blockStart, digest: previousBlock))
    }
    if blockStart < offset { windows.append(Window(range: blockStart..<offset, digest: block.value)) }
    return windows
  }
}

extension ContentMarks.Window {
  init(_ bytes: UnsafeRawBufferPointer, at start: Int) {
    self.init(range: start..<start + bytes.count, digest: ContentDigest(of: bytes).value)
  }
}

extension ContentMarks: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(offset, head, whole, previousBlock, block)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (offset, head, whole, previousBlock, block) = try decoder.decodeAll()
    guard (0...1 << 56).contains(offset), head.count <= min(offset, Self.headBytesMax) else {
      throw StateDecoder.Failure()
    }
  }
}
