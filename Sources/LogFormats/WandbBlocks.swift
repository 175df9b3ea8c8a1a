internal import StateStore

/// Cuts the bytes of a `.wandb` file into its records. It is a log of LevelDB
/// (https://github.com/google/leveldb/blob/main/doc/log_format.md) behind a head of 7 bytes: blocks of 32 KiB hold *chunks*,
/// each with a check, a length, and whether it is a whole record or its first, a middle or the last part. The check is
/// zlib's CRC-32 of the type and the data. It never holds bytes.
struct WandbBlocks {
  enum Step {
    /// The data of a whole record, in one part or several, and where the next one begins.
    case record([Range<Int>], next: Int)
    /// A record whose bytes are not those that were written, or what is no chunk at all; on to `next`.
    case damaged(next: Int)
    /// A record that is longer than is read; on to `next`.
    case tooLong(next: Int)
    /// Room at a block's end, or what belongs to a record or to damage that was told; on to `next`.
    case skipped(next: Int)
    /// The record is not whole yet.
    case unfinished
  }

  static let blockBytes = 32 << 10
  static let head: [UInt8] = Array(":W&B".utf8) + [0xE1, 0xBE, 0]
  /// The check, the length, and the type.
  private static let chunkHeadBytes = 7
  /// So much is looked at in a block to find whole chunks behind damage; the next block may have one.
  private static let searchBytesMax = 1 << 20

  private enum Kind: UInt8 {
    case whole = 1
    case first = 2
    case middle = 3
    case last = 4
  }

  /// The longest record that is read, with the heads of its chunks.
  let recordBytesMax: Int
  /// How many bytes of the file were passed.
  private(set) var offset = 0
  /// Whether parts of a record are passed by whose first one is lost, or too long.
  private(set) var isWithoutFirst = false
  /// Whether nothing was found since damage that has been told.
  private(set) var isLost = false
  /// How much was looked at so far in the block that begins there.
  private var searched = (block: 0, bytes: 0)
  /// Whether what is there has rested: what is missing of a chunk hardly comes any more.
  var isAtRest = false

  init(recordBytesMax: Int) { self.recordBytesMax = recordBytesMax }

  mutating func advance(by count: Int) { offset += count }

  /// Passes by bytes without looking at them.
  ///
  /// - Returns: whether that leaves a record unread.
  mutating func skip(_ count: Int) -> Bool {
    offset += count
    defer { (isLost, isWithoutFirst) = (true, true) }
    return !isLost
  }

  /// What stands at a place.
  ///
  /// - Parameter base: where the bytes begin in the file.
  mutating func step(in bytes: UnsafeRawBufferPointer, at start: Int, base: Int, isClosed: Bool) -> Step {
    if base + start == 0 { return readHead(bytes, isClosed: isClosed) }
    let blockLeft = Self.blockLeft(at: base + start)
    if blockLeft < Self.chunkHeadBytes { return .skipped(next: min(start + blockLeft, bytes.count)) }
    switch chunk(in: bytes, at: start, blockLeft) {
    case .none: return damage(bytes, start, blockLeft, base: base, isClosed: isClosed)
    case .unfinished:
      if isClosed || isAtRest { return damage(bytes, start, blockLeft, base: base, isClosed: isClosed) }
      return .unfinished
    case .chunk(let kind, let data):
      switch kind {
      case .whole:
        found()
        return data.count > recordBytesMax ? .tooLong(next: data.upperBound) : .record([data], next: data.upperBound)
      case .first:
        return gather(bytes, start, data, base: base, isClosed: isClosed)
      case .middle, .last:
        if isWithoutFirst {
          if kind == .last { found() }
          return .skipped(next: data.upperBound)
        }
        isWithoutFirst = kind == .middle
        return .damaged(next: data.upperBound)
      }
    }
  }

  private mutating func found() { (isLost, isWithoutFirst) = (false, false) }

  private static func blockLeft(at offset: Int) -> Int { blockBytes - offset % blockBytes }

  private mutating func readHead(_ bytes: UnsafeRawBufferPointer, isClosed: Bool) -> Step {
    let count = Self.head.count
    if bytes.count < count {
      if !isClosed { return .unfinished }
      isLost = true
      return .damaged(next: bytes.count)
    }
    if bytes.starts(with: Self.head) { return .skipped(next: count) }
    (isLost, isWithoutFirst) = (true, true)
    return .damaged(next: count)
  }

  private enum Chunk {
    case chunk(Kind, Range<Int>)
    /// Its bytes are not all there.
    case unfinished
    /// No chunk stands there, or a damaged one.
    case none
  }

  private func chunk(in bytes: UnsafeRawBufferPointer, at start: Int, _ blockLeft: Int) -> Chunk {
    guard bytes.count - start >= Self.chunkHeadBytes else { return .unfinished }
    let length = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt16.self)))
    let data = start + Self.chunkHeadBytes..<start + Self.chunkHeadBytes + length
    guard length <= blockLeft - Self.chunkHeadBytes else { return .none }
    guard let kind = Kind(rawValue: bytes[start + 6]) else {
      return ZeroTail.mayBeWritten(bytes, from: start) ? .unfinished : .none
    }
    guard data.upperBound <= bytes.count else { return .unfinished }
    let checked = UnsafeRawBufferPointer(rebasing: bytes[start + 6..<data.upperBound])
    let check = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
    if CRC32.ieee.value(of: checked) == check { return .chunk(kind, data) }
    return !isAtRest && data.upperBound == bytes.count && bytes[data.upperBound - 1] == 0 ? .unfinished : .none
  }

  /// A record of several chunks.
  private mutating func gather(
    _ bytes: UnsafeRawBufferPointer,
    _ start: Int,
    _ first: Range<Int>,
    base: Int,
    isClosed: Bool
  ) -> Step {
    var parts = [first]
    var place = first.upperBound
    while true {
      if place - start > recordBytesMax {
        found()
        isWithoutFirst = true
        return .tooLong(next: place)
      }
      let blockLeft = Self.blockLeft(at: base + place)
      if blockLeft < Self.chunkHeadBytes {
        guard place + blockLeft <= bytes.count else { return half(place, isClosed: isClosed) }
        place += blockLeft
        continue
      }
      switch chunk(in: bytes, at: place, blockLeft) {
      case .unfinished: return half(place, isClosed: isClosed)
      case .chunk(.middle, let data):
        parts.append(data)
        place = data.upperBound
      case .chunk(.last, let data):
        if data.upperBound - start > recordBytesMax {
          found()
          return .tooLong(next: data.upperBound)
        }
        found()
        return .record(parts + [data], next: data.upperBound)
      case .chunk, .none:
        // Another record begins, or damage, which is told with this one.
        let isTold = isLost
        (isLost, isWithoutFirst) = (true, true)
        return isTold ? .skipped(next: place) : .damaged(next: place)
      }
    }
  }

  private mutating func half(_ place: Int, isClosed: Bool) -> Step {
    guard isClosed else { return .unfinished }
    let isTold = isLost
    (isLost, isWithoutFirst) = (true, true)
    return isTold ? .skipped(next: place) : .damaged(next: place)
  }

  /// No chunk stands here: the next whole one of the block is looked for, then the next block.
  private mutating func damage(
    _ bytes: UnsafeRawBufferPointer,
    _ start: Int,
    _ blockLeft: Int,
    base: Int,
    isClosed: Bool
  ) -> Step {
    let block = (base + start) / Self.blockBytes
    var looked = searched.block == block ? searched.bytes : 0
    var next: Int?
    for place in start + 1..<max(start + 1, min(start + blockLeft, bytes.count) - Self.chunkHeadBytes + 1) {
      guard bytes[place + 6] <= Kind.last.rawValue, bytes[place + 6] > 0 else { continue }
      looked += Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt16.self)))
      if looked > Self.searchBytesMax { break }
      if case .chunk = chunk(in: bytes, at: place, blockLeft - (place - start)) {
        next = place
        break
      }
    }
    // Only what is decided counts: what is missing of the block may come, and is looked through again.
    if next != nil { searched = (block, looked) }
    if next == nil {
      // What is missing of the block may have one.
      guard isClosed || start + blockLeft <= bytes.count else { return .unfinished }
      next = min(start + blockLeft, bytes.count)
    }
    let isTold = isLost
    (isLost, isWithoutFirst) = (true, true)
    return isTold ? .skipped(next: next ?? bytes.count) : .damaged(next: next ?? bytes.count)
  }
}

extension WandbBlocks {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(offset)
    encoder.encode(isWithoutFirst)
    encoder.encode(isLost)
    encoder.encode(searched.block)
    encoder.encode(searched.bytes)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    offset = try decoder.decode()
    isWithoutFirst = try decoder.decode()
    isLost = try decoder.decode()
    searched = (try decoder.decode(), try decoder.decode())
    guard (0...Int.max / 2).contains(offset) else { throw StateDecoder.Failure() }
  }
}
