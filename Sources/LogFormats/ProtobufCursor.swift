/// A place in a message of Protocol Buffers, which moves from field to field (the wire format:
/// https://protobuf.dev/programming-guides/encoding). It knows no schema, and never looks beyond the message.
struct ProtobufCursor {
  struct Field {
    var number: UInt32
    var form: Form
    /// A varint's value, or the bits of a fixed number.
    var bits: UInt64
    /// The bytes of a text, a message or packed numbers.
    var start: BytePointer
    var end: BytePointer

    enum Form: UInt8 {
      case varint = 0
      case fixed64 = 1
      case bytes = 2
      case fixed32 = 5
    }

    var message: ProtobufCursor { ProtobufCursor(start, end: end) }
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: end - start) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var double: Double { Double(bitPattern: bits) }
    var float: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }
    /// The value of an `int32`, `int64` or `enum`.
    var integer: Int64 { Int64(bitPattern: bits) }
  }

  private(set) var at: BytePointer
  let end: BytePointer
  /// Whether what it stands at is no field, so that the bytes are no message.
  private(set) var isBroken = false

  @inline(__always)
  init(_ start: BytePointer, end: BytePointer) {
    at = start
    self.end = end
  }

  /// The next field; nil: there is none, or what stands there is none.
  @inline(__always)
  mutating func next() -> Field? {
    guard at < end, !isBroken, let key = varint() else { return nil }
    guard key >> 3 > 0, key >> 3 <= UInt64(UInt32.max >> 3), let form = Field.Form(rawValue: UInt8(key & 7)) else {
      return broken()
    }
    var field = Field(number: UInt32(truncatingIfNeeded: key >> 3), form: form, bits: 0, start: at, end: at)
    switch form {
    case .varint:
      guard let value = varint() else { return nil }
      field.bits = value
    case .fixed64:
      guard end - at >= 8 else { return broken() }
      field.bits = UInt64(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt64.self))
      at += 8
    case .fixed32:
      guard end - at >= 4 else { return broken() }
      field.bits = UInt64(UInt32(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt32.self)))
      at += 4
    case .bytes:
      guard let count = varint() else { return nil }
      guard count <= UInt64(end - at) else { return broken() }
      field.start = at
      at += Int(count)
      field.end = at
    }
    return field
  }

  /// The next number of packed varints; nil: there is none, or what stands there is none.
  mutating func nextVarint() -> UInt64? {
    at < end && !isBroken ? varint() : nil
  }

  @inline(__always)
  private mutating func varint() -> UInt64? {
    if at < end, at.pointee < 0x80 {
      defer { at += 1 }
      return UInt64(at.pointee)
    }
    return longVarint()
  }

  private mutating func longVarint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < end, shift < 64 {
      let byte = at.pointee
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    isBroken = true
    return nil
  }

  private mutating func broken() -> Field? {
    isBroken = true
    return nil
  }
}
