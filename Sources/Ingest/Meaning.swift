internal import StateStore

/// A plain value whose meaning can be put down as bytes, which are the same where the values are. They outlive the
/// process, so they do not depend on the order of sets, and a property that is nil, empty or false is left out: a new one
/// changes nothing where it is not used. A type's or property's new name changes them.
///
/// Each type of the catalog that decides about values says here what it holds (`CatalogMeanings.swift`). Reflection would
/// find it out, as the tests do, to which this is held; but it takes a millisecond of each start.
protocol Meaning {
  func put(into encoder: inout StateEncoder)
  /// Whether a property with this value is as one that is not there.
  var isNothing: Bool { get }
  /// Whether a value is so plain that one that is optional says nothing of being there. States have it so.
  static var isPlain: Bool { get }
}

extension Meaning {
  var isNothing: Bool { false }
  static var isPlain: Bool { false }

  var meaningBytes: [UInt8] {
    var encoder = StateEncoder()
    put(into: &encoder)
    return encoder.bytes
  }
}

/// A struct: its stored properties by their names, in the order in which they are declared.
protocol MeaningOfProperties: Meaning {
  var meanings: KeyValuePairs<String, any Meaning> { get }
}

extension MeaningOfProperties {
  func put(into encoder: inout StateEncoder) {
    let properties = meanings.filter { !$0.value.isNothing }
    encoder.encode(properties.count)
    for property in properties {
      encoder.encode(property.key)
      property.value.put(into: &encoder)
    }
  }
}

/// An enum: the name of its case, and the values that this one has.
protocol MeaningOfCases: Meaning {
  var meaning: (name: String, values: [any Meaning]) { get }
}

extension MeaningOfCases {
  func put(into encoder: inout StateEncoder) {
    encoder.encode(meaning.name)
    for value in meaning.values { value.put(into: &encoder) }
  }
}

// MARK: - The standard library's types

extension Bool: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(self) }
  var isNothing: Bool { !self }
  static var isPlain: Bool { true }
}

extension Int: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(self) }
  static var isPlain: Bool { true }
}

extension UInt8: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(self) }
  static var isPlain: Bool { true }
}

extension Double: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(self) }
  static var isPlain: Bool { true }
}

extension String: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(self) }
  var isNothing: Bool { isEmpty }
  static var isPlain: Bool { true }
}

extension Duration: Meaning {
  func put(into encoder: inout StateEncoder) {
    encoder.encode(Int(components.seconds))
    encoder.encode(Int(components.attoseconds))
  }
  static var isPlain: Bool { true }
}

extension Optional: Meaning where Wrapped: Meaning {
  func put(into encoder: inout StateEncoder) {
    if self == nil || !Wrapped.isPlain { encoder.encode(self != nil) }
    self?.put(into: &encoder)
  }
  var isNothing: Bool { map { Wrapped.isPlain && $0.isNothing } ?? true }
}

extension Array: Meaning where Element: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(each: self) { $1.put(into: &$0) } }
  var isNothing: Bool { isEmpty }
}

extension Set: Meaning where Element: Meaning {
  func put(into encoder: inout StateEncoder) { encoder.encode(unordered: map(\.meaningBytes)) }
  var isNothing: Bool { isEmpty }
}

extension Dictionary: Meaning where Key: Meaning, Value: Meaning {
  func put(into encoder: inout StateEncoder) {
    encoder.encode(unordered: map { $0.meaningBytes + $1.meaningBytes })
  }
  var isNothing: Bool { isEmpty }
}

extension ClosedRange: Meaning where Bound: Meaning {}

extension ClosedRange: MeaningOfProperties where Bound: Meaning {
  var meanings: KeyValuePairs<String, any Meaning> { ["lowerBound": lowerBound, "upperBound": upperBound] }
}

extension StateEncoder {
  fileprivate mutating func encode(unordered elements: [[UInt8]]) {
    encode(each: elements.sorted { $0.lexicographicallyPrecedes($1) }) { $0.encode($1) }
  }
}
