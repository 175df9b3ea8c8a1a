internal import Diagnostics

/// Builds the tree from libyaml's events without recursion, within `YAMLLimits`.
struct TreeBuilder {
  /// A node with what it costs when an alias repeats it.
  private struct Built {
    var node: YAMLNode
    var count: Int
    var height: Int
  }

  /// A mapping or sequence that is still open.
  private struct Frame {
    var isMapping: Bool
    var isFlow: Bool
    var start: Int
    var anchor: String?
    var items: [YAMLNode] = []
    var entries: [YAMLMapping.Entry] = []
    var firstRanges: [String: SourceRange] = [:]
    var isPartial = false
    var pendingKey: YAMLNode?
    var count = 1
    var height = 1
    var lastEnd: Int
  }

  let source: SourceFile
  let offsets: CharacterOffsets
  private(set) var diagnostics: [Diagnostic] = []
  private var frames: [Frame] = []
  private var anchors: [String: Built] = [:]
  private var nodeCount = 0
  private var root: YAMLNode?
  private var documents = 0

  init(source: SourceFile, offsets: CharacterOffsets) {
    self.source = source
    self.offsets = offsets
  }

  /// - Returns: nil for a file that holds nothing but comments.
  mutating func build(_ parser: borrowing LibYAMLParser) throws(FatalMistake) -> YAMLNode? {
    while true {
      let event: LibYAMLParser.Event
      do {
        event = try parser.next()
      } catch {
        throw FatalMistake(diagnostic: SyntaxMistake(source: source, offsets: offsets).diagnostic(for: error))
      }
      if case .streamEnd = event.kind { return root }
      try take(event)
    }
  }

  private mutating func take(_ event: LibYAMLParser.Event) throws(FatalMistake) {
    let start = offsets.byte(ofCharacter: event.start)
    let end = max(start, offsets.byte(ofCharacter: event.end))
    let range = SourceRange(start, end)
    if let tag = event.tag { refuse(tag: tag, at: range) }
    switch event.kind {
    case .documentStart:
      documents += 1
      if documents > 1 {
        throw fatal("yaml/documents", "a second document begins here; a file holds one", range)
      }
    case .alias(let name):
      guard let built = anchors[name] else { throw unknownAlias(name, range) }
      try add(built, at: range)
    case .scalar(let text, let style):
      let scalar = YAMLScalar(text: text, style: style, range: range, textStart: textStart(of: text, in: range))
      let built = Built(node: YAMLNode(content: .scalar(scalar), range: range), count: 1, height: 0)
      if let anchor = event.anchor { anchors[anchor] = built }
      try add(built, at: range)
    case .sequenceStart(let isFlow):
      try open(Frame(isMapping: false, isFlow: isFlow, start: start, anchor: event.anchor, lastEnd: end), range)
    case .mappingStart(let isFlow):
      try open(Frame(isMapping: true, isFlow: isFlow, start: start, anchor: event.anchor, lastEnd: end), range)
    case .collectionEnd:
      try close(end: end)
    case .streamEnd, .other:
      break
    }
  }

  private mutating func open(_ frame: Frame, _ range: SourceRange) throws(FatalMistake) {
    if frames.count >= YAMLLimits.depthMax { throw tooDeep(range) }
    frames.append(frame)
  }

  private mutating func close(end: Int) throws(FatalMistake) {
    guard let frame = frames.popLast() else { return }
    // A block ends in libyaml's eyes where the next thing begins.
    let range = SourceRange(frame.start, max(frame.start, frame.isFlow ? end : frame.lastEnd))
    let content: YAMLNode.Content =
      frame.isMapping
      ? .mapping(YAMLMapping(entries: frame.entries, isPartial: frame.isPartial, isFlow: frame.isFlow))
      : .sequence(frame.items)
    let built = Built(node: YAMLNode(content: content, range: range), count: frame.count, height: frame.height)
    if let anchor = frame.anchor { anchors[anchor] = built }
    // Its parts have been counted when they were added.
    nodeCount -= built.count - 1
    try add(built, at: range)
  }

  /// Puts a finished node where it belongs; `range` is where it is written here (an alias's own place).
  private mutating func add(_ built: Built, at range: SourceRange) throws(FatalMistake) {
    nodeCount += built.count
    if nodeCount > YAMLLimits.nodesMax {
      throw fatal("yaml/nodes", "the file stands for more than \(YAMLLimits.nodesMax) keys and values", range)
    }
    if frames.count + built.height > YAMLLimits.depthMax { throw tooDeep(range) }
    guard !frames.isEmpty else {
      root = built.node
      return
    }
    let last = frames.count - 1
    frames[last].count += built.count
    frames[last].height = max(frames[last].height, built.height + 1)
    frames[last].lastEnd = max(frames[last].lastEnd, range.end)
    guard frames[last].isMapping else {
      frames[last].items.append(built.node)
      return
    }
    guard let key = frames[last].pendingKey else {
      var node = built.node
      // A key that is an alias is met here, not where its anchor stands.
      if var scalar = node.scalar, scalar.range != range {
        scalar.range = range
        scalar.textStart = nil
        node = YAMLNode(content: .scalar(scalar), range: range)
      }
      frames[last].pendingKey = node
      return
    }
    frames[last].pendingKey = nil
    addEntry(key: key, value: built.node, to: last)
  }

  private mutating func addEntry(key: YAMLNode, value: YAMLNode, to frame: Int) {
    guard let scalar = key.scalar, !scalar.isNull || !scalar.range.isEmpty else {
      frames[frame].isPartial = true
      diagnostics.append(keyIsNoText(key))
      return
    }
    if scalar.text == "<<", scalar.style == .plain {
      frames[frame].isPartial = true
      let message = "merge keys are not supported"
      let help = "write the keys out; an alias works as a whole value (`key: *name`)"
      diagnostics.append(Diagnostic(id: "yaml/merge-key", message: message, range: scalar.range, help: help))
      return
    }
    if let first = frames[frame].firstRanges.updateValue(scalar.range, forKey: scalar.text) {
      frames[frame].firstRanges[scalar.text] = first
      diagnostics.append(
        Diagnostic(
          id: "yaml/duplicate-key",
          message: "the key `\(scalar.text)` is here twice",
          range: scalar.range,
          related: [Diagnostic.Related(range: first, note: "first written here")]
        )
      )
      return
    }
    frames[frame].entries.append(YAMLMapping.Entry(key: scalar, value: value))
  }

  /// Where the text stands verbatim: plain at once, quoted behind the quote.
  private func textStart(of text: String, in range: SourceRange) -> Int? {
    let utf8 = text.utf8
    for (start, end) in [(range.start, range.end), (range.start + 1, range.end - 1)]
    where end - start == utf8.count && source.bytes[start..<end].elementsEqual(utf8) {
      return start
    }
    return nil
  }

  private mutating func refuse(tag: String, at range: SourceRange) {
    let written = source.bytes[range.start..<range.end].starts(with: [UInt8(ascii: "!")])
    let length = source.bytes[range.start...].prefix { $0 > 0x20 }.count
    diagnostics.append(
      Diagnostic(
        id: "yaml/tag",
        message: "tags are not supported",
        range: written ? SourceRange(range.start, range.start + length) : range,
        help: "remove `\(tag)`, or put the text in quotes"
      )
    )
  }

  private func keyIsNoText(_ key: YAMLNode) -> Diagnostic {
    let isBraced = source.bytes[key.range.start...].first == UInt8(ascii: "{")
    return Diagnostic(
      id: "yaml/key",
      message: "a key has to be a text",
      range: key.range,
      help: isBraced ? SyntaxMistake.quotesHelp : nil
    )
  }

  private func unknownAlias(_ name: String, _ range: SourceRange) -> FatalMistake {
    var mistake = fatal("yaml/alias", "no anchor `&\(name)` stands before this alias", range)
    mistake.diagnostic.help = SyntaxMistake.quotesHelp
    return mistake
  }

  private func tooDeep(_ range: SourceRange) -> FatalMistake {
    fatal("yaml/depth", "more than \(YAMLLimits.depthMax) levels inside each other", range)
  }

  private func fatal(_ id: String, _ message: String, _ range: SourceRange) -> FatalMistake {
    FatalMistake(diagnostic: Diagnostic(id: id, message: message, range: range))
  }
}
