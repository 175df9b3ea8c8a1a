import Foundation
import LogStations

/// A catalog and its logs, made up from a seed, that fit each other; and one mistake that can be put into them.
struct Mistaken {
  enum Format: CaseIterable {
    case csv, jsonl, json, pydict, pairs, lines
  }

  /// What was done, and what has to be said about it.
  struct Mistake {
    var name: String
    /// The kind of the finding.
    var kind: String
    /// What its message or help has to have in it.
    var clue: String
  }

  var random: SplitMix
  let format: Format
  var files = "runs/{run}/log.txt"
  var columns: [String] = []
  /// The names that the catalog uses, by column.
  var names: [String] = []
  var metrics: [String] = []
  var rows: [[String]] = []
  var keys: [String] = []
  var runs = "max_values: 9"
  var separator = ","
  var condition = ""
  var records = "log_history"
  var pairs = "{key}={value}"
  var lineWords = ["step", "loss is", "rate"]
  var formatName: String

  private static let words = [
    "loss", "train_loss", "val/accuracy", "learning_rate", "grad_norm", "throughput", "epoch", "global_step",
    "perplexity",
    "reward_mean", "train/box_loss", "eval.loss", "tokens_seen",
  ]

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    format = Format.allCases.randomElement(using: &random) ?? .csv
    formatName = format == .pairs || format == .lines ? "text" : "\(format)"
    let count = Int.random(in: 2...5, using: &random)
    columns = Array(
      Self.words.filter { format != .lines || !"/.".contains(where: $0.contains) }.shuffled(using: &random).prefix(
        count
      )
    )
    if format == .lines { columns = Array(columns.prefix(3)) }
    names = columns
    metrics = columns.indices.map { "metric_\($0)" }
    for _ in 0..<Int.random(in: 3...30, using: &random) {
      rows.append(columns.map { _ in value() })
    }
    keys = ["each_record: rows_total"]
  }

  private mutating func value() -> String {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: format == .lines ? "0" : "nan"
    case 1: "1e-\(Int.random(in: 1...9, using: &random))"
    case 2: "\(Int.random(in: 0...999, using: &random))"
    default: "\(Double(Int.random(in: 0...100_000, using: &random)) / 1_000)"
    }
  }

  // MARK: What is written

  var catalog: String {
    var text =
      "version: 1\nlabels:\n  run: { \(runs) }\nmetrics:\n  rows_total: { type: counter, help: Rows of the log, labels: [run] }\n"
    for metric in metrics { text += "  \(metric): { type: gauge, help: A value, labels: [run] }\n" }
    text += "watchers:\n  w:\n    files: \"\(files)\"\n    format: \(formatName)\n"
    if format == .csv, separator != "," { text += "    separator: \"\(separator)\"\n" }
    if format == .json, !records.isEmpty { text += "    records: \(records)\n" }
    if format == .pairs, formatName == "text" { text += "    pairs: \"\(pairs)\"\n" }
    if format == .lines, formatName == "text" {
      let parts = zip(lineWords, names.indices).map { "\($0) {c\($1)}" }
      text += "    lines: [\"\(parts.joined(separator: ", "))\"]\n"
    }
    if !condition.isEmpty { text += "    where: { \(condition) }\n" }
    for key in keys { text += "    \(key)\n" }
    text += "    fields:\n"
    for (index, name) in names.enumerated() {
      let field = format == .lines ? "c\(index)" : name
      text += "      \"\(field)\": \(metrics[index])\n"
    }
    return text
  }

  var log: String {
    switch format {
    case .csv:
      return ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    case .jsonl:
      return rows.map { "{" + pairs($0, "\"", "NaN").joined(separator: ", ") + "}\n" }.joined()
    case .json:
      return "{\"log_history\": ["
        + rows.map { "{" + pairs($0, "\"", "NaN").joined(separator: ", ") + "}" }.joined(separator: ",\n") + "]}"
    case .pydict:
      return rows.map { "{" + pairs($0, "'", "nan").joined(separator: ", ") + "}\n" }.joined()
    case .pairs:
      return rows.map { row in zip(columns, row).map { "\($0)=\($1)" }.joined(separator: " ") + "\n" }.joined()
    case .lines:
      let words = ["step", "loss is", "rate"]
      return rows.map { row in zip(words, row).map { "\($0) \($1)" }.joined(separator: ", ") + "\n" }.joined()
    }
  }

  private func pairs(_ row: [String], _ quote: String, _ nan: String) -> [String] {
    zip(columns, row).map { name, value in
      let isNumber = value == "nan" || Double(value) != nil
      let shown = value == "nan" ? nan : isNumber ? value : quote + value + quote
      return "\(quote)\(name)\(quote): \(shown)"
    }
  }

  // MARK: Mistakes

  /// Puts one mistake in, of those that the format can have.
  mutating func addMistake() -> Mistake {
    let column = Int.random(in: columns.indices, using: &random)
    while true {
      switch Int.random(in: 0..<14, using: &random) {
      case 0 where format != .lines:
        names[column] = misspelt(columns[column])
        return Mistake(name: "a misspelt field", kind: "no-field", clue: columns[column])
      case 1 where format == .csv:
        separator = ";"
        return Mistake(name: "a wrong separator", kind: "no-field", clue: "separator: \",\"")
      case 2:
        let text = ["12 of 90", "n/a", "1.5 furlongs", "see above"].randomElement(using: &random) ?? "n/a"
        let isWord = format == .pairs || format == .lines
        for row in rows.indices { rows[row][column] = isWord ? text.filter { $0 != " " } : text }
        let field = format == .lines ? "c\(column)" : columns[column]
        return Mistake(name: "texts in place of numbers", kind: "no-number", clue: "`\(field)`")
      case 3:
        files =
          ["rusn/{run}/log.txt", "runs/{run}/logs.txt", "data/runs/{run}/log.txt"].randomElement(using: &random)
          ?? files
        return Mistake(name: "a path that is not there", kind: "no-file", clue: files)
      case 4 where format == .csv || format == .jsonl || format == .pydict:
        formatName = format == .csv || format == .pydict ? "jsonl" : "csv"
        let kind = formatName == "jsonl" ? "malformed" : "no-field"
        return Mistake(name: "another format", kind: kind, clue: "format: \(format)")
      case 5 where format != .lines:
        condition = "\"\(columns[column])\": done"
        return Mistake(name: "a condition that nothing meets", kind: "filtered", clue: columns[column])
      case 6:
        runs = "values: [b, c]"
        return Mistake(name: "a label value that is not listed", kind: "refused", clue: "run=\"a\"")
      case 7 where format == .csv:
        for row in rows.indices.dropFirst() { rows[row].append("7") }
        return Mistake(name: "rows that are wider than their header", kind: "row-width", clue: "\(columns.count)")
      case 8 where format == .json:
        records = ["log_histroy", "loghistory", "history.log"].randomElement(using: &random) ?? records
        return Mistake(name: "a wrong path of records", kind: "malformed", clue: "records")
      case 9 where format == .lines:
        lineWords[1] = "lost is"
        return Mistake(name: "a misspelt pattern", kind: "no-match", clue: "lost is")
      case 10 where format == .json:
        records = ""
        return Mistake(name: "no path of records", kind: "no-field", clue: "records: log_history")
      case 11 where format == .csv:
        separator = "blanks"
        return Mistake(name: "blanks for a separator", kind: "no-match", clue: "separator: \",\"")
      case 12 where format == .pairs:
        pairs = "{key}: {value}"
        return Mistake(name: "another separator of pairs", kind: "no-match", clue: "pairs: \"{key}={value}\"")
      case 13 where format == .lines:
        lineWords[1] = "Loss Is"
        return Mistake(name: "capitals in a pattern", kind: "no-match", clue: "capitals")
      default:
        continue
      }
    }
  }

  private mutating func misspelt(_ name: String) -> String {
    var letters = Array(name)
    let place = Int.random(in: 1..<letters.count - 1, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: letters.remove(at: place)
    case 1: letters.insert("x", at: place)
    case 2: letters[0] = Character(letters[0].uppercased())
    case 3: return "$." + name
    default: letters.swapAt(place, place + 1 < letters.count - 1 ? place + 1 : place - 1)
    }
    let made = String(letters)
    return columns.contains(made) ? name + "s" : made
  }
}
