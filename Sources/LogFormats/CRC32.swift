internal import CChecksums

/// A cyclic redundancy check of 32 bits, eight bytes at a time: by the processor where it has an instruction for that one,
/// else by tables ("slicing by 8").
///
/// The tables are made once for the life of the process and never change: hence `@unchecked`.
struct CRC32: @unchecked Sendable {
  /// CRC-32C (RFC 3720, section 12.1), which TFRecord files have.
  static let castagnoli = CRC32(reversedPolynomial: 0x82F6_3B78, hasInstruction: cchecksums_has_crc32c() == 1)
  /// The one of zlib and IEEE 802.3, which `.wandb` files have.
  static let ieee = CRC32(reversedPolynomial: 0xEDB8_8320)

  /// Eight tables of 256 entries, one behind the other.
  private let tables: UnsafePointer<UInt32>
  /// Whether the processor has an instruction for this check.
  private let hasInstruction: Bool

  /// - Parameter hasInstruction: only CRC-32C may have one.
  init(reversedPolynomial polynomial: UInt32, hasInstruction: Bool = false) {
    self.hasInstruction = hasInstruction
    let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 0 ? 0 : polynomial) }
      tables[byte] = value
    }
    for place in 256..<8 * 256 {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    self.tables = UnsafePointer(tables)
  }

  /// The check of some bytes.
  ///
  /// - Parameter before: the check of the bytes before them, if they are to be checked together.
  @inline(__always)
  func value(of bytes: UnsafeRawBufferPointer, after before: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress else { return before }
    if hasInstruction { return cchecksums_crc32c(before, base, bytes.count) }
    var value = ~before
    var offset = 0
    while bytes.count - offset >= 8 {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      value = sliced(word ^ UInt64(value))
      offset += 8
    }
    while offset < bytes.count {
      value = value >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: value) ^ bytes[offset])]
      offset += 1
    }
    return ~value
  }

  /// The check of eight bytes.
  @inline(__always)
  func value(ofWord word: UInt64) -> UInt32 {
    if hasInstruction { return withUnsafeBytes(of: word.littleEndian) { cchecksums_crc32c(0, $0.baseAddress, 8) } }
    return ~sliced(word ^ UInt64(UInt32.max))
  }

  @inline(__always)
  private func sliced(_ word: UInt64) -> UInt32 {
    var value: UInt32 = 0
    for byte in 0..<8 {
      value ^= tables[(7 - byte) << 8 | Int(word >> (8 * UInt64(byte)) & 0xFF)]
    }
    return value
  }
}
