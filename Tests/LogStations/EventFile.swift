/// Writes event files of TensorBoard by the published forms of TFRecord and Protocol Buffers, without anything of the
/// parser: checks are worked out bit by bit.
package enum EventFile {
  /// A frame of a TFRecord file.
  package static func frame(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(masked(check(length))) + data + littleEndian(masked(check(data)))
  }

  /// The first frame of every event file.
  package static func version(wallTime: Double = 1) -> [UInt8] {
    frame(fixed64(1, wallTime.bitPattern) + text(3, "brain.Event:2"))
  }

  /// An event with these values of a summary.
  package static func event(wallTime: Double = 1, step: Int64, _ values: [[UInt8]]) -> [UInt8] {
    let summary = values.flatMap { bytes(1, $0) }
    let stepField = step == 0 ? [] : varint(2, UInt64(bitPattern: step))
    return frame(fixed64(1, wallTime.bitPattern) + stepField + bytes(5, summary))
  }

  /// An event with one scalar, as most writers make it.
  package static func scalar(_ tag: String, _ value: Float, step: Int64, wallTime: Double = 1) -> [UInt8] {
    event(wallTime: wallTime, step: step, [simple(tag, value)])
  }

  /// A value of a summary that is a plain number.
  package static func simple(_ tag: String, _ value: Float) -> [UInt8] {
    text(1, tag) + [2 << 3 | 5] + littleEndian(value.bitPattern)
  }

  /// A value of a summary that is a tensor.
  ///
  /// - Parameters:
  ///   - content: the tensor's further fields.
  ///   - plugin: of which plugin the value is; nil: nothing says it.
  package static func tensor(
    _ tag: String,
    type: UInt64,
    dimensions: [UInt64] = [],
    _ content: [UInt8],
    plugin: String? = "scalars"
  ) -> [UInt8] {
    let shape = dimensions.flatMap { bytes(2, varint(1, $0)) }
    let metadata = plugin.map { bytes(9, bytes(1, text(1, $0))) } ?? []
    return text(1, tag) + metadata + bytes(8, varint(1, type) + bytes(2, shape) + content)
  }

  /// The beginning of a session of the plugin for hyperparameters.
  package static func hyperparameters(_ values: [(name: String, value: [UInt8])]) -> [UInt8] {
    let entries = values.flatMap { bytes(1, text(1, $0.name) + bytes(2, $0.value)) }
    return plugin("_hparams_/session_start_info", bytes(3, entries))
  }

  /// The end of such a session: 1 for success, 2 for failure.
  package static func sessionEnd(status: UInt64) -> [UInt8] {
    plugin("_hparams_/session_end_info", bytes(4, varint(1, status)))
  }

  private static func plugin(_ tag: String, _ data: [UInt8]) -> [UInt8] {
    text(1, tag) + bytes(9, bytes(1, text(1, "hparams") + bytes(2, data)))
  }

  // MARK: Fields

  package static func varint(_ number: UInt64) -> [UInt8] {
    number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F) | 0x80] + varint(number >> 7)
  }

  package static func varint(_ field: UInt64, _ number: UInt64) -> [UInt8] { varint(field << 3) + varint(number) }

  package static func fixed64(_ field: UInt64, _ bits: UInt64) -> [UInt8] {
    varint(field << 3 | 1) + littleEndian(bits)
  }

  package static func bytes(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(content.count)) + content
  }

  package static func text(_ field: UInt64, _ content: String) -> [UInt8] { bytes(field, Array(content.utf8)) }

  package static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  // MARK: Checks

  /// A cyclic redundancy check of 32 bits: by default CRC-32C.
  static func check(_ bytes: [UInt8], reversedPolynomial: UInt32 = 0x82F6_3B78) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 0 ? 0 : reversedPolynomial) }
    }
    return ~value
  }

  private static func masked(_ value: UInt32) -> UInt32 { (value >> 15 | value << 17) &+ 0xA282_EAD8 }
}
