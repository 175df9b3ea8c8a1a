import Diagnostics
import Testing

struct ConsoleRendererTests {
  private func render(_ text: String, _ range: SourceRange?, path: String = "m.yaml") -> [String] {
    let source = SourceFile(path: path, bytes: Array(text.utf8))
    let diagnostic = Diagnostic(id: "a/b", message: "it is wrong", range: range)
    return ConsoleRenderer(source: source).render(diagnostic).split(separator: "\n").map(String.init)
  }

  @Test func everyPart() {
    let source = SourceFile(path: "m.yaml", bytes: Array("one: 1\r\ntwo: äx\r\n".utf8))
    let diagnostic = Diagnostic(
      id: "a/b",
      severity: .warning,
      message: "it is wrong",
      range: SourceRange(13, 16),
      related: [.init(range: SourceRange(0, 3), note: "first here")],
      help: "do this"
    )
    #expect(
      ConsoleRenderer(source: source).render(diagnostic) == """
        m.yaml:2:6: warning: it is wrong [a/b]
        two: äx
             ^^
        help: do this
        note: m.yaml:1:1: first here

        """
    )
  }

  @Test func caretsStandUnderWideCharactersAndTabs() {
    #expect(render("\tä日本: x", SourceRange(11, 12)).dropFirst() == [" ä日本: x", "        ^"])
    #expect(render("日本", SourceRange(0, 6)).last == "^^^^")
  }

  @Test func noControlCharacterGetsOut() {
    let lines = render("a\u{1b}[2J\u{202E}: x", SourceRange(0, 1), path: "m\n\u{1b}.yaml")
    #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    #expect(lines.first?.hasPrefix("m\\n\\u{1b}.yaml:1:1: error") == true)
  }

  /// What reorders text or parts lines, all that Unicode has of it, shows as itself neither in messages nor in lines.
  @Test func noDirectionMarkGetsOut() {
    let scalars = (0...0x10FFFF).compactMap { Unicode.Scalar($0 as UInt32) }
    let unwanted = scalars.filter { $0.properties.isBidiControl } + ["\u{2028}", "\u{2029}"]
    #expect(unwanted.count == 14)
    for scalar in unwanted {
      let escape = "\\u{\(String(scalar.value, radix: 16))}"
      #expect(PrintableText.escape("a\(scalar)b") == "a\(escape)b")
      #expect(render("a\(scalar)b", SourceRange(0, 1)).dropFirst().first == "a\u{FFFD}b", "\(escape)")
    }
  }

  @Test func longLinesAreCutAroundTheRange() {
    let text = String(repeating: "a", count: 100_000) + "XYZ" + String(repeating: "b", count: 100_000)
    let lines = render(text, SourceRange(100_000, 100_003))
    #expect(lines.count == 3)
    #expect(lines[1].count <= ConsoleRenderer.lineColumnsMax + 2)
    #expect(lines[2] == String(repeating: " ", count: 41) + "^^^")
    #expect(Array(lines[1])[41..<44] == ["X", "Y", "Z"])
    let whole = render(text, SourceRange(0, 200_003))
    #expect(whole[1].count <= ConsoleRenderer.lineColumnsMax + 2 && whole[2].count <= ConsoleRenderer.lineColumnsMax)
  }

  @Test func longMessagesAreCut() {
    let source = SourceFile(path: "m", bytes: [])
    let diagnostic = Diagnostic(id: "a/b", message: String(repeating: "é", count: 1_000_000), range: nil)
    #expect(ConsoleRenderer(source: source).render(diagnostic).count < 700)
  }

  @Test func placesAtTheEdges() {
    #expect(render("", SourceRange(0, 0)) == ["m.yaml:1:1: error: it is wrong [a/b]"])
    #expect(render("a\n", SourceRange(2, 2)) == ["m.yaml:2:1: error: it is wrong [a/b]"])
    #expect(render("a", nil) == ["m.yaml: error: it is wrong [a/b]"])
    #expect(render("\u{FEFF}ab", SourceRange(4, 5)).first == "m.yaml:1:2: error: it is wrong [a/b]")
  }
}

struct SpellingTests {
  @Test(arguments: [
    ("lables", "labels"), ("hlep", "help"), ("LABELS", "labels"), ("label", "labels"), ("zzz", nil), ("", nil),
    ("buckts", "buckets"),
  ])
  func closest(text: String, expected: String?) {
    #expect(Spelling.closest(to: text, among: ["help", "values", "labels", "buckets"]) == expected)
  }
}
