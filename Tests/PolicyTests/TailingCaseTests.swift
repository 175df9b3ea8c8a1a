import Foundation
import Testing

/// `docs/tailing-cases.md` has every case, and what shows each exists.
struct TailingCaseTests {
  struct Case {
    var number: String
    /// Between the bars: the number, what happens, what is done, and what shows it.
    var cells: [String]

    var shownBy: String { cells[3] }
    var tests: [String] { shownBy.matches(of: /`([^`]+)`/).map { String($0.1) } }
  }

  private func cases() throws -> [Case] {
    try SourceTree.text("docs/tailing-cases.md").split(separator: "\n").filter { $0.hasPrefix("| T") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return Case(number: cells.first ?? "", cells: cells)
    }
  }

  @Test func everyCaseHasItsLine() throws {
    let cases = try cases()
    #expect(cases.map(\.number) == (1...100).map { "T" + String(repeating: "0", count: $0 < 10 ? 1 : 0) + "\($0)" })
    for one in cases {
      #expect(one.cells.count == 4 && one.cells.allSatisfy { !$0.isEmpty }, "\(one.number)")
      #expect(!one.tests.isEmpty || one.shownBy.hasPrefix("none: "), "\(one.number)")
    }
  }

  @Test func everyTestThatIsNamedExists() throws {
    let known = try Self.tests()
    #expect(known.count > 50)
    for one in try cases() {
      for test in one.tests { #expect(known.contains(test), "\(one.number): \(test)") }
    }
  }

  /// Suites and their test functions, as `Suite/function`, and scenes, as `folder/file/title`.
  private static func tests() throws -> Set<String> {
    var tests: Set<String> = []
    for path in try SourceTree.paths(below: "Tests") where path.hasSuffix("Tests.swift") {
      let text = try SourceTree.text(path)
      let suite = path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
      guard text.contains("struct \(suite)") || text.contains("class \(suite)") else { continue }
      for match in text.matches(of: /\bfunc (\w+)\(/) { tests.insert("\(suite)/\(match.1)") }
    }
    for path in try SourceTree.paths(below: "Tests/Scripts") where path.hasSuffix(".txt") {
      let name = path.dropFirst("Tests/Scripts/".count).dropLast(".txt".count)
      for match in try SourceTree.text(path).matches(of: /(?m)^== (.+)$/) { tests.insert("\(name)/\(match.1)") }
    }
    return tests
  }
}
