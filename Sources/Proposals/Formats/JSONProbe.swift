internal import LogFormats

extension LogProbe {
  /// Documents: an array of records, an object with one, an object with columns, or one record.
  static let json = LogProbe(format: "json") { sample in
    guard let first = sample.head.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return nil }
    let isNamedLines = [".jsonl", ".ndjson", ".log", ".txt"].contains { sample.name.lowercased().hasSuffix($0) }
    guard let whole = RecordSurvey(sample, LogFormat("json")) else { return nil }
    if first == UInt8(ascii: "[") {
      return whole.numeric.isEmpty ? nil : ProbedLog(LogFormat("json"), whole)
    }
    // A line that is an object is one of many that are to come.
    if isNamedLines, sample.lines(3).count == 1 { return nil }
    return DocumentOutline(whole).readings.compactMap { path, inColumns -> ProbedLog? in
      var format = LogFormat("json")
      if let path { format.options["records"] = .text(path) }
      if inColumns { format.options["orient"] = .text("columns") }
      guard let survey = RecordSurvey(sample, format), !survey.numeric.isEmpty, !survey.isOfLists else { return nil }
      var reading = ProbedLog(format, survey)
      if path != nil, !inColumns { reading.beside = whole }
      return reading
    }.max { $0.survey.weight < $1.survey.weight }
  }

  /// A line is an object.
  static let jsonl = LogProbe(format: "jsonl") { sample in
    guard let line = sample.lines(1).first, line.first == "{" else { return nil }
    guard let survey = RecordSurvey(sample, LogFormat("jsonl")), survey.records > 0,
      survey.malformed * 10 <= survey.records, !survey.numeric.isEmpty, !survey.isOfLists
    else { return nil }
    return ProbedLog(LogFormat("jsonl"), survey)
  }

  /// Console lines with dicts, Python's or JSON's, in them.
  static let pydict = LogProbe(format: "pydict") { sample in
    guard sample.head.contains(UInt8(ascii: "{")) else { return nil }
    guard let tried = RecordSurvey(sample.excerpt, LogFormat("pydict")), tried.records > 0,
      let survey = RecordSurvey(sample, LogFormat("pydict")), survey.records > 1,
      survey.malformed * 4 <= survey.records
    else { return nil }
    // A dict that is printed once is a setting.
    let repeated = survey.numeric.filter { $0.numbers > 1 && FieldWords.isOfTraining($0.name) }
    return repeated.isEmpty ? nil : ProbedLog(LogFormat("pydict"), survey, isConsole: true)
  }

  /// Settings such as `args.yaml`.
  static let yaml = LogProbe(format: "yaml") { sample in
    let name = sample.name.lowercased()
    guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { return nil }
    guard let survey = RecordSurvey(sample, LogFormat("yaml")), survey.records == 1 else { return nil }
    var reading = ProbedLog(LogFormat("yaml"), survey)
    reading.isSettings = true
    return reading
  }
}

/// Where the records of a document may be, as far as the names of all its values tell.
private struct DocumentOutline {
  /// The paths of arrays, and whether their elements lie side by side; nil and false: the document is one record.
  let readings: [(path: String?, inColumns: Bool)]

  init(_ whole: RecordSurvey) {
    var objects: [String: Set<Substring>] = [:]
    var columns: [String: Int] = [:]
    for field in whole.fields {
      let parts = field.name.split(separator: ".", omittingEmptySubsequences: false)
      guard let place = parts.firstIndex(where: Self.isIndex) else { continue }
      let path = parts[..<place].joined(separator: ".")
      guard !path.isEmpty else { continue }
      if place < parts.count - 1, !Self.isIndex(parts[place + 1]) {
        objects[path, default: []].insert(parts[place])
      } else if field.numbers > 0 {
        columns[path, default: 0] += 1
      }
    }
    var readings: [(path: String?, inColumns: Bool)] = []
    let largest = objects.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    if let largest { readings.append((largest.key, false)) }
    // Two of one length are a table, and one alone is a history if it is long.
    let isTable = columns.values.contains { length in
      length > 1 && (length > 4 || columns.values.count { $0 == length } > 1)
    }
    if isTable { readings.append((nil, true)) }
    if readings.isEmpty { readings.append((nil, false)) }
    self.readings = readings
  }

  private static func isIndex(_ part: Substring) -> Bool {
    !part.isEmpty && part.utf8.allSatisfy { $0 &- 48 <= 9 }
  }
}
