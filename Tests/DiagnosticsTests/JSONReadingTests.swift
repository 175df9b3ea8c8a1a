import Diagnostics
import Testing

@Suite struct JSONReadingTests {
  private func read(_ text: String) -> JSON? { JSON(parsing: Array(text.utf8)) }

  @Test func whatIsWrittenIsReadAsItWas() {
    let value: JSON = [
      "a": [1, -2, true, false, .null, .number(0.5), .number(1e300), .number(-1.25e-7)],
      "\u{202E}\"\\\n\t": "é 漢 🦆 \u{1}", "empty": .object([]), "list": .array([]), "nested": [["x": [[1]]]],
    ]
    #expect(read(value.text) == value && read(value.line) == value)
  }

  @Test func texts() {
    #expect(read(#""\u00e9\ud83e\udd86\/\b\f""#) == .string("é🦆/\u{8}\u{C}"))
    #expect(read(" [ 1 , 2 ]\n") == [1, 2])
    #expect(read(#"{"a": 1, "a": 2}"#)?["a"]?.asNumber == 2)
    #expect(read(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a: 1}", "{\"a\": 1,}", "'a'", "\"a", "\"\\x\"",
    "\"\\ud83e\"",
    "\"\\u12g4\"", "01", "1.", ".5", "+1", "1e", "--1", "nan", "Infinity", "tru", "[1]]", "\"\u{1}\"",
    String(repeating: "[", count: 100_000),
  ])
  func whatIsNone(text: String) {
    #expect(read(text) == nil)
  }

  @Test func bytesThatAreNoText() {
    #expect(JSON(parsing: [0x22, 0xFF, 0x22]) == nil)
  }
}
