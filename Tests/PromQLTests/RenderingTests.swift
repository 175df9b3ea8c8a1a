import PromQL
import Testing

/// How errors look on a terminal. What they say is in `Cases/refused.txt`.
@Suite struct RenderingTests {
  private static func rendered(_ query: String) -> String {
    fault(query)?.rendered(in: Array(query.utf8)) ?? "taken"
  }

  /// The carets, and what stands above them.
  private static func marked(_ query: String) -> String {
    let lines = rendered(query).split(separator: "\n").map(Array.init)
    let carets = lines[2].indices.filter { lines[2][$0] == "^" }
    return String(carets.map { $0 < lines[1].count ? lines[1][$0] : "." })
  }

  @Test func caretsStandBelowWhatIsWrong() {
    #expect(Self.marked("sum(rate(foo))") == "foo")
    #expect(Self.marked("{\"é☺😀\"} + rate(foo)") == "foo")
    #expect(Self.marked("sum by (a) (\n\tx +\trate(foo) )") == "foo")
    #expect(Self.marked("rate(\r\nfoo\r\n)") == "foo")
    #expect(Self.marked("sum(foo") == ".")
  }

  @Test func linesAndColumnsCountFromOne() {
    let query = Array("é\n\nab".utf8)
    for (offset, line, column) in [(0, 1, 1), (2, 1, 2), (3, 2, 1), (4, 3, 1), (5, 3, 2), (6, 3, 3), (99, 3, 3)] {
      #expect(PromQLError.position(of: offset, in: query) == (line, column))
    }
  }

  @Test func aLongLineIsShownAroundWhatIsWrong() {
    let many = String(repeating: "a + ", count: 100)
    let lines = Self.rendered("\(many)rate(foo) + \(many)a").split(separator: "\n")
    #expect(lines[0].hasPrefix("1:406: "))
    #expect(lines[1].hasPrefix("  …") && lines[1].hasSuffix("…") && lines[1].count < 130)
    #expect(Self.marked("\(many)rate(foo) + \(many)a") == "foo")
    let name = String(repeating: "b", count: 1000)
    #expect(Self.marked("rate(\(name))") == String(repeating: "b", count: 115))
  }

  @Test func anErrorOverSeveralLinesIsShownOnItsFirst() {
    #expect(
      Self.rendered("rate(foo,\n  bar)") == """
        1:1: `rate` takes 1 argument, but has 2
          rate(foo,
          ^^^^^^^^^

        """
    )
  }

  @Test func whatMovesTheCursorIsNotShown() {
    #expect(
      Self.rendered("a + \u{202e}b") == "1:5: unexpected character U+202E, which is not shown\n  a +  b\n      ^\n"
    )
    #expect(Self.rendered("\u{9b}31m").contains("U+009B"))
    let text = Self.rendered("\"\u{1b}[31m\u{85}\u{2028}\" + \"\\\u{7f}\"")
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7f })
  }

  @Test func anErrorOutsideOfTheQueryIsShownAtItsEnd() {
    #expect(PromQLError("x", at: 9..<12).rendered(in: Array("a\nb".utf8)) == "2:2: x\n  b\n   ^\n")
    #expect(PromQLError("x", at: 0..<0).rendered(in: []) == "1:1: x\n  \n  ^\n")
  }
}
