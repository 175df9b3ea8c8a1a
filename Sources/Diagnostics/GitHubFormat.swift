extension DiagnosticFormat {
  /// Workflow commands: GitHub Actions shows them beside the changed lines of a pull request, and in the log.
  ///
  /// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
  static let github = DiagnosticFormat(name: "github", help: "annotations of GitHub Actions") { files, setting in
    files.map { file in
      let path = setting.directory.path(of: file.source.path)
      return file.diagnostics.map { command(for: $0, in: file.source, path: path) }.joined()
    }.joined()
  }

  private static func command(for diagnostic: Diagnostic, in source: SourceFile, path: String) -> String {
    var properties = [("file", path)]
    if let span = diagnostic.range.map(source.span) {
      properties += [("line", "\(span.start.line)"), ("endLine", "\(span.end.line)")]
      // Columns of a place with several lines are an error to GitHub.
      if span.start.line == span.end.line {
        properties += [("col", "\(span.start.column)"), ("endColumn", "\(span.end.column)")]
      }
    }
    properties.append(("title", diagnostic.id))
    let list = properties.map { "\($0)=\(property($1))" }.joined(separator: ",")
    return "::\(name(of: diagnostic.severity)) \(list)::\(data(message(of: diagnostic, in: source)))\n"
  }

  /// The log shows nothing but the message, so it begins with the place. What is said of other places belongs to it: an
  /// annotation of its own would stand at a line that nobody changed, or in a version that the reviewer does not see.
  private static func message(of diagnostic: Diagnostic, in source: SourceFile) -> String {
    var lines = ["\(source.place(of: diagnostic.range)): \(PrintableText.escape(diagnostic.message))"]
    if let help = diagnostic.help { lines.append("help: " + PrintableText.escape(help)) }
    for related in diagnostic.related {
      let place = (related.source ?? source).place(of: related.range)
      lines.append("note: \(place): \(PrintableText.escape(related.note))")
    }
    return lines.joined(separator: "\n")
  }

  private static func name(of severity: Diagnostic.Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .note: "notice"
    }
  }

  private static func data(_ text: String) -> String { escaped(text, ["%", "\r", "\n"]) }

  private static func property(_ text: String) -> String { escaped(text, ["%", "\r", "\n", ":", ","]) }

  /// With `%` and two digits for the given characters, all of which have two digits.
  private static func escaped(_ text: String, _ characters: Set<Unicode.Scalar>) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if characters.contains(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "%" + String(repeating: "0", count: 2 - digits.count) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
