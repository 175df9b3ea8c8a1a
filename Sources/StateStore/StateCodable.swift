/// A value that outlives the process: its parts are encoded in one order and decoded in the same. What was added to a
/// value later is encoded behind what was there before, and decoded only where `StateDecoder.version` says that it is
/// there.
package protocol StateCodable {
  func encode(into encoder: inout StateEncoder)
  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure)
}

extension StateEncoder {
  package mutating func encode<Value: StateCodable>(_ value: Value) {
    value.encode(into: &self)
  }

  /// Several values, one after the other.
  package mutating func encode<each Value: StateCodable>(_ values: repeat each Value) {
    repeat (each values).encode(into: &self)
  }
}

extension StateDecoder {
  package mutating func decode<Value: StateCodable>(_ type: Value.Type = Value.self) throws(Failure) -> Value {
    try Value(from: &self)
  }

  /// Several values, in the order in which they were encoded.
  package mutating func decodeAll<each Value: StateCodable>() throws(Failure) -> (repeat each Value) {
    (repeat try (each Value)(from: &self))
  }
}

extension UInt64: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.uint64() }
}

extension Int64: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(Int(self)) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = Int64(try decoder.int()) }
}

extension Int: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.int() }
}

extension UInt32: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.uint32() }
}

extension UInt8: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.uint8() }
}

extension Bool: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.bool() }
}

extension Double: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.double() }
}

extension String: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(self) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self = try decoder.text() }
}

/// One of the cases that there are: another raw value ends in an error.
extension RawRepresentable where Self: StateCodable, RawValue: StateCodable {
  package func encode(into encoder: inout StateEncoder) { rawValue.encode(into: &encoder) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    guard let value = Self(rawValue: try RawValue(from: &decoder)) else { throw StateDecoder.Failure() }
    self = value
  }
}

extension Optional: StateCodable where Wrapped: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(self != nil)
    self?.encode(into: &encoder)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self = try decoder.bool() ? try Wrapped(from: &decoder) : nil
  }
}

/// The count, then each element, which takes at least a byte.
extension Array: StateCodable where Element: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(count)
    for element in self { element.encode(into: &encoder) }
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init()
    for _ in 0..<(try decoder.count(bytesEach: 1)) { append(try Element(from: &decoder)) }
  }
}

/// Two values, one after the other.
package struct StatePair<First: StateCodable, Second: StateCodable>: StateCodable {
  package var first: First
  package var second: Second

  package init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  package func encode(into encoder: inout StateEncoder) {
    first.encode(into: &encoder)
    second.encode(into: &encoder)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(try First(from: &decoder), try Second(from: &decoder))
  }
}

/// As an array of pairs; of two with one key the first counts.
extension Dictionary: StateCodable where Key: StateCodable, Value: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(map { StatePair($0.key, $0.value) })
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    let pairs: [StatePair<Key, Value>] = try decoder.decode()
    self.init(pairs.map { ($0.first, $0.second) }, uniquingKeysWith: { first, _ in first })
  }
}
