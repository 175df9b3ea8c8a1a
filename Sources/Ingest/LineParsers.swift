internal import LogFormats
internal import MetricCatalog
internal import PatternSyntax

/// The parser of a format whose logs are lines: one line a format.
func makeLineParser(_ format: LogFormat, lineBytesMax: Int, fields: FieldTable) -> any RecordParser {
  switch format {
  case .csv(let separator, let columns, let comment):
    CSVFormat(
      separator: separator,
      columns: columns,
      comment: comment,
      lineBytesMax: lineBytesMax,
      fields: fields
    )
  case .jsonLines:
    JSONLinesFormat(lineBytesMax: lineBytesMax, fields: fields)
  case .text(.lines(let rules)):
    TextFormat(lines: rules.map(TextLineRule.init), lineBytesMax: lineBytesMax, fields: fields)
  case .text(.pairs), .json, .pythonDictionary, .yaml, .events:
    preconditionFailure("\(format.name) logs are not read line by line: `LogFormat.isRead` leaves them out")
  }
}

extension TextLineRule {
  fileprivate init(_ rule: TextRules.LineRule) {
    self.init(
      pattern: LinePattern(rule.line),
      set: rule.set.map { (field: $0.field, text: $0.text) },
      numericCaptures: rule.numericCaptures
    )
  }
}

extension LogFormat {
  /// Whether this version reads logs of the format; the others are checked, and left alone.
  package var isRead: Bool {
    switch self {
    case .csv, .jsonLines, .json, .text(.lines): true
    case .text(.pairs), .pythonDictionary, .yaml, .events: false
    }
  }

  /// Whether a log is one document, rather than lines.
  var isDocument: Bool {
    if case .json = self { true } else { false }
  }
}
