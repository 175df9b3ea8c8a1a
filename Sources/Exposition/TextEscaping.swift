internal import MetricRegistry

/// The escapes of the text formats. Every text is escaped here, once, and by no caller.
enum TextEscaping {
  private static let replacement: [UInt8] = Array("\u{FFFD}".utf8)

  /// `name="value"`, with backslash, quote and newline escaped and other control characters replaced.
  static func appendLabel(name: String, value: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: name.utf8)
    bytes.append(UInt8(ascii: "="))
    bytes.append(UInt8(ascii: "\""))
    append(value, escapesQuote: true, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// A HELP text. In the text format a quote stands for itself, in OpenMetrics it is escaped.
  static func appendHelp(_ text: String, escapesQuote: Bool, to bytes: inout [UInt8]) {
    append(text, escapesQuote: escapesQuote, to: &bytes)
  }

  private static func append(_ text: String, escapesQuote: Bool, to bytes: inout [UInt8]) {
    let isPlain = text.utf8.allSatisfy {
      $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\n") && !LabelText.isControl($0)
    }
    if isPlain { return bytes.append(contentsOf: text.utf8) }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"):
        bytes.append(byte)
        bytes.append(byte)
      case UInt8(ascii: "\n"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "n"))
      case UInt8(ascii: "\"") where escapesQuote:
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case _ where LabelText.isControl(byte):
        bytes.append(contentsOf: replacement)
      default:
        bytes.append(byte)
      }
    }
  }
}
