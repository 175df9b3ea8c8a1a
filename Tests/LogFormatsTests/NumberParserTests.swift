import Foundation
import LogFormats
import LogStations
import Testing

@Suite struct NumberParserTests {
  private func parse(_ text: String) -> Double? {
    Array(text.utf8).withUnsafeBytes { NumberParser.parse($0) }
  }

  @Test func asTheCLibraryDoes() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    for _ in 0..<20_000 {
      let digits = Int.random(in: 1...20, using: &random)
      var text = Bool.random(using: &random) ? "-" : ""
      for _ in 0..<digits { text += String(Int.random(in: 0...9, using: &random)) }
      text +=
        "." + String(UInt64.random(in: 0...(UInt64.max >> Int.random(in: 0...63, using: &random)), using: &random))
      if Bool.random(using: &random) { text += "e\(Int.random(in: -340...320, using: &random))" }
      #expect(parse(text) == strtod(text, nil), "\(text), seed \(seed)")
    }
    for text in ["0", "-0", "1.", ".5", "+7", "1E5", "9007199254740993", "1e22", "1e23", "123456789e-22", "1e-400"] {
      #expect(parse(text) == strtod(text, nil))
    }
  }

  @Test(arguments: ["1e999", "inf", "Infinity", "+inf", "INF", String(repeating: "9", count: 400)])
  func infinities(text: String) {
    #expect(parse(text) == .infinity)
    if !text.hasPrefix("+") { #expect(parse("-" + text) == -.infinity) }
  }

  @Test(arguments: [
    "", "+", "-", ".", "0x10", "1,5", "12%", "1_000", "1e", "1e+", "--1", "+-1", "1 2", "e5", "infin", "a",
  ])
  func noNumbers(text: String) {
    #expect(parse(text) == nil)
  }

  @Test func notANumber() {
    #expect(parse("nan")?.isNaN == true)
    #expect(parse("NaN")?.isNaN == true)
    #expect(parse(String(repeating: "1", count: 2000)) == nil)
  }
}
