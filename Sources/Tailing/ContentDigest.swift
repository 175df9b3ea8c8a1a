internal import StateStore

/// A 64-bit digest of bytes that come in pieces of any size. Tells content apart; not made against an adversary, who
/// could just as well write the log.
struct ContentDigest: Sendable, Hashable {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  /// The bytes since the last whole word, the first one lowest.
  private var pending: UInt64 = 0
  private(set) var count = 0

  init(of bytes: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
    update(bytes)
  }

  /// Digests of the same bytes are equal however they were cut.
  var value: UInt64 {
    var result = state
    Self.mix(&result, pending)
    Self.mix(&result, UInt64(count))
    return result
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    while index < bytes.count, count % 8 != 0 { addByte(bytes[index], &index) }
    while index + 8 <= bytes.count {
      Self.mix(&state, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      index += 8
      count += 8
    }
    while index < bytes.count { addByte(bytes[index], &index) }
  }

  private mutating func addByte(_ byte: UInt8, _ index: inout Int) {
    pending |= UInt64(byte) << UInt64(count % 8 * 8)
    index += 1
    count += 1
    if count % 8 == 0 {
      Self.mix(&state, pending)
      pending = 0
    }
  }

  private static func mix(_ state: inout UInt64, _ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    // The rotated state keeps a product of 0 from forgetting what came before.
    state = product.low ^ product.high &+ (state << 23 | state >> 41)
  }
}

extension ContentDigest: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(state, pending, count)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (state, pending, count) = try decoder.decodeAll()
    guard (0...1 << 56).contains(count) else { throw StateDecoder.Failure() }
  }
}
