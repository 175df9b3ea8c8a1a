import Foundation
import PatternSyntax
import StateStore
import Testing

@testable import LogFormats

/// What a parser made of a log, as text: a line a record, `name=value` in the record's order.
struct Reading: Equatable {
  var records: [String] = []
  var digests: [UInt64] = []
  var malformed = 0
  var unmatched = 0

  mutating func add(_ batch: RecordBatch, _ fields: FieldTable) {
    var start = 0
    for record in batch.records {
      let values = batch.values[start..<record.valuesEnd].map { value in
        let text = batch.text[Int(value.textStart)..<Int(value.textStart + value.textLength)]
        let shown = String(decoding: text, as: UTF8.self)
        return "\(fields.names[Int(value.slot)])=\(value.isNumber ? "\(value.number)" : "'\(shown)'")"
      }
      records.append(values.joined(separator: " "))
      digests.append(record.digest)
      start = record.valuesEnd
    }
    #expect(start == batch.values.count, "every value belongs to a record")
    malformed += batch.malformed
    unmatched += batch.unmatched
  }

  /// Hands a parser the bytes up to each cut, and again what it left.
  ///
  /// - Parameter resumes: at each cut a fresh parser goes on where the one before stood.
  static func of(
    _ bytes: [UInt8],
    cutAt cuts: [Int] = [],
    closes: Bool = true,
    resumes: Bool = false,
    parser fresh: some RecordParser
  ) -> Reading {
    var parser = fresh
    var reading = Reading()
    var batch = RecordBatch()
    var consumed = 0
    for end in cuts + [bytes.count] {
      let isClosed = closes && end == bytes.count
      while consumed < end {
        batch.removeAll()
        // An allocation of its own, so that the address sanitizer sees a look beyond.
        let part = Array(bytes[consumed..<end])
        let count = part.withUnsafeBytes { parser.parse($0, isClosed: isClosed, into: &batch) }
        #expect((0...part.count).contains(count))
        reading.add(batch, parser.fields)
        consumed += count
        if count == 0 {
          #expect(batch.records.isEmpty && batch.malformed == 0 && !isClosed)
          break
        }
      }
      if resumes {
        var checkpoint = StateEncoder()
        parser.encode(into: &checkpoint)
        parser = fresh
        var decoder = StateDecoder(checkpoint.bytes)
        #expect(throws: Never.self) { try parser.resume(from: &decoder) }
        var other = StateEncoder()
        parser.encode(into: &other)
        #expect(decoder.isAtEnd && other.bytes == checkpoint.bytes)
      }
    }
    return reading
  }

  static func of(_ text: String, closes: Bool = true, parser: some RecordParser) -> Reading {
    of(Array(text.utf8), closes: closes, parser: parser)
  }
}

func fixture(_ name: String) throws -> [UInt8] {
  let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
  return Array(try Data(contentsOf: url))
}

func fields(_ use: FieldUse = [.number, .text]) -> FieldTable {
  FieldTable { _, _ in use }
}

func csv(
  separator: UInt8? = nil,
  columns: [String]? = nil,
  comment: String? = nil,
  lineBytesMax: Int = 4096,
  use: FieldUse = [.number, .text]
) -> CSVFormat {
  CSVFormat(separator: separator, columns: columns, comment: comment, lineBytesMax: lineBytesMax, fields: fields(use))
}

func blankTable(lineBytesMax: Int = 4096) -> BlankTableFormat {
  BlankTableFormat(columns: nil, comment: nil, lineBytesMax: lineBytesMax, fields: fields())
}

func jsonl(lineBytesMax: Int = 4096, use: FieldUse = [.number, .text]) -> JSONLFormat {
  JSONLFormat(lineBytesMax: lineBytesMax, fields: fields(use))
}

func text(_ lines: [(String, Set<String>)], lineBytesMax: Int = 4096) throws -> TextFormat {
  let rules = try lines.map { line, numeric in
    LogFormat.LineRule(line: try Pattern(parsing: line), numericCaptures: numeric)
  }
  return TextFormat(lines: rules, lineBytesMax: lineBytesMax, fields: fields())
}

func pydict(lineBytesMax: Int = 4096) -> PydictFormat {
  PydictFormat(lineBytesMax: lineBytesMax, fields: fields())
}

func pairs(
  _ pattern: String,
  between: String = " ",
  lineBytesMax: Int = 4096,
  use: FieldUse = [.number, .text]
) throws -> PairsFormat {
  let pattern = try #require(PairPattern(try Pattern(parsing: pattern), between: between))
  return PairsFormat(pattern: pattern, lineBytesMax: lineBytesMax, fields: fields(use))
}

/// The texts of a batch's values.
func texts(of batch: RecordBatch) -> [String] {
  batch.values.map { value in
    String(decoding: batch.text[Int(value.textStart)..<Int(value.textStart + value.textLength)], as: UTF8.self)
  }
}
