import LogFormats
import Testing

/// A quoted cell over several lines is bounded: one quote that a torn line left open costs little.
@Suite struct QuotedCellTests {
  private static let rows = (1...1000).map { "\($0),0.5,good\n" }.joined()

  private func read(_ log: String, cutAt cuts: [Int] = [], closes: Bool = false) -> Reading {
    Reading.of(Array(log.utf8), cutAt: cuts, closes: closes, parser: csv(lineBytesMax: 4 << 20))
  }

  @Test(arguments: [
    // Nothing closes the quote.
    "step,loss,model\n1,0.5,good\n10,0.5,\"to\n" + rows,
    // The quote that comes next opens another cell.
    "step,loss,model\n1,0.5,good\n10,0.5,\"to\n11,0.5,\"good, really\"\n" + rows,
    // It closes a cell, of something that is no row of the table.
    "step,loss,model\n1,0.5,good\n10,\"0.5,to\n11,0.5,x\"\n" + rows,
    // It closes a cell, but too far away.
    "step,loss,model\n1,0.5,good\n10,0.5,\"to\n" + rows + "12,0.5,x\"\n",
  ])
  func aStrayQuoteLosesItsLineAlone(log: String) {
    let whole = read(log, closes: true)
    #expect(whole.records.count >= 1001)
    #expect(whole.malformed >= 1 && whole.malformed <= 2)
    #expect(whole.records.last?.hasSuffix("loss=0.5 model='good'") == true || log.hasSuffix("x\"\n"))
    #expect(read(log) == whole, "without the file's end")
    for size in [1000, 4096, 8191] {
      #expect(read(log, cutAt: Array(stride(from: size, to: log.utf8.count, by: size))) == whole, "cut by \(size)")
    }
  }

  @Test func cellsOfSeveralLinesAreRead() {
    let text = (0..<100).map { "line \($0), \"\"quoted\"\"" }.joined(separator: "\n")
    let log = "step,text,loss\n1,\"\(text)\" ,0.5\r\n2,\"a\nb\",0.25\n"
    let reading = read(log)
    #expect(reading.malformed == 0)
    #expect(reading.records.count == 2)
    #expect(reading.records.last == "step=2.0 text='a\nb' loss=0.25")
    for cut in log.utf8.indices.enumerated().map(\.offset) {
      if read(log, cutAt: [cut]) != reading { Issue.record("differs when cut at \(cut)") }
    }
  }

  @Test func aCellIsBoundedByItsBytesToo() {
    let long = String(repeating: "x", count: 100_000)
    #expect(read("a,b\n1,\"\(long)\"\n").records.count == 1, "on one line")
    let reading = read("a,b\n1,\"\n\(long)\n3,4\n")
    #expect(reading.records == ["a=3.0 b=4.0"])
    #expect(reading.malformed == 2)
  }

  @Test func aFileThatRestsBehindAnOpenQuoteIsReadOn() {
    var parser = csv()
    var batch = RecordBatch()
    func feed(_ text: String) -> Int {
      batch.removeAll()
      return Array(text.utf8).withUnsafeBytes { parser.parse($0, isClosed: false, into: &batch) }
    }
    let held = "1,\"to\n2,x\n"
    #expect(feed("a,b\n" + held) == 4)
    #expect(feed(held) == 0)
    Array(held.utf8).withUnsafeBytes { parser.rested(on: $0) }
    // A cell that closes after all is one.
    var other = parser
    let closed = Array((held + "y\"\n").utf8)
    #expect(closed.withUnsafeBytes { other.parse($0, isClosed: false, into: &batch) } == closed.count)
    #expect(batch.records.count == 1 && batch.malformed == 0)
    #expect(feed(held + "3,y\n") == held.utf8.count + 4)
    #expect(batch.records.count == 2 && batch.malformed == 1)
    // Only that quote.
    #expect(feed(held) == 0)
    // What is behind it is no row of the table with a number: it may be the rest of a text that is still being written.
    for held in ["3,\"a\n", "3,\"a\nb\n1 2, 3 and\nc,d\n4\n"] {
      Array(held.utf8).withUnsafeBytes { parser.rested(on: $0) }
      #expect(feed(held) == 0)
    }
  }
}
