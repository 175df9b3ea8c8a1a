import LogFormats
import Testing

/// What a writer leaves when it dies, is restarted, or does not write lines at all.
@Suite struct TornLineTests {
  @Test func aCharacterInTwoReadsIsWhole() throws {
    for (log, parser, record) in [
      ("{\"é\":\"ü🚀\"}\n", jsonl() as any RecordParser, "é='ü🚀'"), ("é\nü🚀\n", csv(), "é='ü🚀'"),
      ("é ü🚀\n", try text([("é {x}", [])]), "x='ü🚀'"),
    ] {
      let bytes = Array(log.utf8)
      for cut in bytes.indices { #expect(Reading.of(bytes, cutAt: [cut], parser: parser).records == [record]) }
    }
  }

  @Test func bytesThatAreNoTextStayInTheirLine() throws {
    let bad: [UInt8] = [0xFF, 0xC0, 0x80]
    let inJSON = Array("{\"a\":\"".utf8) + bad + Array("\"}\n{\"a\":2}\n".utf8)
    #expect(Reading.of(inJSON, parser: jsonl()).records == ["a='\u{FFFD}\u{FFFD}\u{FFFD}'", "a=2.0"])
    let inCSV = Array("a\n".utf8) + bad + Array("\n2\n".utf8)
    #expect(Reading.of(inCSV, parser: csv()).records == ["a='\u{FFFD}\u{FFFD}\u{FFFD}'", "a=2.0"])
    let inText = bad + Array("\nloss 2\n".utf8)
    let reading = Reading.of(inText, parser: try text([("loss {x}", ["x"])]))
    #expect(reading.records == ["x=2.0"])
    #expect(reading.unmatched == 1)
  }

  @Test func aLineThatWasTornAndGoneOnWithIsMalformedAndTheNextIsFine() {
    let json = Reading.of("{\"a\":1}\n{\"a\":2,\"b{\"a\":3}\n{\"a\":4}\n", parser: jsonl())
    #expect(json.records == ["a=1.0", "a=4.0"])
    #expect(json.malformed == 1)
    let rows = Reading.of("a,b\n1,2\n3,3,4\n5,6\n", parser: csv())
    #expect(rows.records == ["a=1.0 b=2.0", "a=5.0 b=6.0"])
    #expect(rows.malformed == 1)
  }

  @Test func anObjectOverSeveralLinesIsNoLine() {
    let reading = Reading.of("{\n  \"a\": 1\n}\n{\"a\": 2}\n", parser: jsonl())
    #expect(reading.records == ["a=2.0"])
    #expect(reading.malformed == 3)
    // The array that such a file may be: its elements are followed by commas.
    let array = Reading.of("[\n{\"a\": 1},\n{\"a\": 2}\n]\n", parser: jsonl())
    #expect(array.records == ["a=2.0"])
    #expect(array.malformed == 3)
  }

  @Test func emptyLinesAreNothing() throws {
    for parser in [jsonl() as any RecordParser, csv(), try text([("loss {x}", ["x"])])] {
      let reading = Reading.of("\n\n\r\n \n", parser: parser)
      #expect(reading.records.isEmpty)
      #expect(reading.malformed == 0)
    }
  }

  @Test func zeroBytesBeforeALineAreSkippedInPieces() {
    let log = String(repeating: "\0", count: 1000) + "{\"a\":1}\n" + String(repeating: "\0", count: 1000)
    let reading = Reading.of(
      Array(log.utf8),
      cutAt: Array(stride(from: 0, to: 2000, by: 100)),
      parser: jsonl(lineBytesMax: 50)
    )
    #expect(reading.records == ["a=1.0"])
    #expect(reading.malformed == 0)
  }

  @Test func aProgressBarThatNeverEndsItsLineIsReadInSegments() throws {
    let parser = try text([("{percent}%", ["percent"])], lineBytesMax: 16)
    let log = (0...1000).map { "\r\($0 / 10)%" }.joined()
    let reading = Reading.of(
      Array(log.utf8),
      cutAt: Array(stride(from: 0, to: log.utf8.count, by: 7)),
      closes: false,
      parser: parser
    )
    #expect(reading.records.count == 1000)
    #expect(reading.malformed == 0)
  }
}
