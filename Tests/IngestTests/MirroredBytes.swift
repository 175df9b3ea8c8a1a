import StateStore

/// What `Meaning` puts down of a value, found out by reflection: whatever properties a type has, all are in it.
enum MirroredBytes {
  static func of(_ value: Any) -> [UInt8] { bytes(value) }

  private static func bytes(_ value: Any) -> [UInt8] {
    var encoder = StateEncoder()
    encode(value, into: &encoder)
    return encoder.bytes
  }

  private static func encode(_ value: Any, into encoder: inout StateEncoder) {
    switch value {
    case let value as Bool: encoder.encode(value)
    case let value as Int: encoder.encode(value)
    case let value as UInt8: encoder.encode(value)
    case let value as Double: encoder.encode(value)
    case let value as String: encoder.encode(value)
    case let value as Duration:
      encoder.encode(Int(value.components.seconds))
      encoder.encode(Int(value.components.attoseconds))
    default: encode(Mirror(reflecting: value), of: value, into: &encoder)
    }
  }

  private static func encode(_ mirror: Mirror, of value: Any, into encoder: inout StateEncoder) {
    switch mirror.displayStyle {
    case .optional:
      encoder.encode(!mirror.children.isEmpty)
      for child in mirror.children { encode(child.value, into: &encoder) }
    case .enum:
      // Without a payload a case has no children, and its description is its name.
      encoder.encode(mirror.children.first?.label ?? "\(value)")
      for child in mirror.children { encode(child.value, into: &encoder) }
    case .collection:
      encoder.encode(mirror.children.count)
      for child in mirror.children { encode(child.value, into: &encoder) }
    case .set, .dictionary:
      let elements = mirror.children.map { bytes($0.value) }.sorted { $0.lexicographicallyPrecedes($1) }
      encoder.encode(elements.count)
      for element in elements { encoder.encode(element) }
    case .tuple:
      for child in mirror.children { encode(child.value, into: &encoder) }
    default:
      let properties = mirror.children.filter { !isNothing($0.value) }
      encoder.encode(properties.count)
      for property in properties {
        encoder.encode(property.label ?? "")
        encode(property.value, into: &encoder)
      }
    }
  }

  /// Whether a property is as one that is not there.
  private static func isNothing(_ value: Any) -> Bool {
    switch value {
    case let value as Bool: return !value
    case let value as String: return value.isEmpty
    default:
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional, .collection, .set, .dictionary: return mirror.children.isEmpty
      default: return false
      }
    }
  }
}
