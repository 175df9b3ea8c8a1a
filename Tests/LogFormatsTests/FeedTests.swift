import LogFormats
import Testing

/// How the bytes arrive makes no difference, and no bytes do harm.
@Suite struct FeedTests {
  @Test(arguments: [
    "keras-append.csv", "keras-semicolon.csv", "lightning.csv", "ultralytics-padded.csv", "ultralytics-obb.csv",
    "sb3-progress.csv", "sb3-monitor.csv", "sb3-progress.jsonl", "llamafactory.jsonl", "mmengine.jsonl",
    "torchtune.txt",
  ])
  func realLogsAtEveryCut(name: String) throws {
    let bytes = try fixture(name)
    let lineCount = bytes.count { $0 == UInt8(ascii: "\n") }
    func check(_ parser: some RecordParser, headers: Int) {
      let whole = Reading.of(bytes, parser: parser)
      #expect(whole.malformed == 0)
      #expect(whole.records.count == lineCount - headers)
      for cut in bytes.indices {
        if Reading.of(bytes, cutAt: [cut], parser: parser) != whole {
          Issue.record("\(name) differs when cut at \(cut)")
        }
        if Reading.of(bytes, cutAt: [cut], resumes: true, parser: parser) != whole {
          Issue.record("\(name) differs when resumed at \(cut)")
        }
      }
    }
    if name.hasSuffix(".csv") {
      check(csv(), headers: name == "sb3-monitor.csv" ? 2 : 1)
    } else if name.hasSuffix(".jsonl") {
      check(jsonLines(), headers: 0)
    } else {
      check(try text(TextFormatTests.torchtune), headers: 0)
    }
  }

  @Test func hardLogsAtEveryCut() throws {
    let csvLog =
      "\u{FEFF}a,\"b\nc\"\r\n1,\"x\"\"\ny\"\n\n123456789012345678901234567890,1\n,\n\"1\n2\n3,4\nb,a\n\"5\",6\r\n7"
    let jsonLog =
      "\u{FEFF}{\"a\":\"\\u00e9\\\\\"}\r\n\n[1]\n{\"a\":1\n{\"a\":{\"b\":[1,2]}}\n{\"a\":123456789012345678901}\n{\"a\":5}"
    let textLog = "\r\nloss 1\r\rloss\u{8} 2\nxx\nlosslosslosslosslosslosslosslosslosslosslosslossloss\rloss 3"
    func check(_ log: String, _ parser: some RecordParser) {
      let bytes = Array(log.utf8)
      let whole = Reading.of(bytes, parser: parser)
      #expect(whole.malformed > 0)
      #expect(whole.records.count >= 2)
      for first in bytes.indices {
        for second in first..<min(first + 9, bytes.count) {
          #expect(Reading.of(bytes, cutAt: [first, second], parser: parser) == whole, "cut at \(first), \(second)")
        }
        let resumed = Reading.of(bytes, cutAt: [first], resumes: true, parser: parser)
        #expect(resumed == whole, "resumed at \(first)")
      }
      #expect(Reading.of(bytes, cutAt: Array(bytes.indices), parser: parser) == whole)
      #expect(Reading.of(bytes, cutAt: Array(bytes.indices), resumes: true, parser: parser) == whole)
    }
    check(csvLog, csv(lineBytesMax: 30))
    check("# a,b\n\n1;2\n1,2\nx,a\n\"\n3,4\n" + csvLog, csv(comment: "%", lineBytesMax: 30))
    check("# a;b\r\n1;2\nb;a;d\n" + String(repeating: "5", count: 60) + ";6;7\n1;2;3", csv(lineBytesMax: 30))
    check("1|2\na|b|c\n3|4|5\n6|7\n", csv(separator: 0x7C, columns: ["a", "b"], lineBytesMax: 30))
    check(jsonLog, jsonLines(lineBytesMax: 24))
    check(textLog, try text([("loss {x}", ["x"])], lineBytesMax: 40))
  }

  @Test func randomBytes() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    let pieces = [
      "\"", ",", "\n", "\r\n", "\\", "{", "}", "[", "]", ":", "1", "-2.5e9", "nan", "a", "\"a\":", "\\u", "d83d", "\0",
      "\u{1B}[", "\u{8}", " ", "\t", "é", "loss ", "{\"a\":1}\n", "a,b\n", "1,2\n", "\u{FEFF}", "null",
    ].map { Array($0.utf8) }
    func check(_ bytes: [UInt8], _ cuts: [Int], _ parser: some RecordParser) {
      let whole = Reading.of(bytes, parser: parser)
      #expect(Reading.of(bytes, cutAt: cuts, parser: parser) == whole, "seed \(seed)")
      #expect(Reading.of(bytes, cutAt: cuts, resumes: true, parser: parser) == whole, "resumed, seed \(seed)")
    }
    for _ in 0..<1500 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        let isNoise = Int.random(in: 0..<12, using: &random) == 0
        bytes += isNoise ? [UInt8.random(in: 0...255, using: &random)] : pieces.randomElement(using: &random) ?? []
      }
      let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
      check(bytes, cuts, csv(lineBytesMax: 24))
      check(bytes, cuts, jsonLines(lineBytesMax: 24))
      check(bytes, cuts, try text([("loss {x}", ["x"]), ("{a}:{b}", [])], lineBytesMax: 24))
      for records in [nil, "a", ""] {
        var parser = JSONDocumentFormat(records: records, fields: fields())
        var batch = RecordBatch()
        let isWhole = bytes.withUnsafeBytes { parser.parseDocument($0, into: &batch) }
        #expect(isWhole || batch.values.isEmpty && batch.records.isEmpty, "seed \(seed)")
      }
    }
  }
}

/// Sebastiano Vigna's splitmix64: a seed is a whole run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
