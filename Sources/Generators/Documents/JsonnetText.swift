internal import Diagnostics

/// Writes documents as jsonnet, in which the open places of texts are filled in from `$._config`.
///
/// <https://jsonnet.org/ref/spec.html>
enum JsonnetText {
  /// The key in `_config` of what selects the exporter's series.
  static let selector = Setting(
    "trainingExporterSelector",
    #"job!="""#,
    "Which series are those of training-exporter: one matcher or several, with commas between them"
  )

  /// An object whose members are documents, beside `_config`.
  ///
  /// - Parameter members: those with a name that ends in `:` are hidden.
  static func text(_ members: [(name: String, value: Document)], settings: [Setting], comment: [String]) -> String {
    var text = comment.map { "// \($0)\n" }.joined() + "{\n  _config+:: {\n"
    // Numbers are texts, since jsonnet would write 0.9 as 0.90000000000000002.
    for setting in settings {
      text += "    // \(setting.help).\n    \(setting.name): \(JSON.string(setting.value).line),\n"
    }
    text += "  },\n"
    for member in members {
      text += "\n  \(member.name): "
      layout.write(member.value, to: &text, indent: 2)
      text += ",\n"
    }
    return text + "}\n"
  }

  private static let layout = DocumentLayout(key: key, text: string, padding: " ", isEndedByComma: true)

  /// A key that ends in `+` adds to what others have under it.
  private static func key(_ name: String) -> String {
    if name.hasSuffix("+") { return key(String(name.dropLast())) + "+" }
    let isWord = name.utf8.allSatisfy { $0 &- 97 <= 25 || $0 &- 65 <= 25 || $0 == 95 }
    return isWord && !keywords.contains(name) ? name : JSON.string(name).line
  }

  private static let keywords: Set = [
    "assert", "else", "error", "false", "for", "function", "if", "import", "importstr", "importbin", "in", "local",
    "null",
    "self", "super", "tailstrict", "then", "true",
  ]

  /// A text; where it has open places it is a format, in which a percent sign stands twice.
  private static func string(_ open: OpenText) -> String {
    var format = ""
    var hasPlaces = false
    for part in open.parts {
      switch part {
      case .literal(let literal): format += literal.replacing("%", with: "%%")
      case .setting(let setting):
        format += "%(\(setting.name))s"
        hasPlaces = true
      case .series(let name, let matchers):
        let all = ["%(\(selector.name))s"] + matchers.map { $0.text.replacing("%", with: "%%") }
        format += "\(name){\(all.joined(separator: ", "))}"
        hasPlaces = true
      }
    }
    return hasPlaces ? JSON.string(format).line + " % $._config" : JSON.string(open.plain).line
  }
}
