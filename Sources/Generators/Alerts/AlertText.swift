/// A text of an alert for people, with places for the labels and the value of what fires. Prometheus fills them in.
///
/// <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>
struct AlertText: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// How a value is written.
  enum Format: String, Hashable, Sendable {
    case number = "humanize"
    case share = "humanizePercentage"
    case duration = "humanizeDuration"
    case bytes = "humanize1024"
  }

  fileprivate enum Part: Hashable, Sendable {
    case literal(String)
    case label(String)
    /// With a blank before it; nothing where the label is not there.
    case labelIfThere(String)
    case value(Format)
  }

  private var parts: [Part]

  init(stringLiteral text: String) { parts = [.literal(text)] }
  init(stringInterpolation interpolation: StringInterpolation) { parts = interpolation.parts }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ text: String) { parts.append(.literal(text)) }
    mutating func appendInterpolation(_ text: String) { appendLiteral(text) }
    mutating func appendInterpolation(_ text: AlertText) { parts += text.parts }
    mutating func appendInterpolation(label: String) { parts.append(.label(label)) }
    mutating func appendInterpolation(labelIfThere label: String) { parts.append(.labelIfThere(label)) }
    mutating func appendInterpolation(value format: Format) { parts.append(.value(format)) }
  }

  /// As a rule file has it.
  var template: String {
    parts.map { part in
      switch part {
      case .literal(let text): text
      case .label(let name): "{{ $labels.\(name) }}"
      case .labelIfThere(let name): "{{ with $labels.\(name) }} {{ . }}{{ end }}"
      case .value(let format): "{{ $value | \(format.rawValue) }}"
      }
    }.joined()
  }

  /// As people read it.
  ///
  /// - Parameter value: the value as its format writes it.
  func filled(labels: [String: String], value: String) -> String {
    parts.map { part in
      switch part {
      case .literal(let text): text
      case .label(let name): labels[name] ?? ""
      case .labelIfThere(let name): labels[name].map { " \($0)" } ?? ""
      case .value: value
      }
    }.joined()
  }
}
