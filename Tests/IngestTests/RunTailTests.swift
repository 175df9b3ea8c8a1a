import Foundation
import Ingest
import Testing

@Suite struct RunTailTests {
  @Test func theLastLinesAreShown() {
    func lines(_ text: String, isWhole: Bool = true) -> [String] {
      RunTails.lines(in: Array(text.utf8)[...], isWhole: isWhole)
    }
    #expect(lines("") == [])
    #expect(lines("a\n\n  \nb\r\n") == ["a", "b"])
    #expect(lines("half of it\na\nb", isWhole: false) == ["a", "b"])
    #expect(lines("no end of a line in sight", isWhole: false) == ["no end of a line in sight"])
    // Progress bars write over themselves.
    #expect(lines("10%\r20%\r30%\n") == ["30%"])
    #expect(lines((0..<100).map { "\($0)\n" }.joined()) == (80..<100).map(String.init))
    let long = lines(String(repeating: "x", count: 399) + "ä and more")
    #expect(long == [String(repeating: "x", count: 399) + "…"])
    #expect(lines("\u{1B}[31mred") == ["\u{1B}[31mred"])
  }
}
