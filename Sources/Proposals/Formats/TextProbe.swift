internal import LogFormats
internal import PatternSyntax

extension LogProbe {
  /// Console lines: patterns of lines that come again and again, or pairs where their order changes.
  static let text = LogProbe(format: "text") { sample in
    guard let chosen = choice(sample.excerpt) else { return nil }
    return RecordSurvey(sample, chosen.format).map { ProbedLog(chosen.format, $0, isConsole: true) }
  }

  private static func choice(_ sample: LogSample) -> ProbedLog? {
    let byLines = linesReading(sample)
    let byPairs = pairsReading(sample)
    guard let byPairs else { return byLines }
    guard let byLines else { return byPairs }
    // The same names in another order are pairs.
    if case .lines(let rules)? = byLines.format.options["lines"],
      Set(rules.map { Set($0.line.captureNames) }).count < rules.count,
      byPairs.survey.plausibleWeight * 10 >= byLines.survey.plausibleWeight * 9
    {
      return byPairs
    }
    return byLines.survey.plausibleWeight * 10 >= byPairs.survey.plausibleWeight * 8 ? byLines : byPairs
  }

  private static func linesReading(_ sample: LogSample) -> ProbedLog? {
    let templates = LineTemplates(sample).patterns
    let rules = templates.compactMap { template in
      (try? Pattern(parsing: template)).map { LogFormat.LineRule(line: $0, numericCaptures: Set($0.captureNames)) }
    }
    guard !rules.isEmpty else { return nil }
    let format = LogFormat("text", options: ["lines": .lines(rules)])
    guard let survey = RecordSurvey(sample, format), survey.plausibleWeight > 0 else { return nil }
    return ProbedLog(format, survey, isConsole: true)
  }

  private static func pairsReading(_ sample: LogSample) -> ProbedLog? {
    let separators = ["{key}={value}", "{key}: {value}", "{key}:{value}", "{key} = {value}"]
    let readings = separators.flatMap { pairs in
      [nil, ",", "|", "\t"].compactMap { between -> ProbedLog? in
        guard let pattern = try? Pattern(parsing: pairs) else { return nil }
        var format = LogFormat("text", options: ["pairs": .pattern(pattern)])
        if let between { format.options["between"] = .text(between) }
        guard let survey = RecordSurvey(sample, format), survey.plausibleWeight > 0 else { return nil }
        return ProbedLog(format, survey, isConsole: true)
      }
    }
    return readings.max { $0.survey.plausibleWeight < $1.survey.plausibleWeight }
  }
}

extension RecordSurvey {
  /// The same as `weight` without fields whose names are none, such as parts of paths and times of day.
  var plausibleWeight: Int {
    numeric.reduce(0) { sum, field in
      guard !FieldWords.isStrange(field.name) else { return sum - min(field.numbers, 100) }
      return sum + min(field.numbers, 1_000) * (FieldWords.isOfTraining(field.name) ? 2 : 1)
    }
  }
}
