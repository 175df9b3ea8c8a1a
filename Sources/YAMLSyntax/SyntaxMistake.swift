internal import Diagnostics

/// Says in plain words what libyaml did not understand, and guesses at missing quotes. It never looks at keys.
struct SyntaxMistake {
  static let quotesHelp = "text with braces, or that begins with one of { [ * & @ % or `, wants quotes: \"…\""

  let source: SourceFile
  let offsets: CharacterOffsets

  func diagnostic(for failure: LibYAMLParser.Failure) -> Diagnostic {
    let problemAt = offsets.byte(ofCharacter: failure.problemAt)
    let contextAt = offsets.byte(ofCharacter: failure.contextAt)
    if let cause = cause(of: failure, at: problemAt, in: contextAt) { return cause }
    let hasEnded = problemAt >= source.bytes.count
    let isAtContext = Self.atContext.contains(failure.problem)
    let start = isAtContext ? contextAt : problemAt
    var related: [Diagnostic.Related] = []
    if let context = failure.context, !isAtContext, line(of: contextAt) != line(of: problemAt) {
      related.append(Diagnostic.Related(range: range(at: contextAt), note: Self.note(for: context)))
    }
    let isTab = source.bytes[problemAt...].first == 0x09
    return Diagnostic(
      id: "yaml/syntax",
      message: isTab ? "a TAB cannot be used for indentation" : words(for: failure.problem, hasEnded: hasEnded),
      range: range(at: start),
      related: related,
      help: isTab
        ? "indent with spaces"
        : looksUnquoted(near: problemAt, or: contextAt) ? Self.quotesHelp : help(for: failure.problem)
    )
  }

  // MARK: Causes

  /// What libyaml notices only later, where it can be told.
  private func cause(of failure: LibYAMLParser.Failure, at problemAt: Int, in contextAt: Int) -> Diagnostic? {
    switch failure.problem {
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      return swallowed(from: contextAt, to: problemAt)
    case "mapping values are not allowed in this context":
      return lineWithoutColon(before: problemAt)
    case "could not find expected ':'":
      return lineWithoutColon(line(of: contextAt))
    default:
      return nil
    }
  }

  /// A comment inside brackets that takes the rest of a text with it, and what closes them.
  private func swallowed(from open: Int, to end: Int) -> Diagnostic? {
    for line in line(of: open)...line(of: end) {
      let range = source.byteRange(ofLine: line)
      guard let start = commentStart(in: max(range.lowerBound, open)..<max(range.upperBound, open)) else { continue }
      let before = source.bytes[max(range.lowerBound, open)..<start].last { $0 != 0x20 }
      guard source.bytes[start..<range.upperBound].contains(where: { ",}]".utf8.contains($0) }),
        !",{[".utf8.contains(before ?? 0x2C)
      else { continue }
      return Diagnostic(
        id: "yaml/syntax",
        message: "` #` begins a comment, which takes the rest of the line with it",
        range: SourceRange(start, range.upperBound),
        related: [Diagnostic.Related(range: self.range(at: open), note: "so this is still open")],
        help: "put a text with ` #` in quotes"
      )
    }
    return nil
  }

  /// A `#` behind a blank and outside quotes.
  private func commentStart(in range: Range<Int>) -> Int? {
    var quote: UInt8?
    for index in range {
      let byte = source.bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == UInt8(ascii: "#"), index > range.lowerBound, source.bytes[index - 1] == 0x20 {
        return index
      }
    }
    return nil
  }

  /// The line before the one with a `:` that cannot stand there, if the `:` is the first in its line.
  private func lineWithoutColon(before colon: Int) -> Diagnostic? {
    let line = line(of: colon)
    guard !source.bytes[source.byteRange(ofLine: line).lowerBound..<colon].contains(UInt8(ascii: ":")) else {
      return nil
    }
    let before = (1..<line).reversed().prefix(20).first { !content(ofLine: $0).isEmpty }
    return before.flatMap { lineWithoutColon($0) }
  }

  /// A line that is a key and its value without the `: ` between them.
  private func lineWithoutColon(_ line: Int) -> Diagnostic? {
    let range = content(ofLine: line)
    guard let first = source.bytes[range].first, !"-\"'{[]}&*|>?!%@`".utf8.contains(first) else { return nil }
    let text = String(decoding: source.bytes[range], as: UTF8.self)
    guard !text.contains(": "), !text.hasSuffix(":"), !text.contains("{"), !text.contains("[") else { return nil }
    let parts = text.split(maxSplits: 1) { $0 == ":" || $0 == " " || $0 == "=" }
    guard let key = parts.first, key.utf8.allSatisfy(\.isNameByte) else { return nil }
    let value = parts.count > 1 ? " " + parts[1].drop { $0 == " " || $0 == "=" } : ""
    let hasColon = text.dropFirst(key.count).hasPrefix(":")
    return Diagnostic(
      id: "yaml/syntax",
      message: hasColon ? "the `:` of this line has no blank behind it" : "this line has no `:`",
      range: SourceRange(range.lowerBound, range.upperBound),
      help: "write `\(key):\(value)`"
    )
  }

  /// A line without the blanks around it and without a comment.
  private func content(ofLine line: Int) -> Range<Int> {
    var range = source.byteRange(ofLine: line)
    while let first = source.bytes[range].first, first == 0x20 { range = range.lowerBound + 1..<range.upperBound }
    if source.bytes[range].first == UInt8(ascii: "#") { return range.lowerBound..<range.lowerBound }
    if let comment = commentStart(in: range) { range = range.lowerBound..<comment }
    while let last = source.bytes[range].last, last == 0x20 { range = range.lowerBound..<range.upperBound - 1 }
    return range
  }

  /// Problems that libyaml notices later than where they begin.
  private static let atContext: Set = [
    "found unexpected end of stream", "did not find expected alphabetic or numeric character",
  ]

  private static func note(for context: String) -> String {
    switch context {
    case "while parsing a flow mapping": "the `{` that is still open"
    case "while parsing a flow sequence": "the `[` that is still open"
    case "while parsing a block mapping": "the keys before it begin here"
    case "while parsing a block collection": "the list before it begins here"
    case "while scanning a plain scalar", "while scanning a simple key": "the text before it begins here"
    default: "met \(context) that begins here"
    }
  }

  private func words(for problem: String, hasEnded: Bool) -> String {
    switch problem {
    case "found character that cannot start any token":
      "a text cannot begin with this character"
    case "did not find expected key":
      hasEnded ? "a key was expected, but the file ends" : "a key was expected here; look at the indentation"
    case "mapping values are not allowed in this context":
      "a second `:` cannot stand here"
    case "could not find expected ':'":
      "the key before this has no `:`"
    case "did not find expected ',' or '}'":
      "expected `,` or `}`"
    case "did not find expected ',' or ']'":
      "expected `,` or `]`"
    case "did not find expected '-' indicator":
      "expected `- ` or the end of the list; look at the indentation"
    case "did not find expected node content":
      "a value was expected here"
    case "found unexpected end of stream":
      "the text that begins here has no closing quote"
    case "did not find expected alphabetic or numeric character":
      "a text cannot begin with `*` or `&`: they make aliases and anchors"
    case "found unknown escape character":
      "no such escape in double quotes; use single quotes to write a `\\`"
    case "":
      "this is not YAML"
    default:
      "this is not YAML: \(problem)"
    }
  }

  private func help(for problem: String) -> String? {
    switch problem {
    case "did not find expected ',' or '}'": "inside `{ }` a text with `: ` or `,` wants quotes"
    case "mapping values are not allowed in this context":
      "a text with `: ` wants quotes; or look at the indentation"
    default: nil
    }
  }

  /// The character at a place, as a range; empty at the end of the file.
  private func range(at offset: Int) -> SourceRange {
    guard offset < source.bytes.count else { return SourceRange(source.bytes.count, source.bytes.count) }
    let length = 1 + source.bytes[(offset + 1)...].prefix { $0 & 0xC0 == 0x80 }.count
    return SourceRange(offset, offset + length)
  }

  private func line(of offset: Int) -> Int { source.position(ofByte: offset).line }

  /// libyaml often fails one line after the cause.
  private func looksUnquoted(near problemAt: Int, or contextAt: Int) -> Bool {
    let line = line(of: problemAt)
    return Set([line, line - 1, self.line(of: contextAt)]).contains { line in
      line >= 1 && Self.looksUnquoted(source.bytes[source.byteRange(ofLine: line)])
    }
  }

  /// Whether a line has a brace in the middle of plain text, `{name}`, or a plain text that begins with a character
  /// which YAML keeps for itself.
  static func looksUnquoted(_ line: ArraySlice<UInt8>) -> Bool {
    var quote: UInt8?
    var before: UInt8 = 0x20
    var beforeBlank: UInt8 = 0x20
    var isStart = true
    for index in line.indices {
      let byte = line[index]
      let next = index + 1 < line.endIndex ? line[index + 1] : 0x20
      if let open = quote {
        if byte == open { quote = nil }
      } else if isStart, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "#"), before == 0x20 {
        return false
      } else if byte == UInt8(ascii: "{") {
        if !isStart { return true }
        let name = line[(index + 1)...].prefix { $0.isNameByte }
        if !name.isEmpty, line[name.endIndex...].first == UInt8(ascii: "}") { return true }
      } else if isStart, "*&@%`".utf8.contains(byte), next != 0x20 {
        return true
      }
      if byte != 0x20 {
        beforeBlank = byte
        isStart = "{[,".utf8.contains(byte) || byte == UInt8(ascii: "-") && isStart
      } else if beforeBlank == UInt8(ascii: ":") || before == 0x20 && isStart {
        isStart = true
      }
      before = byte
    }
    return false
  }
}

extension UInt8 {
  fileprivate var isNameByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "*"), UInt8(ascii: "."): true
    default: false
    }
  }
}
