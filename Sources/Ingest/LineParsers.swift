internal import LogFormats
internal import MetricCatalog
internal import PatternSyntax

/// The parser of a format whose logs are lines: one line a format.
func makeLineParser(_ format: LogFormat, lineBytesMax: Int, fields: FieldTable) -> any RecordParser {
  switch format {
  case .csv(let separator, let columns, let comment):
    TextOnly(
      CSVFormat(
        separator: separator,
        columns: columns,
        comment: comment,
        lineBytesMax: lineBytesMax,
        fields: fields
      )
    )
  case .jsonLines:
    TextOnly(JSONLinesFormat(lineBytesMax: lineBytesMax, fields: fields))
  case .text(.lines(let rules)):
    TextOnly(TextFormat(lines: rules.map(TextLineRule.init), lineBytesMax: lineBytesMax, fields: fields))
  case .text(.pairs(let pair, let between)):
    TextOnly(PairsFormat(pattern: pairPattern(pair, between), lineBytesMax: lineBytesMax, fields: fields))
  case .pythonDictionary:
    TextOnly(PythonDictFormat(lineBytesMax: lineBytesMax, fields: fields))
  case .json, .yaml, .events:
    preconditionFailure("\(format.name) logs are not read line by line")
  }
}

/// The parser of a format whose logs are whole documents; nil: the format's logs are lines.
func makeDocumentParser(_ format: LogFormat, fields: @autoclosure () -> FieldTable) -> (any DocumentParser)? {
  switch format {
  case .json(let records): JSONDocumentFormat(records: records, fields: fields())
  case .yaml: YAMLDocumentFormat(fields: fields())
  case .csv, .jsonLines, .text, .pythonDictionary, .events: nil
  }
}

private func pairPattern(_ pair: Pattern, _ between: String) -> PairPattern {
  guard let pattern = PairPattern(pair, between: between) else {
    preconditionFailure("`TextRulesRule` lets only patterns with a key and a value through")
  }
  return pattern
}

extension TextLineRule {
  fileprivate init(_ rule: TextRules.LineRule) {
    self.init(
      pattern: LinePattern(rule.line),
      set: rule.set.map { (field: $0.field, text: $0.text) },
      numericCaptures: rule.numericCaptures,
      durationCaptures: rule.durationCaptures
    )
  }
}

extension LogFormat {
  /// Whether this version reads logs of the format; the others are checked, and left alone.
  package var isRead: Bool {
    switch self {
    case .csv, .jsonLines, .json, .text, .pythonDictionary, .yaml: true
    case .events: false
    }
  }

  /// Whether a record says itself that it is whole: an object or a dict that is closed.
  var saysWhenWhole: Bool {
    switch self {
    case .jsonLines, .pythonDictionary, .json, .yaml: true
    case .csv, .text, .events: false
    }
  }

  /// Whether a log is one document, rather than lines.
  var isDocument: Bool {
    switch self {
    case .json, .yaml: true
    case .csv, .jsonLines, .text, .pythonDictionary, .events: false
    }
  }

  /// Whether a log is one record, which is replaced as a whole.
  var isOneRecord: Bool {
    switch self {
    case .json(let records): records == nil
    case .yaml: true
    case .csv, .jsonLines, .text, .pythonDictionary, .events: false
    }
  }
}
