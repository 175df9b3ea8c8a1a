internal import StateStore

/// Cuts the bytes of a TFRecord file into its records, here *frames*: a length of 8 bytes with its check, the data, and the
/// check of that (https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details"). Behind damage it
/// looks for the next frame. It never holds bytes.
struct TFRecordFrames {
  enum Step {
    /// The data of a whole frame, and where the next one begins.
    case frame(Range<Int>, next: Int)
    /// A frame whose bytes are not those that were written, or what is no frame at all; on to `next`.
    case damaged(next: Int)
    /// The beginning of a frame, behind which nothing comes; on to `next`.
    case half(next: Int)
    /// A frame that is longer than is read, a further part of it, or of damage; on to `next`.
    case skipped(next: Int)
    /// The frame is not whole yet.
    case unfinished
  }

  /// Before the data: the length and its check.
  private static let headBytes = 12
  private static let checkBytes = 4
  /// No message of Protocol Buffers is longer, so no frame is.
  private static let dataBytesMax: UInt64 = 1 << 31

  /// The longest data that is read: longer ones are pictures and the like.
  let dataBytesMax: Int
  /// So much of a frame that is longer than is read has still to be passed by.
  private(set) var bytesToSkip = 0
  /// Whether the next frame is looked for behind damage that has been told.
  private(set) var isLost = false
  /// Whether what is there has rested: its last bytes are what they will be.
  var isAtRest = false

  init(dataBytesMax: Int) { self.dataBytesMax = dataBytesMax }

  /// What stands at a place.
  @inline(__always)
  mutating func step(in bytes: UnsafeRawBufferPointer, at start: Int, isClosed: Bool) -> Step {
    if bytesToSkip > 0 || isLost { return goOn(in: bytes, at: start, isClosed: isClosed) }
    guard bytes.count - start >= Self.headBytes else { return isClosed ? half(bytes.count) : .unfinished }
    guard let length = Self.length(in: bytes, at: start) else {
      if !isClosed, ZeroTail.mayBeWritten(bytes, from: start) { return .unfinished }
      return lost(start + 1)
    }
    let dataStart = start + Self.headBytes
    guard length <= dataBytesMax else {
      bytesToSkip = Self.headBytes + length + Self.checkBytes
      return goOn(in: bytes, at: start, isClosed: isClosed)
    }
    let next = dataStart + length + Self.checkBytes
    guard next <= bytes.count else { return isClosed ? half(bytes.count) : .unfinished }
    let data = UnsafeRawBufferPointer(rebasing: bytes[dataStart..<next - Self.checkBytes])
    if Self.masked(CRC32.castagnoli.value(of: data)) == Self.check(in: bytes, at: next - Self.checkBytes) {
      return .frame(dataStart..<next - Self.checkBytes, next: next)
    }
    if !isClosed, !isAtRest, next == bytes.count, bytes[next - 1] == 0 { return .unfinished }
    return .damaged(next: next)
  }

  /// Passes by bytes without looking at them.
  ///
  /// - Returns: whether that leaves a frame unread.
  mutating func skip(_ count: Int) -> Bool {
    if count <= bytesToSkip {
      bytesToSkip -= count
      return false
    }
    bytesToSkip = 0
    defer { isLost = true }
    return !isLost
  }

  private mutating func lost(_ next: Int) -> Step {
    isLost = true
    return .damaged(next: next)
  }

  private mutating func half(_ next: Int) -> Step {
    isLost = true
    return .half(next: next)
  }

  private mutating func goOn(in bytes: UnsafeRawBufferPointer, at start: Int, isClosed: Bool) -> Step {
    if bytesToSkip > 0 {
      let count = min(bytesToSkip, bytes.count - start)
      bytesToSkip -= count
      return .skipped(next: start + count)
    }
    var place = start
    while bytes.count - place >= Self.headBytes {
      if Self.length(in: bytes, at: place) != nil {
        isLost = false
        return .skipped(next: place)
      }
      place += 1
    }
    if isClosed { return .skipped(next: bytes.count) }
    return place > start ? .skipped(next: place) : .unfinished
  }

  /// The length that a frame's head tells; nil: no head stands there.
  @inline(__always)
  private static func length(in bytes: UnsafeRawBufferPointer, at place: Int) -> Int? {
    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    guard word < dataBytesMax, masked(CRC32.castagnoli.value(ofWord: word)) == check(in: bytes, at: place + 8) else {
      return nil
    }
    return Int(word)
  }

  @inline(__always)
  private static func check(in bytes: UnsafeRawBufferPointer, at place: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  /// As it stands in the file: the check of bytes that hold checks would say little.
  @inline(__always)
  private static func masked(_ value: UInt32) -> UInt32 { (value >> 15 | value << 17) &+ 0xA282_EAD8 }

  /// Whether a file that begins with these bytes is one of frames; nil: more are needed to tell.
  static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool? {
    bytes.count < headBytes ? nil : length(in: bytes, at: 0) != nil
  }
}

extension TFRecordFrames {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(bytesToSkip)
    encoder.encode(isLost)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    bytesToSkip = try decoder.decode()
    isLost = try decoder.decode()
    guard bytesToSkip >= 0, UInt64(bytesToSkip) < 2 * Self.dataBytesMax else { throw StateDecoder.Failure() }
  }
}
