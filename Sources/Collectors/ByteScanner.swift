/// Walks over a kernel file's bytes: lines, words between blanks, whole numbers. Pure, without copies; never traps,
/// whatever the bytes are.
package struct ByteScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// What is not taken yet.
  package var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[min(position, bytes.count)...]) }

  /// The next line without its end; nil: there is none.
  package mutating func line() -> ByteScanner? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    defer { position += 1 }
    return ByteScanner(UnsafeBufferPointer(rebasing: bytes[start..<position]))
  }

  /// The next run of bytes that are neither blank nor a control character; nil: the end.
  package mutating func word() -> UnsafeBufferPointer<UInt8>? {
    while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] > 0x20 { position += 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<position])
  }

  /// The next word as text.
  package mutating func text() -> String? { word().map { String(decoding: $0, as: UTF8.self) } }

  /// The next word, which has to be a decimal number of at most 64 bits; nil: it is none, and it is taken all the same.
  package mutating func integer() -> UInt64? { word().flatMap { Self.integer($0) } }

  /// The next word, which has to be a number such as `12` or `0.25`; nil: it is none, and it is taken all the same.
  package mutating func decimal() -> Double? { word().flatMap { Self.decimal($0) } }

  /// Digits with at most one point between them and nothing else; without it at most 64 bits.
  package static func decimal(_ digits: some Collection<UInt8>) -> Double? {
    guard let point = digits.firstIndex(of: UInt8(ascii: ".")) else { return integer(digits).map { Double($0) } }
    let fraction = digits[digits.index(after: point)...]
    guard let whole = integer(digits[..<point]), fraction.count <= 18, let part = integer(fraction) else { return nil }
    let scale = (0..<fraction.count).reduce(1.0) { scale, _ in scale * 10 }
    // One division of two whole numbers: the result is rounded once.
    return (Double(whole) * scale + Double(part)) / scale
  }

  /// A decimal number of at most 64 bits and nothing else.
  package static func integer(_ digits: some Sequence<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var isEmpty = true
    for byte in digits {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(byte & 0x0F))
      if overflows || overflowsToo { return nil }
      value = sum
      isEmpty = false
    }
    return isEmpty ? nil : value
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are those of the text.
  package func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && zip(self, UnsafeBufferPointer(start: text.utf8Start, count: count)).allSatisfy(==)
  }
}
