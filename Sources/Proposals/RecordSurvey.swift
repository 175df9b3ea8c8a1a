internal import LogFormats

/// All fields of logs with what they are, read by the parsers that read them later, too.
package struct RecordSurvey: Sendable {
  package private(set) var fields: [FieldProfile] = []
  package private(set) var records = 0
  package private(set) var malformed = 0
  package private(set) var unmatched = 0
  private var places: [String: Int] = [:]

  /// nil: the format has no parser of its own for such logs, or a document of it is none.
  init?(_ sample: LogSample, _ format: LogFormat) {
    guard let descriptor = LogFormats.all.first(where: { $0.name == format.name }) else { return nil }
    let readsWords = descriptor.isConsole && format.name == "text"
    let table = FieldTable(
      resolve: { _, _ in readsWords ? [.number, .text, .words] : [.number, .text] },
      forms: { _ in readsWords ? Self.forms.map(\.form) : [] }
    )
    var batch = RecordBatch()
    switch descriptor.content {
    case .frames(let makeParser):
      // Nothing tells where a frame begins in the middle.
      var parser = makeParser(
        LogSite(format: format, path: sample.path, lineBytesMax: Self.lineBytesMax, fields: table)
      )
      read(sample.head, isClosed: false, &parser, &batch)
    case .lines(_, let makeParser):
      var parser = makeParser(
        LogSite(format: format, path: sample.path, lineBytesMax: Self.lineBytesMax, fields: table)
      )
      read(sample.head, isClosed: sample.isWhole, &parser, &batch)
      if !sample.isWhole { read(sample.tail, isClosed: true, &parser, &batch) }
    case .document(let document):
      guard let bytes = sample.document else { return nil }
      var parser = document.parser(format, table)
      let content = bytes.withUnsafeBytes { parser.parseDocument($0, isAtRest: true, into: &batch) }
      guard content == .record || content == .records else { return nil }
      take(batch, parser.fields.names)
    case .events:
      return nil
    }
  }

  private mutating func read(
    _ bytes: [UInt8],
    isClosed: Bool,
    _ parser: inout any RecordParser,
    _ batch: inout RecordBatch
  ) {
    var taken = 0
    while taken < bytes.count {
      batch.removeAll()
      let consumed = bytes[taken...].withUnsafeBytes { parser.parse($0, isClosed: isClosed, into: &batch) }
      take(batch, parser.fields.names)
      if consumed == 0 { break }
      taken += consumed
    }
  }

  private mutating func take(_ batch: RecordBatch, _ names: [String]) {
    malformed += batch.malformed
    unmatched += batch.unmatched
    var start = 0
    for record in batch.records {
      for value in batch.values[start..<record.valuesEnd] { take(value, names[Int(value.slot)], batch) }
      start = record.valuesEnd
      records += 1
    }
  }

  private mutating func take(_ value: RecordBatch.Value, _ name: String, _ batch: RecordBatch) {
    var place = places[name] ?? fields.count
    if place == fields.count {
      guard fields.count < Self.fieldsMax else { return }
      places[name] = place
      fields.append(FieldProfile(name: name))
      place = fields.count - 1
    }
    fields[place].count += 1
    let start = Int(value.textStart)
    let text = batch.text[start..<start + Int(value.textLength) + Int(value.restLength)]
    if !value.isContainer, fields[place].starts.isEmpty {
      fields[place].starts.insert(String(decoding: text, as: UTF8.self))
    }
    if value.isContainer {
      fields[place].containers += 1
    } else if value.isNumber {
      if Self.booleans.contains(where: { text.elementsEqual($0.utf8) }) { fields[place].words += 1 }
      fields[place].add(value.number, record: records)
    } else if let number = Self.numerator(text) {
      fields[place].forms[.fraction, default: 0] += 1
      fields[place].add(number, record: records)
    } else if let (form, number) = Self.number(text) {
      fields[place].forms[form, default: 0] += 1
      fields[place].add(number, record: records)
    } else {
      fields[place].add(text: String(decoding: text, as: UTF8.self))
    }
  }

  /// Of `3/100` the 3.
  private static func numerator(_ text: ArraySlice<UInt8>) -> Double? {
    let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.count < 10 && $0.allSatisfy { $0 &- 48 <= 9 } }) else {
      return nil
    }
    return Double(String(decoding: parts[0], as: UTF8.self))
  }

  private static func number(_ text: ArraySlice<UInt8>) -> (FieldProfile.Form, Double)? {
    text.withUnsafeBufferPointer { bytes in
      for (form, kind) in forms {
        if case .number(let number) = form.read(bytes) { return (kind, number) }
      }
      return nil
    }
  }

  /// Takes what another log of the same kind has.
  package mutating func merge(_ other: RecordSurvey) {
    records += other.records
    malformed += other.malformed
    unmatched += other.unmatched
    for field in other.fields {
      if let place = places[field.name] {
        fields[place].merge(field)
      } else if fields.count < Self.fieldsMax {
        places[field.name] = fields.count
        fields.append(field)
      }
    }
  }

  package subscript(name: String) -> FieldProfile? { places[name].map { fields[$0] } }

  /// The fields whose values are numbers.
  package var numeric: [FieldProfile] { fields.filter(\.isNumeric) }

  /// The ways in which texts are numbers, those first that leave least open.
  private static let forms: [(form: NumberForm, kind: FieldProfile.Form)] = [
    (NumberForm(unit: "x"), .count), (NumberForm(unit: "ratio"), .percent), (NumberForm(unit: "seconds"), .seconds),
    (NumberForm(unit: "bytes"), .bytes), (NumberForm(unit: "iterations_per_second"), .per("iterations")),
    (NumberForm(unit: "tokens_per_second"), .per("tokens")), (NumberForm(unit: "samples_per_second"), .per("samples")),
    (NumberForm(unit: "steps_per_second"), .per("steps")), (NumberForm(unit: "images_per_second"), .per("images")),
    (NumberForm(unit: "words_per_second"), .per("words")), (NumberForm(unit: "examples_per_second"), .per("examples")),
    (NumberForm(unit: "x", marks: NumberForm.Marks(decimal: ",")), .decimalComma),
  ]
  private static let booleans = ["true", "false", "True", "False"]
  private static let lineBytesMax = 4 << 20
  /// More than anybody wants to see.
  private static let fieldsMax = 2_000
}
