internal import LogFormats

extension LogProbe {
  /// Separated values.
  static let csv = LogProbe(format: "csv") { sample in
    let lines = sample.lines(200)
    guard lines.count > 1, let first = lines.first else { return nil }
    var candidates: [LogFormat] = [LogFormat("csv")]
    if lines.dropFirst().contains(where: { $0.hasPrefix("#") }) {
      candidates.append(LogFormat("csv", options: ["comment": .text("#")]))
    }
    if first.hasPrefix("|"), lines.contains(where: { $0.hasPrefix("|-") }) {
      candidates = [LogFormat("csv", options: ["separator": .text("|"), "comment": .text("|-")])]
    }
    if first.count(where: { $0 == "|" }) > 0 { candidates.append(LogFormat("csv", options: ["separator": .text("|")])) }
    if let columns = Self.columnsWithoutHeader(lines) {
      candidates = [LogFormat("csv", options: ["columns": .fieldNames(columns)])]
    }
    return best(candidates, sample) { survey in
      survey.fields.count > 1 && survey.malformed * 10 <= survey.records && Self.isTable(survey)
    }
  }

  /// Tables whose columns are parted by runs of blanks.
  static let blankTable = LogProbe(format: "csv") { sample in
    let lines = sample.lines(200)
    guard lines.count > 1 else { return nil }
    var format = LogFormat("csv", options: ["separator": .text("blanks")])
    let rows = lines.map { $0.split { $0 == " " || $0 == "\t" } }
    if rows[0].count > 1, rows.allSatisfy({ $0.count == rows[0].count }),
      rows[0].filter(isNumber).count * 2 > rows[0].count
    {
      format.options["columns"] = .fieldNames(columnsOfYOLO(rows[0]) ?? names(count: rows[0].count))
    }
    guard let tried = RecordSurvey(sample.excerpt, format), tried.records > 0 else { return nil }
    // Words that line up by chance are no table: nearly all lines are its rows.
    return best([format], sample) { survey in
      survey.fields.count > (format.options["columns"] == nil ? 2 : 1) && survey.malformed * 10 <= survey.records
        && survey.unmatched <= survey.records / 2 + 8 && isTable(survey)
    }
  }

  private static func best(
    _ candidates: [LogFormat],
    _ sample: LogSample,
    where isGood: (RecordSurvey) -> Bool
  ) -> ProbedLog? {
    candidates.compactMap { format -> ProbedLog? in
      guard let survey = RecordSurvey(sample, format), survey.records > 0, isGood(survey) else { return nil }
      return ProbedLog(format, survey)
    }.max { $0.survey.weight - $0.survey.malformed * 10 < $1.survey.weight - $1.survey.malformed * 10 }
  }

  /// Whether columns have names as columns have, and a good part of them numbers.
  private static func isTable(_ survey: RecordSurvey) -> Bool {
    let numeric = survey.numeric.count
    let strange = survey.fields.count { FieldWords.isStrange($0.name) }
    // Pairs that stand in columns.
    if survey.fields.contains(where: { $0.name.contains("=") || $0.name.hasSuffix(":") }) { return false }
    return numeric > 0 && numeric * 4 >= survey.fields.count && strange * 4 <= survey.fields.count
  }

  /// The names of columns that the catalog makes up, where the first row is of numbers already.
  private static func columnsWithoutHeader(_ lines: [String]) -> [String]? {
    for separator in [",", ";", "\t"] {
      let rows = lines.prefix(20).map { $0.split(omittingEmptySubsequences: false) { String($0) == separator } }
      guard let count = rows.first?.count, count > 1, rows.allSatisfy({ $0.count == count }) else { continue }
      return rows[0].filter(isNumber).count * 2 > count ? names(count: count) : nil
    }
    return nil
  }

  /// `results.txt` of YOLO before it wrote CSV.
  private static func columnsOfYOLO(_ row: [Substring]) -> [String]? {
    guard row.count == 15, row[0].contains("/"), row[1].hasSuffix("G") else { return nil }
    return [
      "epoch", "gpu_memory", "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss", "labels",
      "image_size",
      "metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss",
      "val/cls_loss",
    ]
  }

  private static func names(count: Int) -> [String] { (1...count).map { "column_\($0)" } }

  private static func isNumber(_ text: Substring) -> Bool {
    let bare = text.filter { $0 != " " }
    return Double(bare) != nil
  }
}
