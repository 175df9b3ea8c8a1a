/// Reads back what a `StateEncoder` wrote. Bytes that are cut, or that announce more than there is, end in an error,
/// never in a trap or in an allocation larger than the bytes themselves.
package struct StateDecoder {
  /// The bytes are not what was encoded.
  package struct Failure: Error, Sendable, Hashable {
    package init() {}
  }

  /// Which version of the program's encoding the bytes are of: what came later is not in them.
  package let version: UInt32
  private let bytes: ArraySlice<UInt8>
  private var place: Int
  /// What was encoded into parts of its own, by place.
  private let parts: [UInt32: ArraySlice<UInt8>]

  package init(_ bytes: ArraySlice<UInt8>, version: UInt32 = StateFile.version) {
    self.init(bytes, parts: [:], version: version)
  }

  init(_ bytes: ArraySlice<UInt8>, parts: [UInt32: ArraySlice<UInt8>], version: UInt32 = StateFile.version) {
    self.version = version
    self.bytes = bytes
    self.parts = parts
    place = bytes.startIndex
  }

  package init(_ bytes: [UInt8], version: UInt32 = StateFile.version) {
    self.init(bytes[...], version: version)
  }

  package var isAtEnd: Bool { place == bytes.endIndex }

  package mutating func uint64() throws(Failure) -> UInt64 {
    UInt64(littleEndian: try load())
  }

  package mutating func int() throws(Failure) -> Int {
    Int(Int64(bitPattern: try uint64()))
  }

  package mutating func uint32() throws(Failure) -> UInt32 {
    UInt32(littleEndian: try load())
  }

  package mutating func uint8() throws(Failure) -> UInt8 {
    try load()
  }

  package mutating func bool() throws(Failure) -> Bool {
    switch try uint8() {
    case 0: false
    case 1: true
    default: throw Failure()
    }
  }

  package mutating func double() throws(Failure) -> Double {
    Double(bitPattern: try uint64())
  }

  package mutating func text() throws(Failure) -> String {
    String(decoding: try part(), as: UTF8.self)
  }

  package mutating func byteArray() throws(Failure) -> [UInt8] {
    Array(try part())
  }

  package mutating func words() throws(Failure) -> [UInt32] {
    words(count: try count(bytesEach: 4))
  }

  private mutating func words(count: Int) -> [UInt32] {
    let raw = take(count * 4)
    return [UInt32](unsafeUninitializedCapacity: count) { words, initialized in
      raw.withUnsafeBytes { UnsafeMutableRawBufferPointer(words).copyMemory(from: $0) }
      #if !_endian(little)
        for index in 0..<count { words[index] = UInt32(littleEndian: words[index]) }
      #endif
      initialized = count
    }
  }

  /// What `encodePart` wrote, as bytes.
  package mutating func part() throws(Failure) -> ArraySlice<UInt8> {
    take(try count(bytesEach: 1))
  }

  /// What `encodePart` wrote, to be decoded in its turn.
  package mutating func decoderOfPart() throws(Failure) -> StateDecoder {
    StateDecoder(try part(), parts: parts, version: version)
  }

  /// What was encoded into a part of its own.
  package func decoderOfPart(at place: UInt32) throws(Failure) -> StateDecoder {
    guard let part = parts[place] else { throw Failure() }
    return StateDecoder(part, version: version)
  }

  package mutating func compact() throws(Failure) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try uint8()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Failure()
  }

  /// All that is left, as words.
  package mutating func remainingWords() throws(Failure) -> [UInt32] {
    guard (bytes.endIndex - place) % 4 == 0 else { throw Failure() }
    return words(count: (bytes.endIndex - place) / 4)
  }

  /// The next bytes, which were encoded without their count.
  mutating func bytes(count: UInt64) throws(Failure) -> ArraySlice<UInt8> {
    guard count <= UInt64(bytes.endIndex - place) else { throw Failure() }
    return take(Int(count))
  }

  /// A count of things that each take at least so many bytes: never more than fit into what is left.
  package mutating func count(bytesEach size: Int) throws(Failure) -> Int {
    let count = try int()
    guard count >= 0, count <= (bytes.endIndex - place) / size else { throw Failure() }
    return count
  }

  /// The next `count` bytes, which are there.
  private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { place += count }
    return bytes[place..<place + count]
  }

  private mutating func load<Word: BitwiseCopyable>() throws(Failure) -> Word {
    let size = MemoryLayout<Word>.size
    guard bytes.endIndex - place >= size else { throw Failure() }
    let offset = place - bytes.startIndex
    place += size
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Word.self) }
  }
}
