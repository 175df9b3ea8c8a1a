/// Hashes of field names and texts, for `RecordBatch.Record.digest`. They outlive the process in checkpoints: a change
/// here makes every log look rewritten. Not for hostile-proof tables.
enum FieldDigest {
  private static let first: UInt64 = 0xA076_1D64_78BD_642F
  private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB

  /// The hash of `count` bytes under a seed: for a text its field's name hash, for a name the hash of what it is in.
  @inline(__always)
  static func hash(_ bytes: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
    let raw = UnsafeRawPointer(bytes)
    let low: UInt64
    let high: UInt64
    if count <= 16 {
      if count >= 8 {
        low = word(raw)
        high = word(raw + (count - 8))
      } else if count >= 4 {
        low = halfWord(raw)
        high = halfWord(raw + (count - 4))
      } else if count > 0 {
        low = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count - 1])
        high = 0
      } else {
        low = 0
        high = 0
      }
      return mix(low ^ first ^ seed, high ^ second &+ UInt64(truncatingIfNeeded: count))
    }
    return hashLong(raw, count: count, seed: seed)
  }

  @inline(never)
  private static func hashLong(_ raw: UnsafeRawPointer, count: Int, seed: UInt64) -> UInt64 {
    var state = seed
    var offset = 0
    while count - offset > 16 {
      state = mix(word(raw + offset) ^ first ^ state, word(raw + offset + 8) ^ second)
      offset += 16
    }
    let low = word(raw + (count - 16))
    let high = word(raw + (count - 8))
    return mix(low ^ first ^ state, high ^ second &+ UInt64(truncatingIfNeeded: count))
  }

  static func hash(_ text: String, seed: UInt64) -> UInt64 {
    var text = text
    return text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return mix(first ^ seed, second) }
      return hash(base, count: bytes.count, seed: seed)
    }
  }

  /// The hash of a text that may be no UTF-8: of what a `String` makes of it.
  static func hash(_ text: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
    guard let base = text.baseAddress, text.allSatisfy({ $0 < 0x80 }) else {
      return hash(String(decoding: text, as: UTF8.self), seed: seed)
    }
    return hash(base, count: text.count, seed: seed)
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  @inline(__always)
  private static func word(_ raw: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private static func halfWord(_ raw: UnsafeRawPointer) -> UInt64 {
    UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
  }
}
