/// What stands behind the `?` of a request's target, taken apart.
enum QueryText {
  typealias Bytes = Substring.UTF8View

  /// The parameters in their order, not decoded yet. What has no `=` is left out.
  static func parameters(of target: String) -> [(name: Bytes, value: Bytes)] {
    let query = target.utf8.prefix { $0 != UInt8(ascii: "#") }.drop { $0 != UInt8(ascii: "?") }.dropFirst()
    return query.split(separator: UInt8(ascii: "&")).compactMap { parameter in
      guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      return (parameter[..<equals], parameter[parameter.index(after: equals)...])
    }
  }

  /// nil where a `%` is not followed by two digits, or the bytes are not UTF-8.
  static func decoded(_ text: Bytes) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): (byte & 0xdf) - 55
    default: nil
    }
  }
}
