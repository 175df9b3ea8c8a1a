/// Appends values to bytes that a `StateDecoder` reads back in the same order: little-endian words, texts and arrays
/// with their count before them. It knows nothing of what the values mean, and writes no names: whoever changes what is
/// encoded changes `StateFile.version`.
package struct StateEncoder {
  package private(set) var bytes: [UInt8] = []

  package init() {}

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

  /// What another one encoded.
  package mutating func append(_ encoded: [UInt8]) {
    bytes.append(contentsOf: encoded)
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
