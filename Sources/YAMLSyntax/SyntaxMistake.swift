internal import Diagnostics

/// Says in plain words what libyaml did not understand, and guesses at missing quotes. It never looks at keys.
struct SyntaxMistake {
  static let quotesHelp = "text with braces, or that begins with one of { [ * & @ % or `, wants quotes: \"…\""

  let source: SourceFile
  let offsets: CharacterOffsets

  func diagnostic(for failure: LibYAMLParser.Failure) -> Diagnostic {
    let problemAt = offsets.byte(ofCharacter: failure.problemAt)
    let contextAt = offsets.byte(ofCharacter: failure.contextAt)
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
      "a `:` cannot stand here; look at the indentation, or put the text in quotes"
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
    problem == "did not find expected ',' or '}'" ? "inside `{ }` a text with `: ` or `,` wants quotes" : nil
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
