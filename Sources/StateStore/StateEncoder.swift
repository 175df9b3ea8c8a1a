/// Appends values to bytes that a `StateDecoder` reads back in the same order: little-endian words, texts and arrays
/// with their count before them. It knows nothing of what the values mean, and writes no names: whoever changes what is
/// encoded changes `StateFile.version`.
package struct StateEncoder {
  package private(set) var bytes: [UInt8] = []
  /// Whether what was encoded before must not be left out.
  package let isWhole: Bool
  /// What goes into parts of its own, beside `bytes`.
  private(set) var parts: [Part] = []

  struct Part {
    var place: UInt32
    /// Whether the bytes go behind those that the part has.
    var extends: Bool
    var bytes: [UInt8]
  }

  package init(isWhole: Bool = true) {
    self.isWhole = isWhole
  }

  package mutating func encode(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func encode(_ value: Int) {
    encode(UInt64(bitPattern: Int64(value)))
  }

  package mutating func encode(_ value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func encode(_ value: UInt8) {
    bytes.append(value)
  }

  package mutating func encode(_ value: Bool) {
    bytes.append(value ? 1 : 0)
  }

  /// By its bits: NaN and the sign of zero stay.
  package mutating func encode(_ value: Double) {
    encode(value.bitPattern)
  }

  package mutating func encode(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      encode(utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  package mutating func encode(_ value: [UInt8]) {
    encode(value.count)
    bytes.append(contentsOf: value)
  }

  /// Tells bytes apart.
  package var digest: UInt64 { StateFile.checksum(bytes[...]) }

  /// Seven bits a byte, the lowest first: small numbers take one byte.
  package mutating func encode(compact value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Bytes without their count: they reach to the end of what is decoded.
  package mutating func append(_ raw: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: raw)
  }

  /// A part that is saved by itself, beside what holds it: what rests in it is not written again.
  ///
  /// - Parameters:
  ///   - place: tells the parts of one owner apart; not 0, which is that of `bytes`.
  ///   - extends: whether the bytes go behind those that the part has.
  package mutating func encodePart(at place: UInt32, extends: Bool, _ body: (inout StateEncoder) -> Void) {
    precondition(place != 0 && !(extends && isWhole))
    var encoder = StateEncoder(isWhole: isWhole)
    body(&encoder)
    parts.append(Part(place: place, extends: extends, bytes: encoder.bytes))
  }

  package mutating func encode(_ words: [UInt32]) {
    encode(words.count)
    words.withUnsafeBytes { raw in
      #if _endian(little)
        bytes.append(contentsOf: raw)
      #else
        for word in words { encode(word) }
      #endif
    }
  }

  package mutating func encode<Value>(_ value: Value?, _ encodeValue: (inout StateEncoder, Value) -> Void) {
    encode(value != nil)
    if let value { encodeValue(&self, value) }
  }

  package mutating func encode<Values: Collection>(
    each values: Values,
    _ encodeValue: (inout StateEncoder, Values.Element) -> Void
  ) {
    encode(values.count)
    for value in values { encodeValue(&self, value) }
  }

  /// A part that a reader can step over: what `body` encodes, with its length before it.
  package mutating func encodePart(_ body: (inout StateEncoder) -> Void) {
    let place = bytes.count
    encode(0)
    body(&self)
    let length = UInt64(bytes.count - place - 8)
    withUnsafeBytes(of: length.littleEndian) { raw in
      for (offset, byte) in raw.enumerated() { bytes[place + offset] = byte }
    }
  }
}
