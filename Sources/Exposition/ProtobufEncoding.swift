/// The wire format of protocol buffers, as much of it as an exposition needs. Knows no message.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufEncoding: ~Copyable {
  var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func field(_ number: UInt64, varint value: UInt64) {
    varint(number << 3)
    varint(value)
  }

  /// `sint32` and `sint64`: small whatever the sign.
  mutating func field(_ number: UInt64, zigzag value: Int) {
    field(number, varint: UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))))
  }

  mutating func field(_ number: UInt64, double value: Double) {
    varint(number << 3 | 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func field(_ number: UInt64, text: String) {
    varint(number << 3 | 2)
    varint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func field(_ number: UInt64, message: borrowing ProtobufEncoding) {
    varint(number << 3 | 2)
    varint(UInt64(message.bytes.count))
    bytes.append(contentsOf: message.bytes)
  }

  static func varintLength(_ value: Int) -> Int {
    value == 0 ? 1 : (70 - UInt64(value).leadingZeroBitCount) / 7
  }
}
