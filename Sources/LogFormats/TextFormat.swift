package import PatternSyntax

/// A line pattern and what its match means.
package struct TextLineRule {
  package var pattern: LinePattern
  /// Fields with a fixed text that a match sets. A capture of the same name goes before.
  package var set: [(field: String, text: String)]
  /// The captures without which, as numbers, the line does not match.
  package var numericCaptures: Set<String>

  package init(pattern: LinePattern, set: [(field: String, text: String)] = [], numericCaptures: Set<String> = []) {
    self.pattern = pattern
    self.set = set
    self.numericCaptures = numericCaptures
  }
}

/// Console lines: the captures of the first pattern that matches a line are its record. Lines end in a newline or a
/// carriage return, so that each state of a progress bar is a line.
package struct TextFormat: RecordParser {
  package private(set) var fields: FieldTable

  private let rules: [Rule]
  private let lineBytesMax: Int
  private var isInsideLongLine = false
  /// The slots of each rule's captures and fixed texts, once it has matched.
  private var slots: [Slots?]
  private var match = LinePattern.Match()
  private var shown: [UInt8] = []

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? TextFormat else { return false }
    return fields.share(with: other.fields)
  }

  private struct Rule {
    let pattern: LinePattern
    let captures: [String]
    let isNumeric: [Bool]
    let set: [(field: String, text: String)]
  }

  private struct Field {
    var slot: Int32
    var use: FieldUse
    var nameHash: UInt64
  }

  private struct Slots {
    var captures: [Field]
    var set: [Field]
  }

  package init(lines: [TextLineRule], lineBytesMax: Int, fields: FieldTable) {
    precondition(lineBytesMax > 0, "a line has a byte at least")
    self.fields = fields
    self.lineBytesMax = lineBytesMax
    rules = lines.map { line in
      let captures = line.pattern.captureNames
      return Rule(
        pattern: line.pattern,
        captures: captures,
        isNumeric: captures.map(line.numericCaptures.contains),
        set: line.set.filter { !captures.contains($0.field) }
      )
    }
    slots = Array(repeating: nil, count: rules.count)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = start
    // No `\r` stands before this place, if it is ahead of the cursor: most logs have none.
    var carriageReturn: BytePointer? = start
    while cursor < end, batch.records.count < RecordBatch.recordsMax {
      if cursor.pointee == 0, !isInsideLongLine {
        guard let text = LineCutter.skipZeros(from: cursor, to: end, isClosed: isClosed, lineBytesMax: lineBytesMax)
        else { break }
        cursor = text
        continue
      }
      if let known = carriageReturn, known < cursor || known == start {
        carriageReturn = ByteScan.first(UInt8(ascii: "\r"), from: cursor, to: end)
      }
      var lineEnd = ByteScan.first(UInt8(ascii: "\n"), from: cursor, to: carriageReturn ?? end)
      lineEnd = lineEnd ?? carriageReturn
      if isInsideLongLine {
        cursor = lineEnd.map { $0 + 1 } ?? end
        if lineEnd != nil { isInsideLongLine = false }
      } else if (lineEnd ?? end) - cursor > lineBytesMax {
        batch.malformed += 1
        isInsideLongLine = lineEnd == nil
        cursor = lineEnd.map { $0 + 1 } ?? end
      } else if let lineEnd {
        parseLine(from: cursor, to: lineEnd, into: &batch)
        cursor = lineEnd + 1
      } else if isClosed {
        parseLine(from: cursor, to: end, into: &batch)
        cursor = end
      } else {
        break
      }
    }
    return cursor - start
  }

  private mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    let text = ByteScan.skippingMark(from: start, to: end)
    if TerminalText.isPlain(from: text, to: end) {
      match(UnsafeRawBufferPointer(start: text, count: end - text), into: &batch)
    } else {
      var shown = self.shown
      self.shown = []
      TerminalText.clean(from: text, to: end, into: &shown)
      shown.withUnsafeBytes { match($0, into: &batch) }
      self.shown = shown
    }
  }

  private mutating func match(_ line: UnsafeRawBufferPointer, into batch: inout RecordBatch) {
    guard line.contains(where: { !ByteScan.isBlank($0) }) else { return }
    for (index, rule) in rules.enumerated() {
      let isMatch = rule.pattern.match(line, into: &match) { capture, text in
        !rule.isNumeric[capture] || NumberParser.parse(text) != nil
      }
      if isMatch {
        appendRecord(of: index, line, to: &batch)
        return
      }
    }
    batch.unmatched += 1
  }

  private mutating func appendRecord(of index: Int, _ line: UnsafeRawBufferPointer, to batch: inout RecordBatch) {
    let rule = rules[index]
    let slots = slots(of: index)
    var digest: UInt64 = 0
    for (field, range) in zip(slots.captures, match.captures) {
      take(field, UnsafeRawBufferPointer(rebasing: line[range]), digest: &digest, into: &batch)
    }
    for (field, (_, text)) in zip(slots.set, rule.set) {
      var text = text
      text.withUTF8 { take(field, UnsafeRawBufferPointer($0), digest: &digest, into: &batch) }
    }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
  }

  private func take(
    _ field: Field,
    _ text: UnsafeRawBufferPointer,
    digest: inout UInt64,
    into batch: inout RecordBatch
  ) {
    guard let base = text.baseAddress else { return }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + text.count
    if NumberParser.isMissing(from: start, to: end) { return }
    digest &+= FieldDigest.hash(start, count: text.count, seed: field.nameHash)
    if field.use.isEmpty { return }
    let number = NumberParser.parse(from: start, to: end)
    var value = RecordBatch.Value(slot: UInt32(field.slot), isNumber: number != nil, number: number ?? 0)
    if field.use.contains(.text) {
      (value.textStart, value.textLength) = batch.appendText(from: start, to: end)
    }
    batch.values.append(value)
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

  private mutating func field(named name: String) -> Field {
    let slot = fields.slot(for: name)
    return Field(
      slot: Int32(slot ?? -1),
      use: slot.map { fields.uses[$0] } ?? [],
      nameHash: FieldDigest.hash(name, seed: 0)
    )
  }
}
