/// What a log looks like by a line of it, or by the beginning of a document.
enum FormatGuess: Equatable {
  case json, jsonl, pydict, yaml
  /// Pairs with this pattern stand in the line; nil: words and numbers do.
  case text(pairs: String?)
  case csv(separator: String)

  /// - Parameter names: the fields that the watcher names: a line with one of them may be a header.
  init?(of text: String, names: [String] = []) {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard let line = lines.first else { return nil }
    guard
      let guess = Self.ofBrackets(line, isAlone: lines.count == 1) ?? Self.ofTable(lines, names)
        ?? Self.ofPairs(lines) ?? Self.ofWords(line)
    else { return nil }
    self = guess
  }

  /// The format's name in the catalog.
  var format: String {
    switch self {
    case .json: "json"
    case .jsonl: "jsonl"
    case .pydict: "pydict"
    case .yaml: "yaml"
    case .text: "text"
    case .csv: "csv"
    }
  }

  private static func ofBrackets(_ line: String, isAlone: Bool) -> FormatGuess? {
    let next = line.dropFirst().first { $0 != " " }
    switch line.first {
    case "[" where next.map { "{\"[".contains($0) } ?? true: return .json
    case "{" where next == nil: return .json
    case "{" where next == "\"": return line.hasSuffix("}") || isAlone && line.hasSuffix("…") ? .jsonl : .json
    default: return line.contains("{'") || line.contains("{\"") ? .pydict : nil
    }
  }

  private static func ofTable(_ lines: [String], _ names: [String]) -> FormatGuess? {
    let line = lines[0]
    let blanks = line.count { $0 == " " }
    if !hasPairs(line) {
      for separator in ["\t", ",", ";"] {
        let count = line.count { String($0) == separator }
        if separator == "\t" ? count >= 1 : count >= 1 && blanks == 0 || count >= 2 && blanks <= count {
          return line.contains(":") && separator != "\t" ? nil : .csv(separator: separator)
        }
      }
    }
    // The last line may be cut off.
    let rows = lines.prefix(max(1, lines.count - 1)).map(words)
    let linesUp = rows.count > 1 && rows.allSatisfy { $0.count == rows[0].count } && rows[1].contains(where: isNumber)
    let isHeader = linesUp || rows[0].contains(where: names.contains) || line.drop { $0 == " " }.contains("  ")
    let isTable = rows[0].count > 1 && !rows[0].contains(where: isNumber) && isHeader && !hasPairs(line)
    return isTable || rows[0].count > 1 && rows[0].allSatisfy(isNumber) ? .csv(separator: "blanks") : nil
  }

  private static func ofPairs(_ lines: [String]) -> FormatGuess? {
    let line = lines[0]
    if line.hasPrefix("---") && line.allSatisfy({ $0 == "-" }) && lines.count > 1 || line.hasPrefix("%YAML") {
      return .yaml
    }
    let isOfKeys =
      lines.count > 1
      && lines.prefix(lines.count - 1).allSatisfy { line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].trimmedOfBlanks.contains(" ")
          && (parts[1].isEmpty || parts[1].first == " ")
          && range(of: ": ", in: parts[1]) == nil
      }
    if isOfKeys { return .yaml }
    let known = ["{key}={value}", "{key}: {value}", "{key}:{value}", "{key} = {value}"]
    let separators = ["=", ": ", ":", " = "]
    return zip(known, separators).first { isPair(line, $0.1) }.map { .text(pairs: $0.0) }
  }

  private static func ofWords(_ line: String) -> FormatGuess? {
    let words = words(line)
    let hasWord = words.contains { $0.contains(where: \.isLetter) && !isNumber($0) }
    return hasWord && words.contains(where: isNumber) && words.count > 1 ? .text(pairs: nil) : nil
  }

  private static func hasPairs(_ line: String) -> Bool { ["=", ": ", ":", " = "].contains { isPair(line, $0) } }

  /// Whether a number stands behind a separator, and a name before it.
  private static func isPair(_ line: String, _ separator: String) -> Bool {
    var rest = Substring(line)
    while let found = range(of: separator, in: rest) {
      let next = rest[found.upperBound...]
      let value = next.first == "-" ? next.dropFirst() : next
      let isNumber = value.first.map { $0.isNumber && $0.isASCII || $0 == "." } ?? false
      if isNumber || ["nan", "inf"].contains(value.prefix(3).lowercased()),
        let last = rest[..<found.lowerBound].last, last.isLetter || "_\"')]".contains(last)
      {
        return true
      }
      rest = next
    }
    return false
  }

  private static func range(of text: String, in line: Substring) -> Range<Substring.Index>? {
    var at = line.startIndex
    while at < line.endIndex {
      if line[at...].hasPrefix(text) { return at..<line.index(at, offsetBy: text.count) }
      at = line.index(after: at)
    }
    return nil
  }

  private static func words(_ line: String) -> [String] {
    line.split { $0 == " " || $0 == "\t" }.map(String.init)
  }

  private static func isNumber(_ word: String) -> Bool { Double(word) != nil }
}

extension StringProtocol {
  /// The text without blanks at its beginning and end.
  var trimmedOfBlanks: SubSequence { drop { $0 == " " }.dropLast(reversed().prefix { $0 == " " }.count) }
}
