/// The one number that a `TensorProto` of TensorFlow holds
/// (tensorflow/core/framework/tensor.proto, types.proto).
enum TensorScalar {
  /// - Parameter takesAnyShape: whether a tensor of one element counts that has dimensions.
  /// - Returns: nil: it is no number, or more than one.
  static func value(_ message: ProtobufCursor, takesAnyShape: Bool) -> Double? {
    var message = message
    var type = DataType?.none
    var isScalar = true
    var content: ProtobufCursor.Field?
    var value: ProtobufCursor.Field?
    while let field = message.next() {
      switch field.number {
      case 1: type = DataType(rawValue: field.bits)
      case 2: isScalar = isOfOneElement(field.message, hasDimensions: !takesAnyShape)
      case 4: content = field
      case 5...7, 10, 11, 13, 16, 17:
        // A second one by itself.
        if value != nil { return nil }
        value = field
      default: break
      }
    }
    guard !message.isBroken, isScalar, let type else { return nil }
    if let content, content.start < content.end { return type.number(of: content.bytes) }
    // Where all of its elements are 0 a tensor may have none written.
    guard let value else { return 0 }
    return type.number(of: value)
  }

  /// - Parameter hasDimensions: whether a dimension by itself is one too many.
  private static func isOfOneElement(_ shape: ProtobufCursor, hasDimensions: Bool) -> Bool {
    var shape = shape
    while let field = shape.next() {
      if field.number == 3, field.bits != 0 { return false }
      guard field.number == 2 else { continue }
      if hasDimensions { return false }
      var dimension = field.message
      var size: UInt64 = 0
      while let part = dimension.next() {
        if part.number == 1 { size = part.bits }
      }
      if size != 1 { return false }
    }
    return !shape.isBroken
  }

  private enum DataType: UInt64 {
    case float = 1
    case double = 2
    case int32 = 3
    case uint8 = 4
    case int16 = 5
    case int8 = 6
    case int64 = 9
    case bool = 10
    case bfloat16 = 14
    case uint16 = 17
    case half = 19
    case uint32 = 22
    case uint64 = 23

    /// The number in a field of values of this type: by itself, or packed with others, of which there are none.
    func number(of field: ProtobufCursor.Field) -> Double? {
      var bits = field.bits
      if field.form == .bytes {
        switch self {
        case .float, .double:
          let size = self == .float ? 4 : 8
          return field.end - field.start == size ? number(of: field.bytes) : nil
        default:
          var packed = field.message
          guard let first = packed.nextVarint(), packed.nextVarint() == nil, !packed.isBroken else { return nil }
          bits = first
        }
      }
      return number(ofBits: bits)
    }

    /// The number in the memory of a tensor, which is little-endian.
    func number(of bytes: UnsafeBufferPointer<UInt8>) -> Double? {
      guard bytes.count == size else { return nil }
      return number(ofBits: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private var size: Int {
      switch self {
      case .uint8, .int8, .bool: 1
      case .int16, .uint16, .half, .bfloat16: 2
      case .float, .int32, .uint32: 4
      case .double, .int64, .uint64: 8
      }
    }

    private func number(ofBits bits: UInt64) -> Double {
      switch self {
      case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .double: Double(bitPattern: bits)
      case .int8: Double(Int8(truncatingIfNeeded: bits))
      case .int16: Double(Int16(truncatingIfNeeded: bits))
      case .int32: Double(Int32(truncatingIfNeeded: bits))
      case .int64: Double(Int64(bitPattern: bits))
      case .uint8: Double(UInt8(truncatingIfNeeded: bits))
      case .uint16: Double(UInt16(truncatingIfNeeded: bits))
      case .uint32: Double(UInt32(truncatingIfNeeded: bits))
      case .uint64: Double(bits)
      case .bool: bits == 0 ? 0 : 1
      case .half: Self.number(ofHalf: UInt16(truncatingIfNeeded: bits))
      case .bfloat16: Double(Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: bits)) << 16))
      }
    }

    /// IEEE 754 binary16, which Swift has not on every machine.
    private static func number(ofHalf bits: UInt16) -> Double {
      let exponent = Int(bits >> 10 & 0x1F)
      let fraction = Double(bits & 0x3FF)
      let magnitude: Double
      switch exponent {
      case 0: magnitude = fraction * 0x1p-24
      case 0x1F: magnitude = fraction == 0 ? .infinity : .nan
      default: magnitude = (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
      return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
  }
}
