import Explaining
import Foundation
import Testing

/// docs/not-appearing.md has a heading for each kind of finding, which messages name.
struct FindingPageTests {
  @Test func eachKindHasItsHeading() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/not-appearing.md"), encoding: .utf8)
    let headings = page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) }
    #expect(Set(headings) == Set(Finding.Kind.allCases.map(\.rawValue)))
  }
}
