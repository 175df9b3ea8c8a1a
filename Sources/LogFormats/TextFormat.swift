package import PatternSyntax

/// A line pattern and what its match means.
package struct TextLineRule {
  package var pattern: LinePattern
  /// Fields with a fixed text that a match sets. A capture of the same name goes before.
  package var set: [(field: String, text: String)]
  /// The captures without which, as numbers, the line does not match.
  package var numericCaptures: Set<String>
  /// Those of them for which a duration is a number.
  package var durationCaptures: Set<String>

  package init(
    pattern: LinePattern,
    set: [(field: String, text: String)] = [],
    numericCaptures: Set<String> = [],
    durationCaptures: Set<String> = []
  ) {
    self.pattern = pattern
    self.set = set
    self.numericCaptures = numericCaptures
    self.durationCaptures = durationCaptures
  }
}

/// Console lines: the captures of the first pattern that matches a line are its record.
package struct TextFormat: RecordParser {
  package private(set) var fields: FieldTable

  private let rules: [Rule]
  private var lines: ConsoleLines
  /// The slots of each rule's captures and fixed texts, once it has matched.
  private var slots: [Slots?]
  private var match = LinePattern.Match()

  package var learnedCount: Int { fields.names.count }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? TextFormat else { return false }
    return fields.share(with: other.fields)
  }

  private struct Rule {
    let pattern: LinePattern
    let captures: [String]
    /// For each capture what it has to be for the line to match: nothing, a number, or a number or duration.
    let wanted: [FieldUse]
    let set: [(field: String, text: String)]
  }

  private struct Slots {
    var captures: [FieldRule]
    var set: [FieldRule]
  }

  package init(lines: [TextLineRule], lineBytesMax: Int, fields: FieldTable) {
    self.fields = fields
    self.lines = ConsoleLines(lineBytesMax: lineBytesMax)
    rules = lines.map { line in
      let captures = line.pattern.captureNames
      return Rule(
        pattern: line.pattern,
        captures: captures,
        wanted: captures.map { capture in
          guard line.numericCaptures.contains(capture) else { return [] }
          return line.durationCaptures.contains(capture) ? [.number, .duration] : .number
        },
        set: line.set.filter { !captures.contains($0.field) }
      )
    }
    slots = Array(repeating: nil, count: rules.count)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard var scan = ConsoleLines.Scan(bytes, isClosed: isClosed) else { return 0 }
    // A line is handed over from inside `lines`, whose text it may be.
    var lines = self.lines
    self.lines = ConsoleLines(lineBytesMax: lines.lineBytesMax)
    defer { self.lines = lines }
    while batch.records.count < RecordBatch.recordsMax, let line = lines.next(&scan, malformed: &batch.malformed) {
      lines.show(line) { match(UnsafeRawBufferPointer(start: $0, count: $1 - $0), into: &batch) }
    }
    return scan.count
  }

  package var checkpoint: ParserCheckpoint { ParserCheckpoint(isInsideLongLine: lines.isInsideLongLine) }

  package mutating func resume(from checkpoint: ParserCheckpoint) {
    lines.isInsideLongLine = checkpoint.isInsideLongLine
  }

  private mutating func match(_ line: UnsafeRawBufferPointer, into batch: inout RecordBatch) {
    for (index, rule) in rules.enumerated() {
      let isMatch = rule.pattern.match(line, into: &match) { capture, text in
        let wanted = rule.wanted[capture]
        guard !wanted.isEmpty, let base = text.baseAddress else { return wanted.isEmpty }
        let start = base.assumingMemoryBound(to: UInt8.self)
        return FieldNumber.parse(from: start, to: start + text.count, for: wanted) != nil
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
    _ field: FieldRule,
    _ text: UnsafeRawBufferPointer,
    digest: inout UInt64,
    into batch: inout RecordBatch
  ) {
    guard let base = text.baseAddress else { return }
    let start = base.assumingMemoryBound(to: UInt8.self)
    if let value = field.value(from: start, to: start + text.count, digest: &digest, text: &batch) {
      batch.values.append(value)
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
