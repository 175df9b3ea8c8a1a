import LogStations
import Testing

@testable import Generators

@Suite struct UnifiedDiffTests {
  @Test func equalTextsHaveNoDifference() {
    #expect(UnifiedDiff.text(from: "a\nb\n", to: "a\nb\n", name: "x") == "")
    #expect(UnifiedDiff.text(from: "", to: "", name: "x") == "")
  }

  @Test func aMissingEndOfTheLastLineIsSaid() {
    let difference = UnifiedDiff.text(from: "a\nb", to: "a\nb\n", name: "x")
    #expect(difference == "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")
  }

  /// Also one that an editor gave other line ends; they are shown, and not sent to a terminal.
  @Test func linesMayEndInTwoBytes() {
    let difference = UnifiedDiff.text(from: "a\r\nb\n", to: "a\nb\n", name: "x")
    #expect(difference == "--- x\n+++ x\n@@ -1,2 +1,2 @@\n-a\\r\n+a\n b\n")
  }

  /// Whatever the texts are, what is shown makes one of the other.
  @Test func theDifferenceLeadsFromOneToTheOther() throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    var random = SplitMix(state: seed)
    for _ in 0..<200 {
      let old = (0..<Int.random(in: 0..<30, using: &random)).map { _ in "\(Int.random(in: 0..<5, using: &random))" }
      var new = old
      for _ in 0..<Int.random(in: 0..<6, using: &random) {
        let place = Int.random(in: 0...new.count, using: &random)
        let end = min(place + Int.random(in: 0..<3, using: &random), new.count)
        new.replaceSubrange(place..<end, with: Bool.random(using: &random) ? ["x"] : [])
      }
      let difference = UnifiedDiff.text(from: Self.joined(old), to: Self.joined(new), name: "f")
      #expect(try Self.apply(difference, to: old) == new, "SEED=\(seed)\n\(difference)")
    }
  }

  private static func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  private static func apply(_ difference: String, to old: [String]) throws -> [String] {
    var (result, index) = ([String](), 0)
    for line in difference.split(separator: "\n").dropFirst(2) {
      if let match = line.firstMatch(of: /^@@ -(\d+),(\d+)/) {
        let start = try #require(Int(match.1)) - (match.2 == "0" ? 0 : 1)
        result += old[index..<start]
        index = start
        continue
      }
      if line.first != "+" {
        #expect(old[index] == line.dropFirst())
        index += 1
      }
      if line.first != "-" { result.append(String(line.dropFirst())) }
    }
    return result + old[index...]
  }
}
