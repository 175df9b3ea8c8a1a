import Diagnostics
import Testing
import YAMLSyntax

struct YAMLDocumentTests {
  private func parse(_ text: String) -> YAMLDocument {
    YAMLDocument.parse(SourceFile(path: "a.yaml", bytes: Array(text.utf8)))
  }

  /// `line:column-line:column` of a range.
  private func place(_ range: SourceRange?, in text: String) -> String {
    let source = SourceFile(path: "a.yaml", bytes: Array(text.utf8))
    guard let range else { return "none" }
    let (start, end) = (source.position(ofByte: range.start), source.position(ofByte: range.end))
    return "\(start.line):\(start.column)-\(end.line):\(end.column)"
  }

  private func entries(_ node: YAMLNode?) -> [YAMLMapping.Entry] {
    guard case .mapping(let mapping) = node?.content else { return [] }
    return mapping.entries
  }

  @Test func rangesOfKeysAndValues() throws {
    let text =
      "\u{FEFF}# größe\r\nnäme: \"wért\"\r\nlist:\r\n  - a b   # c\r\n  - { k: 'v' }\r\nnone:\r\nlast: |\r\n  x\r\n"
    let document = parse(text)
    #expect(document.diagnostics.isEmpty)
    let top = entries(document.root)
    #expect(top.map(\.key.text) == ["näme", "list", "none", "last"])
    #expect(top.map { place($0.key.range, in: text) } == ["2:1-2:5", "3:1-3:5", "6:1-6:5", "7:1-7:5"])
    #expect(place(top[0].value.range, in: text) == "2:7-2:13")
    #expect(place(top[0].value.scalar?.range(of: 1..<3), in: text) == "2:9-2:10")
    #expect(place(top[1].value.range, in: text) == "4:3-5:15")
    #expect(top[2].value.scalar?.isNull == true)
    #expect(top[3].value.scalar?.text == "x\n")
    guard case .sequence(let items) = top[1].value.content else { throw Unexpected() }
    #expect(place(items[0].range, in: text) == "4:5-4:8")
    #expect(place(items[1].range, in: text) == "5:5-5:15")
    #expect(entries(items[1]).first?.value.scalar?.style == .quoted)
  }

  struct Unexpected: Error {}

  @Test(
    arguments: [
      ("7", 7, 7.0), ("-0x1", nil, nil), ("0x1F", 31, 31), ("0o17", 15, 15), ("012", 12, 12), ("1_000", nil, nil),
      ("+5", 5, 5), (".5", nil, 0.5), ("-.5e1", nil, -5), ("1.", nil, 1), ("1e3", nil, 1000), (".inf", nil, .infinity),
      ("inf", nil, nil), ("nan", nil, nil), ("1.2.3", nil, nil), ("99999999999999999999", nil, 1e20),
      ("0x-5", nil, nil),
      ("5.e1", nil, 50), ("1e", nil, nil), ("2026-01-01", nil, nil),
    ] as [(String, Int?, Double?)]
  )
  func coreRulesForNumbers(text: String, int: Int?, double: Double?) throws {
    let scalar = try #require(entries(parse("a: \(text)").root).first?.value.scalar)
    #expect(scalar.int == int)
    #expect(scalar.double == double)
    #expect(entries(parse("a: '\(text)'").root).first?.value.scalar?.double == nil)
  }

  @Test func onlyTrueAndFalseAreBooleans() {
    let scalars = entries(parse("{a: true, b: no, c: on, d: False, e: 'true', f: ~, g: NO}").root)
    #expect(scalars.map(\.value.scalar?.bool) == [true, nil, nil, false, nil, nil, nil])
    #expect(scalars.map(\.value.scalar?.isNull) == [false, false, false, false, false, true, false])
  }

  /// What is collected, with its place.
  @Test(arguments: [
    ("a: 1\nb: 2\na: 3", "yaml/duplicate-key", "3:1-3:2"),
    ("a: !!binary x", "yaml/tag", "1:4-1:12"),
    ("a: !x [1]", "yaml/tag", "1:4-1:6"),
    ("a: &x {k: 1}\nb:\n  <<: *x\n  c: 1", "yaml/merge-key", "3:3-3:5"),
    ("{run}: 1", "yaml/key", "1:1-1:6"),
    ("? [a]\n: 1", "yaml/key", "1:3-1:6"),
  ])
  func collected(text: String, id: String, at expected: String) {
    let document = parse(text)
    #expect(document.diagnostics.map(\.id) == [id])
    #expect(place(document.diagnostics.first?.range, in: text) == expected)
    #expect(document.root != nil)
  }

  /// What stands alone, with its beginning.
  @Test(arguments: [
    ("a: [1, 2\nb: 3\n", "yaml/syntax", "2:2"), ("a:\n\tb: 1", "yaml/syntax", "2:1"), ("a: b: c", "yaml/syntax", "1:5"),
    ("a: \"x", "yaml/syntax", "1:4"), ("a: 1\n---\nb: 1", "yaml/documents", "2:1"), ("a: *x", "yaml/alias", "1:4"),
    ("&x [*x]", "yaml/alias", "1:5"), ("é: \u{1}", "yaml/control-character", "1:4"),
    ("a: \u{0}", "yaml/control-character", "1:4"), ("a: \u{85}\u{9B}", "yaml/control-character", "1:5"),
  ])
  func standsAlone(text: String, id: String, at expected: String) {
    let document = parse(text)
    #expect(document.root == nil)
    #expect(document.diagnostics.map(\.id) == [id])
    let at = place(document.diagnostics.first?.range, in: text)
    #expect(at.hasPrefix(expected + "-"))
  }

  @Test(
    arguments: [[0x61, 0x3A, 0x20, 0xE9], [0x61, 0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]]
  )
  func whatIsNotUTF8(bytes: [UInt8]) {
    let document = YAMLDocument.parse(SourceFile(path: "a", bytes: bytes))
    #expect(document.diagnostics.map(\.id) == ["yaml/encoding"])
  }

  @Test(arguments: [
    "a: { run: {run}-x }", "files: {task}/x.csv\nb: 1", "files: **/x.csv", "files: *.csv", "a: @x", "a: `x`", "a: %x",
    "{ train/{component}_loss: m }", "a: [x{y}]", "a: b: c",
  ])
  func quotesAreSuggested(text: String) {
    #expect(parse(text).diagnostics.map { $0.help?.contains("wants quotes") } == [true])
  }

  @Test func aStarIsMissedWhereItStands() {
    let text = "files: **/x.csv"
    let diagnostic = parse(text).diagnostics.first
    #expect(place(diagnostic?.range, in: text) == "1:8-1:9")
    #expect(diagnostic?.message.hasPrefix("a text cannot begin with `*`") == true)
  }

  @Test(arguments: ["a: [1, 2", "a: \"*\" b", "a: 'x{y}' }"])
  func quotesAreNotSuggested(text: String) {
    #expect(parse(text).diagnostics.map { $0.help } == [nil])
  }

  /// A file that would cost seconds or gigabytes without its limit.
  struct Hostile: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var id = "yaml/depth"
    var testDescription: String { name }
  }

  static let hostile = [
    Hostile(name: "[", text: String(repeating: "[", count: 200_000)),
    Hostile(name: "[ on lines", text: String(repeating: "[\n", count: 200_000)),
    Hostile(name: "{a:", text: String(repeating: "{a: ", count: 200_000)),
    Hostile(name: "-", text: String(repeating: "- ", count: 200_000)),
    Hostile(name: "?", text: String(repeating: "? ", count: 200_000)),
    Hostile(name: "2 MiB", text: String(repeating: "x", count: 2 << 20), id: "yaml/size"),
    Hostile(
      name: "alias bomb",
      text: "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + (1...9).map { n in
          "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 9).joined(separator: ", ") + "]\n"
        }.joined(),
      id: "yaml/nodes"
    ),
    Hostile(name: "alias tower", text: "a0: &a0 [x]\n" + (1...70).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()),
  ]

  @Test(arguments: hostile)
  func limits(file: Hostile) {
    let start = ContinuousClock.now
    let document = parse(file.text)
    #expect(document.diagnostics.map(\.id) == [file.id])
    #expect(document.root == nil)
    #expect(ContinuousClock.now - start < .seconds(2))
  }
}
