import Diagnostics
import Foundation
import Testing

/// What `Tests/Scripts/command-line/formats.txt` cannot show: notes, places in other files, and places of several lines.
struct FormatTests {
  private static let old = SourceFile(path: "old.yaml", bytes: Array("loss:\n  x\n".utf8))
  private static let new = SourceFile(path: "new, 1.yaml", bytes: Array("a: 1\nloss:\n  y\n\nb: 2\n".utf8))
  private static let file = FileDiagnostics(
    source: new,
    diagnostics: [
      Diagnostic(
        id: "diff/renamed",
        severity: .note,
        message: "`loss` says\r\n50%",
        range: SourceRange(5, 16),
        related: [.init(source: old, range: SourceRange(0, 4), note: "it was here")]
      )
    ]
  )
  private static let setting = DiagnosticSetting(
    version: "1",
    directory: RepositoryPaths(workingDirectory: "/a/b") { $0 == "/a/.git" || $0.hasSuffix(".yaml") }
  )

  private func text(_ format: String) throws -> String {
    try #require(DiagnosticFormats.all.first { $0.name == format }).text([Self.file], Self.setting)
  }

  @Test func aPlaceOfSeveralLinesHasNoColumnsForGitHub() throws {
    #expect(
      try text("github") == """
        ::notice file=b/new%2C 1.yaml,line=2,endLine=3,title=diff/renamed::new, 1.yaml:2:1: `loss` says\\r\\n50%25%0A\
        note: old.yaml:1:1: it was here

        """
    )
  }

  @Test func aPlaceInAnotherFileHasItsPath() throws {
    let json = try text("json")
    #expect(json.contains(#""notes": 1,"#) && json.contains(#""files": ["new, 1.yaml"]"#))
    #expect(json.contains("\"file\": \"old.yaml\",\n          \"range\": {\n            \"start\": {\n"))
    #expect(json.contains(#""message": "`loss` says\r\n50%","#))
    let sarif = try text("sarif")
    #expect(sarif.contains(#""uri": "b/new%2C%201.yaml","#) && sarif.contains(#""uri": "b/old.yaml","#))
    #expect(sarif.contains(#""level": "note""#))
    #expect(try text("gitlab").contains(#""severity": "info""#))
  }

  @Test func everyDocumentIsJSONAndNamesAreTold() throws {
    for format in DiagnosticFormats.all where ["gitlab", "json", "sarif"].contains(format.name) {
      for files in [[], [Self.file]] {
        _ = try JSONSerialization.jsonObject(with: Data(format.text(files, Self.setting).utf8))
      }
    }
    #expect(Set(DiagnosticFormats.all.map(\.name)).count == DiagnosticFormats.all.count)
  }

  /// The same mistake on two lines that are the same is two, and stays the same two.
  @Test func fingerprintsTellEqualLinesApart() throws {
    func fingerprints(_ text: String) throws -> [String] {
      let source = SourceFile(path: "m.yaml", bytes: Array(text.utf8))
      let places = text.utf8.enumerated().filter { $0.element == UInt8(ascii: "x") }.map(\.offset)
      let diagnostics = places.map { Diagnostic(id: "a/b", message: "\($0)", range: SourceRange($0, $0 + 1)) }
      let format = try #require(DiagnosticFormats.all.first { $0.name == "gitlab" })
      let report = format.text([FileDiagnostics(source: source, diagnostics: diagnostics)], Self.setting)
      return report.matches(of: /"fingerprint": "(.*)"/).map { String($0.1) }
    }
    let all = try fingerprints("a: x\na: x\nb: x x\n")
    #expect(Set(all).count == 4)
    #expect(all[0].dropLast(2) == all[1].dropLast(2) && all[0].hasSuffix(":1") && all[1].hasSuffix(":2"))
    #expect(try fingerprints("# a\n\n  a: x\n\ta: x\r\n b: x x") == all)
  }

  @Test(arguments: [
    ("m.yaml", "b/m.yaml"), ("./c/../m.yaml", "b/m.yaml"), ("../m.yaml", "m.yaml"), ("/a/m.yaml", "m.yaml"),
    ("/c/m.yaml", "/c/m.yaml"), ("<stdin>", "<stdin>"), ("git:main:m", "git:main:m"), ("http://a/-/m", "http://a/-/m"),
  ])
  func aPathBeginsAtTheTopOfTheRepository(path: String, expected: String) {
    #expect(Self.setting.directory.path(of: path) == expected)
  }

  @Test func aPathWithoutARepositoryBeginsAtTheWorkingDirectory() {
    let paths = RepositoryPaths(workingDirectory: "/a/b") { $0.hasSuffix(".yaml") }
    #expect(paths.path(of: "/a/b/c/m.yaml") == "c/m.yaml")
    #expect(paths.path(of: "../m.yaml") == "/a/m.yaml")
  }
}

struct JSONTextTests {
  @Test func valuesAreWrittenAsJSONHasThem() throws {
    let value: JSON = [
      "z": 1, "a": [1, true, .null, .number(0.5), .number(3), .number(.infinity)], "left out": nil, "": [], "o": [:],
      "deep": [["\"\\\n\u{1}\u{7F}\u{2028}\u{FEFF}é😀": "x"]],
    ]
    #expect(
      value.text == #"""
        {
          "z": 1,
          "a": [1, true, null, 0.5, 3, null],
          "": [],
          "o": {},
          "deep": [
            {
              "\"\\\n\u0001\u007f\u2028\ufeffé😀": "x"
            }
          ]
        }

        """#
    )
    #expect(value.line.hasPrefix(#"{"z": 1, "a": [1, true, null, 0.5, 3, null], "": [], "o": {}, "deep": [{""#))
    for text in [value.text, value.line] { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) }
  }
}

struct StreamFileTests {
  @Test func nobodyIsWaitedForWithoutEnd() throws {
    let path = NSTemporaryDirectory() + "fifo-\(UUID().uuidString)"
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    #expect(StreamFile.isNamed(by: path))
    #expect(throws: RegularFile.Problem.silent(seconds: 0)) {
      try StreamFile.read(path: path, bytesMax: 10, silenceSecondsMax: 0)
    }
  }
}
