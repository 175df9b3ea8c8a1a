internal import Exposition

/// What of the metrics a request asks for, by `name[]` and `collect[]` in its query, as Python's client library and
/// node_exporter have them. Other parameters say nothing here.
enum MetricQuery {
  struct Mistake: Error {
    let description: String
  }

  /// A scraper of some metrics names some; whoever wants more wants all.
  static let namesMax = 100

  /// nil: all. A parameter without a value is none.
  static func selection(in target: String) throws(Mistake) -> MetricSelection? {
    let query = target.utf8.prefix { $0 != UInt8(ascii: "#") }.drop { $0 != UInt8(ascii: "?") }.dropFirst()
    var selection = MetricSelection()
    for parameter in query.split(separator: UInt8(ascii: "&")) {
      let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1)
      guard parts.count == 2, let name = decoded(parts[0]), name == "name[]" || name == "collect[]" else { continue }
      guard let value = decoded(parts[1]) else { throw Mistake(description: "\(name) is not encoded rightly") }
      if name == "name[]" { selection.names.insert(value) } else { selection.sources.insert(value) }
      guard selection.names.count + selection.sources.count <= namesMax else {
        throw Mistake(description: "more than \(namesMax) names in name[] and collect[]")
      }
    }
    return selection == MetricSelection() ? nil : selection
  }

  /// nil where a `%` is not followed by two digits, or the bytes are not UTF-8.
  private static func decoded(_ text: Substring.UTF8View) -> String? {
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
