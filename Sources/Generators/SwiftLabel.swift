internal import MetricModel

/// A label in the Swift file: an enum where its declaration says which values there are, else a text.
struct SwiftLabel {
  /// Ranges of more values are no enums: nobody reads so many cases.
  private static let casesMax = 256

  let label: LabelDescriptor
  /// Its name as a parameter.
  let parameter: String
  private let type: String
  /// nil: it takes any text, or an integer of a long range.
  private let values: [String]?

  init(_ label: LabelDescriptor, type: String, parameter: String) {
    self.label = label
    self.type = type
    self.parameter = SwiftNames.quoted(parameter)
    switch label.allowed {
    case .any: values = nil
    case .list(let listed):
      let replacing = label.otherwise.map { [$0] } ?? []
      values = listed + replacing.filter { !listed.contains($0) }
    case .range(let range): values = range.count <= Self.casesMax ? range.map { "\($0)" } : nil
    }
  }

  private var isRange: Bool {
    if case .range = label.allowed { true } else { false }
  }

  var parameterType: String { values == nil ? (isRange ? "Int" : "String") : type }

  /// The text of its value.
  var argument: String {
    if values != nil { return "\(parameter).rawValue" }
    return isRange ? "String(\(parameter))" : parameter
  }

  /// With an empty line before it; nothing for a text.
  var enumeration: String {
    guard let values else { return "" }
    let initializer = """

          /// The value that is this integer; nil if the catalog does not allow it.
          public init?(_ value: Int) { self.init(rawValue: String(value)) }

      """
    return "\n" + indented(SwiftText.comment("`\(label.name)`" + (label.help.map { ": \($0)" } ?? "")), by: 2)
      + swiftEnumeration(type, values, indent: 2, further: isRange ? initializer : "")
  }

  /// A constant with all that the catalog says.
  var declaration: String {
    var arguments = ["name: \(SwiftText.literal(label.name))"]
    if let help = label.help { arguments.append("help: \(SwiftText.literal(help))") }
    switch label.allowed {
    case .any: break
    case .list(let values): arguments.append("allowed: .list(\(SwiftText.list(values.map(SwiftText.literal))))")
    case .range(let range): arguments.append("allowed: .range(\(range.lowerBound)...\(range.upperBound))")
    }
    if let most = label.maxValues { arguments.append("maxValues: \(most)") }
    if let otherwise = label.otherwise { arguments.append("otherwise: \(SwiftText.literal(otherwise))") }
    if label.evictsOldest { arguments.append("evictsOldest: true") }
    if !label.named.isEmpty {
      let pairs = label.named.sorted { $0.key < $1.key }.map { "\(SwiftText.literal($0)): \(SwiftText.literal($1))" }
      arguments.append("named: \(SwiftText.list(pairs))")
    }
    return "    static let \(parameter) = LabelDescriptor(\(arguments.joined(separator: ", ")))\n"
  }
}

/// An enum whose cases are these texts.
func swiftEnumeration(_ name: String, _ values: [String], indent: Int, further: String = "") -> String {
  // What an enum has by itself, and what is something else behind a dot.
  var names = SwiftNames(taken: ["allCases", "hash", "hashValue", "init", "rawValue", "self"])
  let cases = zip(names.names(for: values.map(SwiftNames.lowerCamelCase), suffix: "Value"), values)
  let lines = cases.map { "  case \(SwiftNames.quoted($0)) = \(SwiftText.literal($1))\n" }
  let body = "public enum \(name): String, Sendable, CaseIterable {\n" + lines.joined()
  return indented(body, by: indent) + further + indented("}\n", by: indent)
}

func indented(_ text: String, by count: Int) -> String {
  text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
}
