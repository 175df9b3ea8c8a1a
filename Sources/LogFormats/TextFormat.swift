internal import PatternSyntax

extension FormatDescriptor {
  static let text = FormatDescriptor(
    name: "text",
    help: "lines of a console log, of which `lines` or `pairs` say what their fields are",
    keys: [
      Key(
        name: "lines",
        form: .linePatterns,
        help: """
          a list of line patterns, of which the first that matches a line counts. Its captures are the record's fields. \
          An entry can also be `{ line: PATTERN, set: { field: text } }`, which adds fields with a fixed text
          """
      ),
      Key(
        name: "pairs",
        form: .pattern { pattern in
          if PairPattern(pattern, between: " ") != nil { return nil }
          let help = "such as \"{key}:{value}\""
          return Mistake("`pairs` has to capture `{key}` and `{value}`, and nothing else", help: help)
        },
        help: #"instead of `lines`: a pattern with `{key}` and `{value}`, such as `"{key}:{value}"` ([below](#pairs))"#
      ),
      Key(
        name: "between",
        form: .text,
        byDefault: .text(" "),
        needs: "pairs",
        help: #"the text between two pairs; default: a blank, which is any run of blanks and TABs. `"\t"` is a TAB"#
      ),
    ],
    choice: Choice(keys: ["lines", "pairs"], example: #"lines: ["epoch {epoch} loss {loss}"]"#),
    content: .lines(sayWhenWhole: false) { site in
      let (format, lineBytesMax, fields) = (site.format, site.lineBytesMax, site.fields)
      if let pair = format.pattern("pairs"), let pattern = PairPattern(pair, between: format.text("between") ?? " ") {
        return TextOnly(PairsFormat(pattern: pattern, lineBytesMax: lineBytesMax, fields: fields))
      }
      return TextOnly(TextFormat(lines: format.lines("lines") ?? [], lineBytesMax: lineBytesMax, fields: fields))
    },
    isConsole: true
  )
}

/// Console lines: the captures of the first pattern that matches a line are its record.
struct TextFormat: LineFormat {
  private(set) var fields: FieldTable
  var lines: ConsoleLines

  private let rules: [Rule]
  /// The slots of each rule's captures and fixed texts, once it has matched.
  private var slots: [Slots?]
  private var match = LinePattern.Match()

  var learnedCount: Int { fields.names.count }

  mutating func share(withSame other: TextFormat) -> Bool { fields.share(with: other.fields) }

  private struct Rule {
    let pattern: LinePattern
    let captures: [String]
    /// For each capture what it has to be for the line to match: nothing, a number, or a number or duration. With `.text`
    /// a plain number is not enough: how the targets read it decides.
    let wanted: [FieldUse]
    /// For each capture that has to be a number how its targets read it.
    let forms: [[NumberForm]]
    let set: [(field: String, text: String)]
    /// Whether the last capture ends the pattern: it takes one word, and those behind it may be of one number with it.
    var endsWithCapture: Bool { pattern.endsWithNamedCapture }
    /// Whether there are lines that it matches by its text alone, and not by its numbers.
    let matchesByText: Bool

    /// Where the words begin of which the text of a capture at the pattern's beginning is the last; nil: it is alone.
    func wordsStart(_ start: BytePointer, _ end: BytePointer, in line: UnsafeRawBufferPointer) -> BytePointer? {
      guard pattern.beginsWithNamedCapture, !forms[0].isEmpty, let base = line.baseAddress else { return nil }
      return NumberWords.start(of: start, to: end, backTo: base.assumingMemoryBound(to: UInt8.self), forms[0])
    }
  }

  private struct Slots {
    var captures: [FieldRule]
    var set: [FieldRule]
  }

  init(lines: [LogFormat.LineRule], lineBytesMax: Int, fields: FieldTable) {
    self.fields = fields
    self.lines = ConsoleLines(lineBytesMax: lineBytesMax)
    rules = lines.map { line in
      let captures = line.line.captureNames
      return Rule(
        pattern: LinePattern(line.line),
        captures: captures,
        wanted: captures.map { capture in
          guard line.numericCaptures.contains(capture) else { return [] }
          let forms = fields.forms(capture)
          if !forms.isEmpty, !forms.contains(where: \.takesPlainNumbers) { return [.number, .text] }
          return line.durationCaptures.contains(capture) ? [.number, .duration] : .number
        },
        forms: captures.map { line.numericCaptures.contains($0) ? fields.forms($0) : [] },
        set: line.set.filter { !captures.contains($0.field) }.map { ($0.field, $0.text) },
        matchesByText: !line.numericCaptures.isEmpty && LinePattern(line.line).hasWords
      )
    }
    slots = Array(repeating: nil, count: rules.count)
  }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    let line = UnsafeRawBufferPointer(start: start, count: end - start)
    var lacksNumbers = false
    var index = firstMatch(of: line, wantsNumbers: true, &lacksNumbers)
    if index == nil, lacksNumbers { index = firstMatch(of: line, wantsNumbers: false, &lacksNumbers) }
    if let index {
      appendRecord(of: index, line, to: &batch)
    } else {
      batch.countUnmatched(.noPattern, from: start, to: end)
    }
  }

  /// The first pattern that matches a line.
  ///
  /// - Parameters:
  ///   - wantsNumbers: whether a capture that feeds a metric's value has to be a number. Where no pattern matches so, one
  ///     that matches by its text is better than none: the line's other values count, and what is no number is counted
  ///     as that.
  ///   - lacksNumbers: becomes true where a text was refused because it is no number.
  private mutating func firstMatch(
    of line: UnsafeRawBufferPointer,
    wantsNumbers: Bool,
    _ lacksNumbers: inout Bool
  ) -> Int? {
    for (index, rule) in rules.enumerated() where wantsNumbers || rule.matchesByText {
      let isMatch = rule.pattern.match(line, into: &match) { capture, text in
        let wanted = rule.wanted[capture]
        guard wantsNumbers, !wanted.isEmpty else { return true }
        guard let base = text.baseAddress else { return false }
        let start = base.assumingMemoryBound(to: UInt8.self)
        let end = start + text.count
        if !wanted.contains(.text), FieldNumber.parse(from: start, to: end, for: wanted) != nil { return true }
        if rule.forms[capture].contains(where: { $0.isNumber(from: start, to: end) }) { return true }
        if capture == 0, rule.wordsStart(start, end, in: line) != nil { return true }
        lacksNumbers = true
        return false
      }
      if isMatch { return index }
    }
    return nil
  }

  private mutating func appendRecord(of index: Int, _ line: UnsafeRawBufferPointer, to batch: inout RecordBatch) {
    let rule = rules[index]
    let slots = slots(of: index)
    var digest: UInt64 = 0
    for (capture, range) in match.captures.enumerated() {
      let isOpen = rule.endsWithCapture && capture == match.captures.count - 1
      let text = UnsafeRawBufferPointer(rebasing: line[range])
      if capture == 0, slots.captures[0].use.contains(.words),
        let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self),
        let first = rule.wordsStart(base, base + text.count, in: line)
      {
        let (field, end) = (slots.captures[0], base + text.count)
        batch.append(field.value(from: base, to: end, andBackTo: first, digest: &digest, text: &batch))
        continue
      }
      take(
        slots.captures[capture],
        text,
        andUpTo: isOpen ? line.count - range.upperBound : 0,
        digest: &digest,
        into: &batch
      )
    }
    for (field, (_, text)) in zip(slots.set, rule.set) {
      var text = text
      text.withUTF8 { take(field, UnsafeRawBufferPointer($0), digest: &digest, into: &batch) }
    }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
  }

  /// - Parameter rest: how many bytes behind the text may belong to it as a number.
  private func take(
    _ field: FieldRule,
    _ text: UnsafeRawBufferPointer,
    andUpTo rest: Int = 0,
    digest: inout UInt64,
    into batch: inout RecordBatch
  ) {
    guard let base = text.baseAddress else { return }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + text.count
    let limit = rest > 0 ? end + rest : nil
    let forms = { fields.forms(ofSlot: field.slot) }
    if let value = field.value(from: start, to: end, upTo: limit, forms: forms(), digest: &digest, text: &batch) {
      batch.append(value)
    }
  }

  private mutating func slots(of index: Int) -> Slots {
    if let slots = slots[index] { return slots }
    let made = Slots(
      captures: rules[index].captures.map { field(named: $0) },
      set: rules[index].set.map { field(named: $0.field) }
    )
    slots[index] = made
    return made
  }

  private mutating func field(named name: String) -> FieldRule {
    var slot: Int?
    if case .slot(let place) = fields.place(of: name) { slot = place }
    return FieldRule(
      nameHash: FieldDigest.hash(name, seed: 0),
      slot: Int32(slot ?? -1),
      use: slot.map { fields.uses[$0] } ?? []
    )
  }
}
