import LogFormats
import LogStations
import Testing

/// How the bytes arrive makes no difference, and no bytes do harm.
@Suite struct FeedTests {
  @Test(arguments: [
    "keras-append.csv", "keras-semicolon.csv", "lightning.csv", "ultralytics-padded.csv", "ultralytics-obb.csv",
    "sb3-progress.csv", "sb3-monitor.csv", "sb3-progress.jsonl", "llamafactory.jsonl", "mmengine.jsonl",
    "torchtune.txt", "torchtune-pairs.txt", "transformers-console.txt",
  ])
  func realLogsAtEveryCut(name: String) throws {
    let bytes = try fixture(name == "torchtune-pairs.txt" ? "torchtune.txt" : name)
    let lineCount = bytes.count { $0 == UInt8(ascii: "\n") }
    func check(_ parser: some RecordParser, headers: Int) {
      let whole = Reading.of(bytes, parser: parser)
      #expect(whole.malformed == 0)
      #expect(whole.records.count == lineCount - headers)
      for cut in bytes.indices {
        if Reading.of(bytes, cutAt: [cut], parser: parser) != whole {
          Issue.record("\(name) differs when cut at \(cut)")
        }
        // `hardLogsAtEveryCut` resumes at each.
        if cut.isMultiple(of: 7), Reading.of(bytes, cutAt: [cut], resumes: true, parser: parser) != whole {
          Issue.record("\(name) differs when resumed at \(cut)")
        }
      }
    }
    if name.hasSuffix(".csv") {
      check(csv(), headers: name == "sb3-monitor.csv" ? 2 : 1)
    } else if name.hasSuffix(".jsonl") {
      check(jsonl(), headers: 0)
    } else if name == "torchtune-pairs.txt" {
      check(try pairs("{key}:{value}"), headers: 0)
    } else if name == "transformers-console.txt" {
      check(pydict(), headers: 14)
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
    check(jsonLog, jsonl(lineBytesMax: 24))
    check(textLog, try text([("loss {x}", ["x"])], lineBytesMax: 40))
    check(
      "a:1 b:2\r\nxx\n\u{1B}[1ma: 3\u{8}4\ra:5" + String(repeating: ":", count: 40),
      try pairs("{key}:{value}", lineBytesMax: 24)
    )
    check(
      "5%|#{'a': 'é\\''}\r\n{'a': \n\u{1B}[1m{'a': 12\u{8}\u{8}3}{'b':[1,{}]}\rx\n{\"a\":5}",
      pydict(lineBytesMax: 40)
    )
  }

  @Test(arguments: ForeignContent.allCases)
  func whatIsNoTextCountsOnce(content: ForeignContent) throws {
    let starts: [ForeignContent: [[UInt8]]] = [
      .utf16: [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61]], .gzip: [[0x1F, 0x8B, 8, 0]],
      .zstd: [[0x28, 0xB5, 0x2F, 0xFD]], .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]],
      .bzip2: [Array("BZh91AY&SY".utf8)], .zip: [[0x50, 0x4B, 3, 4]],
      .tensorboard: [EventFile.version()], .wandb: [WandbFile.file([])],
    ]
    for start in try #require(starts[content]) {
      let bytes = start + Array("\na,b\n1,2\n{'a': 1}\n".utf8)
      for cut in bytes.indices {
        for resumes in [false, true] {
          let reading = Reading.of(bytes, cutAt: [cut], resumes: resumes, parser: TextOnly(csv()))
          #expect(reading.records.isEmpty && reading.malformed == 1)
        }
      }
      bytes.withUnsafeBytes { #expect(ForeignContent.judge($0, isClosed: false) == .foreign(content)) }
      // It is told by the log's first bytes alone, all of them.
      let inside = Array("a,b\n".utf8) + bytes
      #expect(Reading.of(inside, parser: TextOnly(csv())) == Reading.of(inside, parser: csv()))
      let torn = Array(bytes.prefix(1)) + Array("\n1,2\n".utf8)
      #expect(Reading.of(torn, cutAt: [1], parser: TextOnly(csv())) == Reading.of(torn, parser: csv()))
    }
  }

  /// Whoever hands over more than the longest line or frame gets on: nothing is so broken that a log stands still.
  @Test func moreThanTheLongestLineIsNeverLeft() {
    let lineBytesMax = 1 << 20
    var random = SplitMix(state: 7)
    let noise = (0..<lineBytesMax + (64 << 10)).map { _ in UInt8.random(in: 0...255, using: &random) }
    let texts = [
      Array(repeating: 0, count: noise.count), noise, EventFile.version() + Array(repeating: 0, count: noise.count),
      WandbFile.file([]) + Array(repeating: 0, count: noise.count), Array(repeating: 1, count: noise.count),
      EventFile.frame(noise), Array(EventFile.frame(noise).dropLast()), Array(WandbFile.file([noise]).dropLast()),
    ]
    for descriptor in LogFormats.all {
      let make: (LogSite) -> any RecordParser
      switch descriptor.content {
      case .lines(_, let parser), .frames(let parser): make = parser
      case .document, .events: continue
      }
      for (place, text) in texts.enumerated() {
        let site = LogSite(
          format: LogFormat(descriptor.name),
          lineBytesMax: lineBytesMax,
          fields: FieldTable { _, _ in [] }
        )
        var parser = make(site)
        var batch = RecordBatch()
        let consumed = text.withUnsafeBytes { parser.parse($0, isClosed: false, into: &batch) }
        #expect(consumed > 0, "\(descriptor.name), text \(place)")
      }
    }
  }

  @Test func randomBytes() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    let pieces = [
      "\"", ",", "\n", "\r\n", "\\", "{", "}", "[", "]", ":", "1", "-2.5e9", "nan", "a", "\"a\":", "\\u", "d83d", "\0",
      "\u{1B}[", "\u{8}", " ", "\t", "é", "loss ", "{\"a\":1}\n", "a,b\n", "1,2\n", "\u{FEFF}", "null",
      "'", "{'a':", "'a'", "(", ")", "<", ">", "True", "tensor(", "a: ", "- ", "!!t ", "&x ", "*x", "1:02", "ms",
      "\r", "#", "--- --- ", "[1, 2]", "a b\n", "1 2\n",
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
      check(bytes, cuts, blankTable(lineBytesMax: 24))
      check(bytes, cuts, jsonl(lineBytesMax: 24))
      check(bytes, cuts, try text([("loss {x}", ["x"]), ("{a}:{b}", [])], lineBytesMax: 24))
      check(bytes, cuts, pydict(lineBytesMax: 24))
      check(bytes, cuts, try pairs("{key}:{value}", between: ",", lineBytesMax: 24))
      check(bytes, cuts, try pairs("[{key}: {value}]", lineBytesMax: 24))
      var yaml = YAMLFormat(fields: fields([.number, .text, .duration]))
      var batch = RecordBatch()
      let isDocument = bytes.withUnsafeBytes { yaml.parseDocument($0, isAtRest: true, into: &batch) }
      #expect(isDocument == .record || batch.values.isEmpty && batch.records.isEmpty, "seed \(seed)")
      for (records, inColumns) in [(nil, false), ("a", false), (".", false), (".", true)] {
        var parser = JSONFormat(records: records, inColumns: inColumns, fields: fields())
        var batch = RecordBatch()
        let content = bytes.withUnsafeBytes { parser.parseDocument($0, isAtRest: true, into: &batch) }
        let isWhole = content == .record || content == .records
        #expect(isWhole || batch.values.isEmpty && batch.records.isEmpty, "seed \(seed)")
      }
    }
  }
}
