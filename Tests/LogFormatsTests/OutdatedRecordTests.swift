import LogStations
import Testing

@testable import LogFormats

/// Records of which the parser leaves out the values, since those of the next record replace them: nothing else differs from
/// what reading all of them gives.
@Suite struct OutdatedRecordTests {
  /// What a batch says.
  private struct Read: Equatable {
    var digests: [UInt64] = []
    /// Each value, by slot, in the order of the record; of a number its bits.
    var values: [[String]] = []
    var malformed: [String] = []
    var consumed: [Int] = []
  }

  private static let everything = 1 << 20
  /// The seed with which all of a log is handed over at once.
  private static let atOnce: UInt64 = 0

  /// Hands a parser a log in parts of many sizes, and what it left again with what follows.
  private static func read(
    _ bytes: [UInt8],
    settled: Int?,
    closes: Bool,
    seed: UInt64,
    _ fresh: some RecordParser
  ) -> Read {
    var parser = fresh
    var random = SplitMix(state: seed)
    var batch = RecordBatch()
    var read = Read()
    var consumed = 0
    var end = 0
    while end < bytes.count {
      let part = Int.random(in: 1...[20, 300, 4_000, 60_000].randomElement(using: &random)!, using: &random)
      end = seed == atOnce ? bytes.count : min(bytes.count, end + part)
      while true {
        batch.removeAll()
        batch.settledSlots = settled
        batch.keepsSomeValues = seed % 7 == 3
        // An allocation of its own, so that the address sanitizer sees a look beyond.
        let part = Array(bytes[consumed..<end])
        let count = part.withUnsafeBytes { parser.parse($0, isClosed: closes && end == bytes.count, into: &batch) }
        var start = 0
        for record in batch.records {
          read.digests.append(record.digest)
          read.values.append(
            batch.values[start..<record.valuesEnd].map { value in
              let text = batch.text[Int(value.textStart)..<Int(value.textStart + value.textLength)]
              let number = value.isNumber ? String(value.number.bitPattern, radix: 16) : ""
              return "\(value.slot) \(number) \(value.isContainer) \(String(decoding: text, as: UTF8.self))"
            }
          )
          start = record.valuesEnd
        }
        #expect(start == batch.values.count)
        read.malformed.append(batch.firstMalformed.map { "\(batch.malformed) \($0)" } ?? "")
        // Marks the batch's end.
        read.values.append(["end"])
        consumed += count
        read.consumed.append(consumed)
        if count == 0 { break }
      }
    }
    return read
  }

  private static func slots(_ values: [String]) -> [Substring] { values.map { $0.prefix { $0 != " " } } }

  /// - Returns: how many records came without their values.
  private static func compare(
    _ bytes: [UInt8],
    seed: UInt64,
    closes: Bool = true,
    _ parser: () -> some RecordParser
  ) -> Int {
    let slow = read(bytes, settled: nil, closes: closes, seed: seed, parser())
    let fast = read(bytes, settled: everything, closes: closes, seed: seed, parser())
    #expect(slow.digests == fast.digests)
    #expect(slow.malformed == fast.malformed)
    #expect(slow.consumed == fast.consumed)
    guard slow.values.count == fast.values.count else { return -1 }
    var outdated = 0
    for index in slow.values.indices where slow.values[index] != fast.values[index] {
      outdated += 1
      #expect(fast.values[index].isEmpty)
      #expect(slots(slow.values[index]) == slots(slow.values[index + 1]), "the next record has the same fields")
      for value in slow.values[index] {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        let number = UInt64(parts[1], radix: 16).map { Double(bitPattern: $0) }
        #expect(number?.isFinite == true, "\(value)")
      }
    }
    return outdated
  }

  // MARK: Logs at random

  private static func digits(_ count: ClosedRange<Int>, _ random: inout SplitMix) -> String {
    let count = Int.random(in: count, using: &random)
    return String((0..<count).map { _ in "0123456789".randomElement(using: &random)! })
  }

  private static func number(_ random: inout SplitMix) -> String {
    let sign = Int.random(in: 0..<4, using: &random) == 0 ? "-" : ""
    switch Int.random(in: 0..<12, using: &random) {
    case 0...5: return sign + digits(1...3, &random) + "." + digits(1...6, &random)
    case 6, 7: return sign + digits(1...7, &random)
    case 8: return sign + "0." + digits(15...20, &random)
    case 9: return sign + "\(Int.random(in: 1..<10, using: &random))e-0\(Int.random(in: 1..<10, using: &random))"
    case 10: return sign + digits(1...25, &random) + "." + digits(0...45, &random)
    default: return sign + digits(1...2, &random) + "." + digits(1...4, &random) + "E+\(digits(1...2, &random))"
    }
  }

  private static let oddNumbers = [
    "", " ", "NA", "None", "null", "nan", "NaN", "inf", "-Infinity", "true", "-", ".", "-.", ".5", "5.", "-.5", "+1",
    "1.2.3",
    "1..2", "1-2", "--1", "1e", "1e+", "1e400", "1e-400", "1e5x", "12abc", "1,5", "1'000", "1_000", "0x1F", "7 GiB",
    "50%",
    "1:02:03", "2024-05-01 10:00:00", "[1, 2]", "(1", "\"1\"", "\"a", "a\"b", "a,b", "\u{1}", "\0", "é", "\u{FEFF}1",
    "\r",
    "1\r", "\t1", " 1 ", String(repeating: "9", count: 400), String(repeating: "1", count: 70), "text",
    "a long text of more than sixteen bytes", "#", "🙂",
  ]

  private static func separatedValues(_ random: inout SplitMix) -> [UInt8] {
    var columns = ["step", "loss", "lr", "unwanted time", "note"]
    let separator = [",", ";", "\t", "e"].randomElement(using: &random)!
    var log = columns.joined(separator: separator) + "\n"
    let oddEach = [5, 40, 1_000_000].randomElement(using: &random)!
    let textColumn = Bool.random(using: &random)
    let padding = [0, 0, 3].randomElement(using: &random)!
    let lineEnd = ["\n", "\n", "\r\n"].randomElement(using: &random)!
    let width = [5, 5, 70].randomElement(using: &random)!
    while columns.count < width { columns.append("c\(columns.count)") }
    if width > 5 { log = columns.joined(separator: separator) + lineEnd }
    for _ in 0..<Int.random(in: 1...1_500, using: &random) * 5 / width {
      if Int.random(in: 0..<500, using: &random) == 0 {
        // A header in between, with a column more.
        if Bool.random(using: &random), columns.count < 100 { columns.append("c\(columns.count)") }
        if Int.random(in: 0..<4, using: &random) == 0 { columns[1] = "step" } else { columns[1] = "loss" }
        log += columns.joined(separator: separator) + lineEnd
      }
      var cells = columns.indices.map { index in
        if textColumn, index == 3 { return "2024-05-01 10:\(digits(2...2, &random))" }
        let odd = Int.random(in: 0..<oddEach * columns.count, using: &random) == 0
        let text = odd ? oddNumbers.randomElement(using: &random)! : number(&random)
        return String(repeating: " ", count: Int.random(in: 0...padding, using: &random)) + text
      }
      switch Int.random(in: 0..<oddEach * 3, using: &random) {
      case 0: cells.removeLast()
      case 1: cells.append("")
      case 2: cells.append("1")
      case 3: cells[0] = "\u{FEFF}" + cells[0]
      default: break
      }
      log += cells.joined(separator: separator)
      log +=
        Int.random(in: 0..<oddEach, using: &random) == 0
        ? ["\r\n", "\n\n", "\n\0\0"].randomElement(using: &random)! : lineEnd
    }
    var bytes = Array(log.utf8)
    if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<min(40, bytes.count), using: &random)) }
    return bytes
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func separatedValuesAtRandom(seed: UInt64) {
    var random = SplitMix(state: seed)
    let log = Self.separatedValues(&random)
    let wanted: Set<String> = seed % 3 == 0 ? ["step", "loss", "lr"] : ["step", "loss", "lr", "c7", "c9", "note"]
    for use in [[.number, .latest], [.number, .latest, .words]] as [FieldUse] {
      _ = Self.compare(log, seed: seed, closes: seed % 2 == 0) {
        CSVFormat(
          separator: nil,
          columns: nil,
          comment: seed % 5 == 0 ? "1" : "#",
          lineBytesMax: 4_096,
          fields: FieldTable(claim: { wanted.contains($0) ? .name : .nobody }, resolve: { _, _ in use })
        )
      }
    }
  }

  private static func objects(_ random: inout SplitMix) -> [UInt8] {
    var log = ""
    let oddEach = [5, 40, 1_000_000].randomElement(using: &random)!
    let blank = ["", " "].randomElement(using: &random)!
    let lineEnd = ["\n", "\n", "\r\n"].randomElement(using: &random)!
    func isOdd(_ random: inout SplitMix) -> Bool { Int.random(in: 0..<oddEach, using: &random) == 0 }
    let shape = Int.random(in: 0..<6, using: &random)
    for _ in 0..<Int.random(in: 1...1_500, using: &random) {
      func value(_ random: inout SplitMix) -> String {
        guard isOdd(&random) else { return number(&random) }
        let text = oddNumbers.randomElement(using: &random)!
        let escapes = ["\\n", "\\u00e9", "\\", "\\\\", "\\\"", ""].randomElement(using: &random)!
        return Bool.random(using: &random) ? "\"\(text)\(escapes)\"" : text
      }
      var members = ["\"step\":\(blank)\(value(&random))", "\"loss\":\(blank)\(value(&random))"]
      if shape > 0 { members.append("\"lr\":\(blank)\(value(&random))") }
      if shape > 1 { members.append("\"time\":\(blank)\"2024-05-01 10:\(digits(2...2, &random))\"") }
      if shape > 2 { members.append("\"eval\":\(blank){\"loss\":\(value(&random)),\"name\":\"\"}") }
      if shape > 3 { members.append("\"list\":[\(value(&random)),\(blank)\(value(&random))]") }
      if shape > 4 {
        members.append(
          "\"done\":\(["true", "false", "null"][oddEach == 5 ? Int.random(in: 0..<3, using: &random) : 0])"
        )
      }
      switch Int.random(in: 0..<oddEach * 3, using: &random) {
      case 0: members.removeLast()
      case 1: members.append("\"loss\":\(value(&random))")
      case 2: members.append("\"st\\u0065p\":\(value(&random))")
      case 3: members.swapAt(0, 1)
      case 4: members[0] += "\t"
      case 5: members[0] = "\"loss\":null"
      case 6: members.append("\"a key of more than sixteen bytes\":{}")
      default: break
      }
      log += "{" + members.joined(separator: ",\(blank)") + "}"
      if isOdd(&random) { log += [" ", "}", ",", " \t", "\r{\"step\":1}", "\0", "x"].randomElement(using: &random)! }
      log += isOdd(&random) ? ["\r\n", "\n\n", "\n\0\0", "\n\u{FEFF}"].randomElement(using: &random)! : lineEnd
    }
    var bytes = Array(log.utf8)
    if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<min(40, bytes.count), using: &random)) }
    return bytes
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func objectsAtRandom(seed: UInt64) {
    var random = SplitMix(state: seed)
    let log = Self.objects(&random)
    let wanted: Set<String> = ["step", "loss", "lr", "eval.loss", "list.1"]
    for use in [[.number, .latest], [.number, .latest, .words]] as [FieldUse] {
      _ = Self.compare(log, seed: seed, closes: seed % 2 == 0) {
        JSONLFormat(
          lineBytesMax: 4_096,
          fields: FieldTable(claim: { wanted.contains($0) ? .name : .nobody }, resolve: { _, _ in use })
        )
      }
    }
  }

  /// Rows are checked 64 bytes at a time: each odd cell stands at each place around the end of the first ones.
  @Test func oddCellsAcrossBlocks() {
    for place in 50...68 {
      let before = String(repeating: "7", count: 30) + "," + String(repeating: "8", count: place - 32)
      for odd in Self.oddNumbers {
        for row in ["\(before),\(odd),2", "\(before),3,\(odd)"] {
          let plain = "\(before),1.5,2\n"
          let log = "a,b,c,d\n" + plain + plain + row + "\n" + plain + plain
          let outdated = Self.compare(Array(log.utf8), seed: Self.atOnce) {
            Self.csv(FieldTable { _, _ in [.number, .latest] })
          }
          #expect(outdated >= 1)
        }
      }
    }
  }

  // MARK: What is left out

  private static func count(_ log: String, _ use: FieldUse = [.number, .latest], wanted: Set<String>) -> Int {
    let table = FieldTable(claim: { wanted.contains($0) ? .name : .nobody }, resolve: { _, _ in use })
    let bytes = Array(log.utf8)
    return log.hasPrefix("{")
      ? compare(bytes, seed: 1) { JSONLFormat(lineBytesMax: 4_096, fields: table) }
      : compare(bytes, seed: 1) { csv(table) }
  }

  private static func csv(_ fields: FieldTable) -> CSVFormat {
    CSVFormat(separator: nil, columns: nil, comment: nil, lineBytesMax: 4_096, fields: fields)
  }

  private static func rows(_ row: String, header: String = "") -> String {
    header + String(repeating: row + "\n", count: 2_000)
  }

  /// Most rows of these are outdated.
  @Test(arguments: [
    "1,2.5,3", "-1,-0.25,1e-05", " 1 , 2.5,\t3 ", "1,2,a text", "1,2,2024-05-01 10:00:00", "1,2,", "1,2,NA",
    "1,0.30000000000000004,7", "123456789012345678901234567890,2.00000000000000000000000000000000000001,3",
  ])
  func rowsAreLeftOut(row: String) {
    #expect(Self.count(Self.rows(row, header: "a,b,c\n"), wanted: ["a", "b"]) > 1_500)
    #expect(Self.count(Self.rows(row, header: "a,b,c\n"), wanted: []) == 0, "no value is wanted")
  }

  /// None of these is: something else than the last number matters.
  @Test(arguments: ["1,nan,3", "1,,3", "1,x,3", "1,\"2\",3", "1,[2],3", "1,1:02,3", "1,.5,3", "1,1e400,3"])
  func rowsAreKept(row: String) {
    #expect(Self.count(Self.rows(row, header: "a,b,c\n"), wanted: ["a", "b"]) == 0)
    #expect(Self.count(Self.rows("1,2,3", header: "a,b,c\n"), [.number], wanted: ["a", "b"]) == 0)
  }

  @Test(arguments: [
    #"{"a":1,"b":2.5,"c":3}"#, #"{"a": -1, "b": 1e-05, "c": "text"}"#,
    #"{"a": 0.30000000000000004, "b": {"c": [1, {}]}}"#,
    #"{ "a" : 12 , "c" : true, "d" : null }"#, #"{"a":1,"a":2}"#,
  ])
  func linesAreLeftOut(line: String) {
    #expect(Self.count(Self.rows(line), wanted: ["a"]) > 1_500)
  }

  @Test(arguments: [
    #"{"a":NaN}"#, #"{"a":null}"#, #"{"a":"1"}"#, #"{"a":true}"#, #"{"a":{"b":1}}"#, #"{"a":1e400}"#,
    #"{"a":1,"c":"\n"}"#,
  ])
  func linesAreKept(line: String) {
    #expect(Self.count(Self.rows(line), wanted: ["a"]) == 0)
    #expect(Self.count(Self.rows(#"{"a":1}"#), [.number], wanted: ["a"]) == 0)
  }

  /// A line of another kind in between costs the lines around it nothing.
  @Test func otherLinesInBetween() {
    let lines = (0..<2_000).map { $0 % 50 == 49 ? #"{"a":1,"eval":true}"# : "{\"a\":\($0),\"loss\":0.5}" }
    #expect(Self.count(lines.joined(separator: "\n") + "\n", wanted: ["a"]) > 1_500)
    let rows = (0..<2_000).map { $0 % 50 == 49 ? "1,,nan" : "1,2,\($0)" }
    #expect(Self.count("a,b,c\n" + rows.joined(separator: "\n") + "\n", wanted: ["a", "c"]) > 1_500)
  }

  /// As many fields as nobody has settled yet are read whole.
  @Test func unsettledFields() {
    var parser = Self.csv(FieldTable { _, _ in [.number, .latest] })
    let bytes = Array(Self.rows("1,2", header: "a,b\n").utf8)
    for (settled, isOutdated) in [(nil, false), (1, false), (2, true)] as [(Int?, Bool)] {
      var batch = RecordBatch()
      batch.settledSlots = settled
      _ = bytes.withUnsafeBytes { parser.parse($0, isClosed: false, into: &batch) }
      #expect(batch.records.count == RecordBatch.recordsMax)
      #expect((batch.values.count == 2) == isOutdated, "\(batch.values.count)")
    }
  }
}
