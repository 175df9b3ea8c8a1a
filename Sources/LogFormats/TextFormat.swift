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
  /// What becomes of each rule's captures, and behind them of its fixed texts, once it has matched.
  private var fieldRules: [[FieldRule]]
  private var match = LinePattern.Match()
  /// Of each capture of the rule that is tried the plain number that its text is, if a number was asked for.
  private var numbers: [Double?]

  var learnedCount: Int { fields.names.count }

  mutating func share(withSame other: TextFormat) -> Bool { fields.share(with: other.fields) }

  /// An entry of `lines`, which all parsers of a watcher's logs could share: it never changes.
  private final class Rule: Sendable {
    /// Its place among the rules.
    let place: Int
    let pattern: LinePattern
    let captures: [String]
    /// For each capture what it has to be for the line to match: nothing, a number, or a number or duration. With `.text`
    /// a plain number is not enough: how the targets read it decides.
    let wanted: [FieldUse]
    /// For each capture that has to be a number how its targets read it.
    let forms: [[NumberForm]]
    let set: [(field: String, text: String)]
    /// Whether the last capture ends the pattern: it takes one word, and those behind it may be of one number with it.
    let endsWithCapture: Bool
    /// Whether there are lines that it matches by its text alone, and not by its numbers.
    let matchesByText: Bool
    /// Whether the first capture begins the pattern and has to be a number: words before it may be of one number with it.
    private let mayBeginInWords: Bool

    /// The names of its captures, and behind them of its fixed texts.
    var fields: [String] { captures + set.map(\.field) }

    init(_ line: LogFormat.LineRule, at place: Int, fields: FieldTable) {
      self.place = place
      let captures = line.line.captureNames
      let pattern = LinePattern(line.line)
      let forms = captures.map { line.numericCaptures.contains($0) ? fields.forms($0) : [] }
      self.pattern = pattern
      self.captures = captures
      self.forms = forms
      wanted = zip(captures, forms).map { capture, forms in
        guard line.numericCaptures.contains(capture) else { return [] }
        if !forms.isEmpty, !forms.contains(where: \.takesPlainNumbers) { return [.number, .text] }
        return line.durationCaptures.contains(capture) ? [.number, .duration] : .number
      }
      set = line.set.filter { !captures.contains($0.field) }.map { ($0.field, $0.text) }
      endsWithCapture = pattern.endsWithNamedCapture
      matchesByText = !line.numericCaptures.isEmpty && pattern.hasWords
      mayBeginInWords = pattern.beginsWithNamedCapture && !forms[0].isEmpty
    }

    /// Where the words begin of which the text of a capture at the pattern's beginning is the last; nil: it is alone.
    func wordsStart(_ start: BytePointer, _ end: BytePointer, in line: UnsafeRawBufferPointer) -> BytePointer? {
      guard mayBeginInWords, let base = line.baseAddress else { return nil }
      return NumberWords.start(of: start, to: end, backTo: base.assumingMemoryBound(to: UInt8.self), forms[0])
    }
  }

  init(lines: [LogFormat.LineRule], lineBytesMax: Int, fields: FieldTable) {
    self.fields = fields
    self.lines = ConsoleLines(lineBytesMax: lineBytesMax)
    rules = lines.enumerated().map { Rule($0.element, at: $0.offset, fields: fields) }
    fieldRules = Array(repeating: [], count: rules.count)
    numbers = Array(repeating: nil, count: rules.map(\.captures.count).max() ?? 0)
  }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    let line = UnsafeRawBufferPointer(start: start, count: end - start)
    var lacksNumbers = false
    var rule = firstMatch(of: line, wantsNumbers: true, &lacksNumbers)
    if rule == nil, lacksNumbers { rule = firstMatch(of: line, wantsNumbers: false, &lacksNumbers) }
    if let rule {
      appendRecord(of: rule, line, to: &batch)
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
  ) -> Rule? {
    for place in rules.indices {
      let rule = rules[place]
      guard wantsNumbers || rule.matchesByText else { continue }
      let isMatch = rule.pattern.match(line, into: &match) { capture, text in
        numbers[capture] = nil
        let wanted = rule.wanted[capture]
        guard wantsNumbers, !wanted.isEmpty else { return true }
        guard let base = text.baseAddress else { return false }
        let start = base.assumingMemoryBound(to: UInt8.self)
        let end = start + text.count
        if !wanted.contains(.text) {
          if let number = NumberParser.parse(from: start, to: end) {
            numbers[capture] = number
            return true
          }
          if wanted.contains(.duration), DurationParser.parse(from: start, to: end) != nil { return true }
        }
        if rule.forms[capture].contains(where: { $0.isNumber(from: start, to: end) }) { return true }
        if capture == 0, rule.wordsStart(start, end, in: line) != nil { return true }
        lacksNumbers = true
        return false
      }
      if isMatch { return rule }
    }
    return nil
  }

  private mutating func appendRecord(of rule: Rule, _ line: UnsafeRawBufferPointer, to batch: inout RecordBatch) {
    if fieldRules[rule.place].isEmpty { fieldRules[rule.place] = rule.fields.map { field(named: $0) } }
    var digest: UInt64 = 0
    for capture in match.captures.indices {
      let (field, range) = (fieldRules[rule.place][capture], match.captures[capture])
      let text = UnsafeRawBufferPointer(rebasing: line[range])
      if capture == 0, field.use.contains(.words),
        let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self),
        let first = rule.wordsStart(base, base + text.count, in: line)
      {
        batch.append(field.value(from: base, to: base + text.count, andBackTo: first, digest: &digest, text: &batch))
        continue
      }
      let isOpen = rule.endsWithCapture && capture == match.captures.count - 1
      take(
        field,
        text,
        andUpTo: isOpen ? line.count - range.upperBound : 0,
        known: numbers[capture],
        digest: &digest,
        into: &batch
      )
    }
    for (place, (_, text)) in rule.set.enumerated() {
      let field = fieldRules[rule.place][rule.captures.count + place]
      var text = text
      text.withUTF8 { take(field, UnsafeRawBufferPointer($0), digest: &digest, into: &batch) }
    }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
  }

  /// - Parameters:
  ///   - rest: how many bytes behind the text may belong to it as a number.
  ///   - known: the plain number that the text is, if that has been found already.
  private mutating func take(
    _ field: FieldRule,
    _ text: UnsafeRawBufferPointer,
    andUpTo rest: Int = 0,
    known: Double? = nil,
    digest: inout UInt64,
    into batch: inout RecordBatch
  ) {
    guard let base = text.baseAddress else { return }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + text.count
    let limit = rest > 0 ? end + rest : nil
    let value = field.value(
      from: start,
      to: end,
      upTo: limit,
      in: fields,
      known: known,
      digest: &digest,
      text: &batch
    )
    if let value { batch.append(value) }
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
