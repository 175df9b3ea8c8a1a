/// Reading JSON that another program wrote, such as an exporter's answer.
extension JSON {
  /// nil: it is no JSON text as RFC 8259 has it, or lies more than 64 levels deep. Of members with one name all are kept.
  package init?(parsing bytes: [UInt8]) {
    let value = bytes.withUnsafeBufferPointer { buffer -> JSON? in
      var reader = JSONReader(bytes: buffer)
      guard let value = reader.value(depth: 0) else { return nil }
      reader.skipBlanks()
      return reader.isAtEnd ? value : nil
    }
    guard let value else { return nil }
    self = value
  }

  /// The member of an object; nil: it has none of that name, or is none.
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  package var asString: String? { if case .string(let text) = self { text } else { nil } }

  package var asNumber: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  package var asArray: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
}

private struct JSONReader {
  private static let depthMax = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  mutating func skipBlanks() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  mutating func value(depth: Int) -> JSON? {
    skipBlanks()
    guard depth < Self.depthMax, place < bytes.count else { return nil }
    switch bytes[place] {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map(JSON.string)
    case UInt8(ascii: "t"): return take("true") ? .boolean(true) : nil
    case UInt8(ascii: "f"): return take("false") ? .boolean(false) : nil
    case UInt8(ascii: "n"): return take("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - place >= count else { return false }
    let isThere = text.withUTF8Buffer { bytes[place..<place + count].elementsEqual($0) }
    if isThere { place += count }
    return isThere
  }

  private mutating func array(_ depth: Int) -> JSON? {
    place += 1
    var elements: [JSON] = []
    skipBlanks()
    if take("]") { return .array(elements) }
    while let element = value(depth: depth + 1) {
      elements.append(element)
      skipBlanks()
      if take("]") { return .array(elements) }
      guard take(",") else { return nil }
    }
    return nil
  }

  private mutating func object(_ depth: Int) -> JSON? {
    place += 1
    var members: [Member] = []
    skipBlanks()
    if take("}") { return .object(members) }
    while place < bytes.count, bytes[place] == UInt8(ascii: "\""), let name = string() {
      skipBlanks()
      guard take(":"), let value = value(depth: depth + 1) else { return nil }
      members.append(Member(name, value))
      skipBlanks()
      if take("}") { return .object(members) }
      guard take(",") else { return nil }
      skipBlanks()
    }
    return nil
  }

  private typealias Member = JSON.Member

  private mutating func number() -> JSON? {
    let start = place
    _ = take("-")
    // A zero stands alone before the point.
    guard take("0") || skipDigits() else { return nil }
    if take("."), !skipDigits() { return nil }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard skipDigits() else { return nil }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    return Int(text).map(JSON.integer) ?? Double(text).map(JSON.number)
  }

  /// - Returns: whether there was one.
  private mutating func skipDigits() -> Bool {
    let start = place
    while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
    return place > start
  }

  private mutating func string() -> String? {
    place += 1
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text.append(contentsOf: String(Character(scalar)).utf8)
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard place < bytes.count else { return nil }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = fourDigits() else { return nil }
      guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
      guard take("\\u"), let low = fourDigits(), (0xDC00..<0xE000).contains(low) else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    default: return nil
    }
  }

  private mutating func fourDigits() -> UInt32? {
    guard bytes.count - place >= 4 else { return nil }
    let digits = bytes[place..<place + 4]
    place += 4
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
