import Budgets
import Testing

@testable import LogFormats

/// What is remembered of a log's fields is bounded, and what is wanted goes first.
@Suite struct FieldLimitTests {
  private final class Table {
    var refusals: [FieldTable.Refusal] = []

    func fields(budget: MemoryBudget = MemoryBudget(), _ claim: @escaping (String) -> FieldTable.Claim) -> FieldTable {
      FieldTable(budget: budget, claim: claim, refused: { self.refusals.append($0) }, resolve: { _, _ in .number })
    }
  }

  private func read(_ lines: [String], _ parser: inout some RecordParser) -> RecordBatch {
    var last = RecordBatch()
    for line in lines {
      last.removeAll()
      _ = Array((line + "\n").utf8).withUnsafeBytes { parser.parse($0, isClosed: false, into: &last) }
    }
    return last
  }

  @Test func namesThatNobodyWantsTakeNoPlace() {
    let table = Table()
    let fields = table.fields { $0 == "loss" || $0 == "deep.loss" ? .name : .nobody }
    let junk = (0..<60_000).map { "{\"junk\($0)\":{\"inner\($0)\":1}}" }
    for var parser in [
      JSONLFormat(lineBytesMax: 4096, fields: fields) as any RecordParser,
      PydictFormat(lineBytesMax: 4096, fields: fields),
    ] {
      let batch = read(junk + ["{\"deep\":{\"loss\":2},\"loss\":0.5}"], &parser)
      #expect(batch.values.map(\.number) == [2, 0.5])
      #expect(parser.fields.names == ["deep.loss", "loss"])
    }
    #expect(table.refusals.isEmpty)
  }

  @Test func namesOfTheCatalogAreReadWhateverAPatternTook() {
    let table = Table()
    var parser = JSONLFormat(
      lineBytesMax: 4096,
      fields: table.fields { $0 == "loss" ? .name : .pattern }
    )
    let names = (0..<FieldTable.fieldsMax + 5).map { "{\"x\($0)\":1}" }
    let batch = read(names + ["{\"loss\":0.5,\"x3\":4,\"more\":{\"loss\":1}}"], &parser)
    #expect(batch.values.map(\.number) == [0.5, 4])
    #expect(table.refusals.count == 7, "each name counts once")
  }

  @Test func aRecordWithMoreFieldsThanAreReadIsCounted() {
    let table = Table()
    var parser = JSONLFormat(lineBytesMax: 4 << 20, fields: table.fields { _ in .pattern })
    let wide = "{" + (0..<12_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    for _ in 0..<2 { #expect(read([wide], &parser).values.count == 10_000) }
    #expect(table.refusals == [.recordFields, .recordFields])
  }

  @Test func fieldsThatArePredictedCountToo() {
    let table = Table()
    var parser = JSONLFormat(lineBytesMax: 4 << 20, fields: table.fields { _ in .pattern })
    let first = (0..<9_999).map { "\"key\($0)\":1" }
    let second = (0..<9_999).map { "\"key\($0)\":2" }
    for _ in 0..<2 {
      let batch = read(["{" + (first + second + second).joined(separator: ",") + "}"], &parser)
      #expect(batch.values.count == 9_999)
      #expect(batch.values.count { $0.number == 2 } == 1, "the record's field number 10,000")
    }
    #expect(table.refusals == [.recordFields, .recordFields])
  }

  /// The last of equal keys wins, and has the last one's place.
  @Test func equalKeys() {
    let reading = Reading.of(
      #"{"a":1,"b":2,"a":3,"c":4,"b":null,"d":[1,2],"d":5,"a":"x"}"# + "\n",
      parser: jsonl()
    )
    #expect(reading.records == ["c=4.0 d.0=1.0 d.1=2.0 d=5.0 a='x'"])
  }

  @Test func logsShareTheBudget() {
    let budget = MemoryBudget(bytesMax: 1 << 20)
    let table = Table()
    func log(_ number: Int) -> JSONLFormat {
      var parser = JSONLFormat(
        lineBytesMax: 1 << 20,
        fields: table.fields(budget: budget) { $0 == "loss" ? .name : .pattern }
      )
      let lines = (0..<2_000).map { "{\"\(String(repeating: "n", count: 900))\(number).\($0)\":1}" }
      let batch = read(lines + ["{\"loss\":0.5}"], &parser)
      #expect(batch.values.map(\.number) == [0.5])
      return parser
    }
    var logs = (0..<5).map(log)
    #expect(budget.bytes <= 1 << 20)
    #expect(table.refusals.count > 5_000)
    #expect(logs.allSatisfy { $0.fields.names.count > 3 }, "none gets nothing")
    #expect(logs[0].fields.names.count < 300, "none gets all")
    logs.removeAll()
    #expect(budget.bytes == 0)
  }

  /// What a copy learns is its own, and goes with it; what it has in common with others counts once.
  @Test func copiesOfAParserShareWhatTheyLearned() {
    let budget = MemoryBudget()
    let table = Table()
    let names = (0..<200).map { "{\"\(String(repeating: "n", count: 200))\($0)\":1}" }
    var parser = JSONLFormat(lineBytesMax: 4096, fields: table.fields(budget: budget) { _ in .pattern })
    _ = read(names, &parser)
    let learned = budget.bytes
    #expect(learned > 100_000)
    do {
      var copy = parser
      #expect(budget.bytes == learned)
      _ = read(["{\"new\":1}"], &copy)
      #expect(budget.bytes > 2 * learned)
    }
    _ = parser
    #expect(budget.bytes == learned)
    var other = JSONLFormat(lineBytesMax: 4096, fields: table.fields(budget: budget) { _ in .pattern })
    _ = read(names, &other)
    #expect(budget.bytes == 2 * learned)
    let isShared = other.share(with: parser)
    #expect(isShared)
    #expect(budget.bytes == learned)
  }

  @Test func aHeaderForWhichThereIsNoRoomIsMalformed() {
    let table = Table()
    let fields = table.fields(budget: MemoryBudget(bytesMax: 1 << 20)) { _ in .nobody }
    var parser = CSVFormat(separator: nil, columns: nil, comment: nil, lineBytesMax: 4 << 20, fields: fields)
    let wide = (0..<50_000).map { "column\($0)" }.joined(separator: ",")
    #expect(read([wide], &parser).malformed == 1)
    #expect(table.refusals == [.header])
    #expect(read(["a,b", "1,2"], &parser).records.count == 1)
  }
}
