internal import Diagnostics

/// A text, mostly a query, with places that a mixin leaves to whoever installs it: which series are selected, and numbers
/// such as the limit of an alert.
///
/// Interpolations make the places: `"\(series: "training_loss", .is("run", "a")) > \(setting: .lossFactor)"`.
struct OpenText: Hashable, Sendable, ExpressibleByStringInterpolation {
  enum Part: Hashable, Sendable {
    case literal(String)
    /// The series of a metric.
    case series(String, [LabelMatcher])
    case setting(Setting)
  }

  private(set) var parts: [Part] = []

  init(_ text: String) { parts = text.isEmpty ? [] : [.literal(text)] }
  init(stringLiteral text: String) { self.init(text) }
  init(stringInterpolation interpolation: StringInterpolation) { parts = interpolation.parts }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { parts.append(.literal(text)) }
    }

    mutating func appendInterpolation(_ text: String) { appendLiteral(text) }
    mutating func appendInterpolation(_ number: Int) { appendLiteral("\(number)") }
    mutating func appendInterpolation(_ text: OpenText) { parts += text.parts }
    mutating func appendInterpolation(setting: Setting) { parts.append(.setting(setting)) }

    mutating func appendInterpolation(series name: String, _ matchers: LabelMatcher...) {
      parts.append(.series(name, matchers))
    }

    mutating func appendInterpolation(series name: String, matching matchers: [LabelMatcher]) {
      parts.append(.series(name, matchers))
    }
  }

  /// Without places: all series are selected, and each setting has its own value.
  var plain: String {
    parts.map { part in
      switch part {
      case .literal(let text): text
      case .series(let name, let matchers):
        matchers.isEmpty ? name : "\(name){\(matchers.map(\.text).joined(separator: ", "))}"
      case .setting(let setting): setting.value
      }
    }.joined()
  }

  /// The settings in it, in order.
  var settings: [Setting] {
    parts.compactMap { if case .setting(let setting) = $0 { setting } else { nil } }
  }
}

/// What a label of a series has to be.
struct LabelMatcher: Hashable, Sendable {
  /// As PromQL writes it.
  let text: String

  static func equal(_ label: String, _ value: String) -> LabelMatcher { .init(text: "\(label)=\(literal(value))") }
  /// - Parameter pattern: a regular expression, or a variable of Grafana, which becomes one.
  static func matches(_ label: String, _ pattern: String) -> LabelMatcher {
    .init(text: "\(label)=~\(quoted(pattern))")
  }

  /// A label's value as it is, in which Grafana finds no variable.
  private static func literal(_ value: String) -> String {
    quoted(value).replacing("$", with: "\\x24").replacing("[[", with: "\\x5b[")
  }

  /// <https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals>
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// A number or a text that whoever installs a mixin may set in its `_config`.
struct Setting: Hashable, Sendable {
  /// Its key in `_config`.
  var name: String
  /// What it is unless somebody sets it, as PromQL or a duration is written.
  var value: String
  /// What it is, for people: a line without its full stop.
  var help: String

  init(_ name: String, _ value: String, _ help: String) {
    self.name = name
    self.value = value
    self.help = help
  }
}
