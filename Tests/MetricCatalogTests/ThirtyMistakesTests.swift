import Diagnostics
import Foundation
import MetricCatalog
import Testing

struct ThirtyMistakesTests {
  /// Every marked line gives one diagnostic, no other line gives any, and each message is as it was last read by a
  /// person.
  @Test func thirtyMistakesInOneRun() throws {
    let text = try fixture("thirty-mistakes.yaml")
    let loading = load(text)
    let marked = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .filter { $0.element.contains("# <- ") }.map { $0.offset + 1 }
    let lines = loading.diagnostics.map { loading.source.position(ofByte: $0.range?.start ?? 0).line }
    #expect(marked.count == 30)
    #expect(lines == marked, "\(render(loading))")
    #expect(loading.catalog == nil)
    try expectGolden(render(loading), at: fixtures.appending(path: "thirty-mistakes.txt"))
  }
}
