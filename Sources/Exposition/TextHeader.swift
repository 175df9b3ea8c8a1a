internal import MetricModel

/// The comment lines that open a family in the text formats.
enum TextHeader {
  /// `# HELP` and `# TYPE` of the text format. Info and stateset are gauges there.
  static func appendText(name: String, type: MetricType, help: String, to bytes: inout [UInt8]) {
    let shown: MetricType = type == .info || type == .stateset ? .gauge : type
    bytes.append(contentsOf: "# HELP \(name) ".utf8)
    TextEscaping.appendHelp(help, escapesQuote: false, to: &bytes)
    bytes.append(contentsOf: "\n# TYPE \(name) \(shown.rawValue)\n".utf8)
  }

  /// `# TYPE`, `# UNIT` and `# HELP` of OpenMetrics, with the family's name.
  static func appendOpenMetrics(
    name: String,
    type: MetricType,
    unit: String?,
    help: String,
    to bytes: inout [UInt8]
  ) {
    let (family, shown) = openMetricsFamily(name: name, type: type)
    bytes.append(contentsOf: "# TYPE \(family) \(shown)\n".utf8)
    // An information or a state has no unit, and a unit that the name does not end in is refused by every parser.
    if let unit, type.isNumeric, family.hasSuffix("_" + unit) {
      bytes.append(contentsOf: "# UNIT \(family) \(unit)\n".utf8)
    }
    bytes.append(contentsOf: "# HELP \(family) ".utf8)
    TextEscaping.appendHelp(help, escapesQuote: true, to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A family's name is without its samples' suffix, `_total` or `_info`. A counter or info that has none, which only a
  /// program can declare, is not one in OpenMetrics.
  private static func openMetricsFamily(name: String, type: MetricType) -> (name: Substring, type: String) {
    switch type {
    case .counter: name.hasSuffix("_total") ? (name.dropLast(6), "counter") : (name[...], "unknown")
    case .info: name.hasSuffix("_info") ? (name.dropLast(5), "info") : (name[...], "gauge")
    default: (name[...], type.rawValue)
    }
  }
}
