import LogFormats
import Testing

@Suite struct CSVFormatTests {
  @Test(arguments: [
    ("a,b\n1,2\n", ["a=1.0 b=2.0"], 0),
    ("a;b\r\n1;2,5\r\n", ["a=1.0 b='2,5'"], 0),
    ("a\tb\n1\t\n\t-2e3\n", ["a=1.0", "b=-2000.0"], 0),
    ("\u{FEFF}  a ,  b\n  1 ,\t2 \n", ["a=1.0 b=2.0"], 0),
    ("\"a, x\",\"b\"\"y\"\n1,2\n", ["a, x=1.0 b\"y=2.0"], 0),
    ("a,b\n\"1\",\"x\ny\"\n3,4\n", ["a=1.0 b='x\ny'", "a=3.0 b=4.0"], 0),
    ("a,b\n1,5\" disk\n", ["a=1.0 b='5\" disk'"], 0),
    ("a,b,\n1,2,\n1,2\n", ["a=1.0 b=2.0", "a=1.0 b=2.0"], 0),
    ("a,b\n1\n1,2,3\n4,5\n", ["a=4.0 b=5.0"], 2),
    ("a,b\n\n \n1,2\n,\n", ["a=1.0 b=2.0", ""], 0),
    ("a,b,c,d\nNA,None,null,1\n", ["d=1.0"], 0),
    ("a,b,c,d\nnan,inf,-Infinity,1e999\n", ["a=nan b=inf c=-inf d=inf"], 0),
    ("a,b,c,d\n0x10,12%,1_000,+.5\n", ["a='0x10' b='12%' c='1_000' d=0.5"], 0),
    ("a,a\n1,2\n", ["a=2.0"], 0),
    ("a,b\n1,2\na,b\n3,4\n", ["a=1.0 b=2.0", "a=3.0 b=4.0"], 0),
    ("a,b\n1,2\nb,a\n3,4\n", ["a=1.0 b=2.0", "b=3.0 a=4.0"], 0),
    ("a,b\n1,2\na,b,c\n3,4,5\n", ["a=1.0 b=2.0", "a=3.0 b=4.0 c=5.0"], 0),
    ("phase,b\ntrain,x\n", ["phase='train' b='x'"], 0),
    ("1,2\n3,4\n", [], 2),
    ("#{\"t\": 1}\nr,l\n1,2\n", ["r=1.0 l=2.0"], 0),
    ("# r,l\n1,2\n", ["r=1.0 l=2.0"], 0),
    ("\0\0\0a,b\n\0\0\u{31},2\n", ["a=1.0 b=2.0"], 0),
    ("a,b\n1,x\0y\n3,4\n", ["a=3.0 b=4.0"], 1),
    ("\u{1F}\u{8B}\u{8}\0\u{3}\n", [], 1),
    ("", [], 0),
  ])
  func rows(log: String, records: [String], malformed: Int) {
    let reading = Reading.of(log, parser: csv())
    #expect(reading.records == records)
    #expect(reading.malformed == malformed)
  }

  @Test func givenColumnsSeparatorAndComment() {
    #expect(Reading.of("1,2\n3,4\n", parser: csv(columns: ["x", "y"])).records == ["x=1.0 y=2.0", "x=3.0 y=4.0"])
    #expect(Reading.of("% hi\na|b\n1|2\n%x\n", parser: csv(separator: 0x7C, comment: "%")).records == ["a=1.0 b=2.0"])
  }

  @Test func longRowsCountOnceAndTheNextIsFine() {
    let long = String(repeating: "1", count: 40)
    let log = "a,b\n\(long),2\n3,4\n"
    for cut in [[], [10, 20, 30, 40], Array(1..<50)] {
      let reading = Reading.of(Array(log.utf8), cutAt: cut, parser: csv(lineBytesMax: 16))
      #expect(reading.records == ["a=3.0 b=4.0"])
      #expect(reading.malformed == 1)
    }
    #expect(Reading.of("a,b\n1234567,123456\n12345678,1234567\n", parser: csv(lineBytesMax: 15)).malformed == 1)
  }

  @Test func openQuoteLosesItsLineAlone() {
    let log = "a,b\n1,\"x\n" + String(repeating: "2,3\n", count: 10)
    let reading = Reading.of(log, closes: false, parser: csv(lineBytesMax: 20))
    #expect(reading.malformed == 1)
    #expect(reading.records == Array(repeating: "a=2.0 b=3.0", count: 10))
  }

  @Test func moreColumnsThanAnyoneWants() {
    let header = (0..<200_000).map { "c\($0)" }.joined(separator: ",")
    #expect(Reading.of(header + "\n1,2\n", parser: csv(lineBytesMax: 4 << 20)).malformed == 2)
  }

  @Test func lastLineWithoutItsEndWaits() {
    #expect(Reading.of("a,b\n1,2\n3,4", closes: false, parser: csv()).records == ["a=1.0 b=2.0"])
    #expect(Reading.of("a,b\n1,2\n3,4", parser: csv()).records == ["a=1.0 b=2.0", "a=3.0 b=4.0"])
  }

  /// The plain way and the careful way through a row have to agree.
  @Test func digestsKnowContentAlone() {
    func digests(_ log: String) -> [UInt64] { Reading.of(log, parser: csv()).digests }
    let plain = digests("a,b,c\n1,2.50,x\n3,4,y\n")
    #expect(Set(plain).count == 2)
    #expect(digests("a,b,c,d\n1,2.50,x,\n3,4,y,NA\n") == plain, "wider by empty columns")
    #expect(digests("c;a;b\nx;1;2.50\ny;3;4\n") == plain, "another order, another separator")
    #expect(digests("  a, b,c\r\n 1 ,  2.50,  x\r\n3, 4,y\r\n") == plain, "padded")
    #expect(digests("a,b,c\n\"1\",2.50,\"x\"\n3,4,\"y\"\n") == plain, "quoted")
    #expect(Reading.of("a,b,c\n1,2.50,x\n3,4,y\n", parser: csv(use: [])).digests == plain, "not wanted")
    for other in ["a,b,c\n1,2.51,x\n3,4,z\n", "a,b,d\n1,2.50,x\n3,4,y\n", "a,b,c\n2.50,1,x\n4,3,y\n"] {
      #expect(zip(digests(other), plain).allSatisfy { $0 != $1 })
    }
  }
}
