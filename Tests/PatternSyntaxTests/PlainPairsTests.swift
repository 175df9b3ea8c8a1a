import Testing

@testable import PatternSyntax

/// What most lines are read by says the same as the search for any line.
@Suite struct PlainPairsTests {
  @Test(arguments: ["=", ":", ": ", ":\t ", "é"], [" ", "  "])
  func sayWhatTheSearchSays(separator: String, between: String) throws {
    let pattern = try #require(PairPattern(try Pattern(parsing: "{key}\(separator){value}"), between: between))
    let pieces = [
      "a", "loss", "0.5", "12:30", ",", ";", " ", " ", "  ", "\t", "=", ":", ": ", "é", separator, separator,
    ]
    var random = SystemRandomNumberGenerator()
    var count = 0
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 0...14, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      var found: [PairPattern.Pair] = []
      var searched: [PairPattern.Pair] = []
      Array(line.utf8).withUnsafeBytes { bytes in
        pattern.find(in: bytes, into: &found)
        pattern.search(in: bytes, into: &searched)
      }
      try #require(found == searched, "\(line.debugDescription) with \(separator.debugDescription)")
      count += found.count
    }
    #expect(count > 1_000)
  }

  @Test func areTold() throws {
    let pairs = try #require(PlainPairs(separator: ": "))
    var found: [PairPattern.Pair] = []
    let line = Array("at 12:30 loss: 0.5, lr:0.1 acc:  , end:".utf8)
    #expect(line.withUnsafeBytes { pairs.find(in: $0, into: &found) })
    #expect(found == [PairPattern.Pair(key: 9..<13, value: 15..<18), PairPattern.Pair(key: 27..<30, value: 33..<34)])
    #expect(!Array("loss : 0.5".utf8).withUnsafeBytes { pairs.find(in: $0, into: &found) })
    #expect(PlainPairs(separator: " = ") == nil)
    #expect(PlainPairs(separator: "->") == nil)
  }
}
