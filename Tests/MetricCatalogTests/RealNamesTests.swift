import Foundation
import MetricCatalog
import Testing

struct RealNamesTests {
  /// Names that promtool calls clean are clean here, and those that it calls wrong are wrong here.
  @Test func namesOfRealExportersAreJudgedAsPromtoolJudgesThem() throws {
    let lines = try fixture("real-names.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count > 300)
    for line in lines {
      let parts = line.split(separator: ": ", maxSplits: 1)
      let words = parts[0].split(separator: " ")
      let name = words[0]
      // An info is exposed as a gauge, and what has no type is one.
      let type = name.hasSuffix("_info") ? "info" : words[1] == "untyped" ? "gauge" : words[1]
      let loading = load("version: 1\nmetrics: { \(name): { type: \(type), help: h } }")
      let told = loading.diagnostics.filter { !["metric/reserved-name", "metric/reserved-prefix"].contains($0.id) }
      #expect(told.isEmpty == (parts[1] == "clean"), "\(line)\n\(render(loading))")
    }
  }
}
