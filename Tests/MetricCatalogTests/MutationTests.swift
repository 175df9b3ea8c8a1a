import Diagnostics
import Foundation
import LogStations
import MetricCatalog
import Testing

struct MutationTests {
  private static let bits = [
    "{", "}", "[", "]", "\"", "'", ":", " ", "\n", "-", "#", "&a", "*a", "!", "..", "{a}", "é", "\u{0}", "\t", ".inf",
    "-1",
    "9223372036854775807", "-9223372036854775808", "1e308", ".nan", "null", "~", "<<: *a", "0x7fffffffffffffff",
  ]

  /// Whatever stands in the file, loading ends with diagnostics that lie inside it and can be printed.
  @Test func brokenCatalogsNeverTrap() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? UInt64.random(in: 0..<1_000_000)
    var random = SplitMix(state: seed)
    let texts = try ["every-key.yaml", "design.yaml", "thirty-mistakes.yaml"].map { Array(try fixture($0).utf8) }
    let rounds = Int(ProcessInfo.processInfo.environment["ROUNDS"] ?? "") ?? 300
    for round in 0..<rounds {
      var bytes = texts[round % texts.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(place + Int.random(in: 0...12, using: &random), bytes.count)
        let bit = Self.bits[Int.random(in: 0..<Self.bits.count, using: &random)]
        bytes.replaceSubrange(place..<end, with: Array(bit.utf8))
      }
      let loading = CatalogLoader.load(bytes: bytes, path: "metrics.yaml", collectors: offered)
      let hasError = loading.diagnostics.contains { $0.severity == .error }
      #expect((loading.catalog == nil) == hasError, "SEED=\(seed) round \(round)")
      let ranges = loading.diagnostics.compactMap(\.range) + loading.diagnostics.flatMap { $0.related.map(\.range) }
      #expect(ranges.allSatisfy { $0.end <= bytes.count }, "SEED=\(seed) round \(round)")
      let ids = Set(CatalogLoader.ruleIDs.map(\.name))
      #expect(loading.diagnostics.allSatisfy { ids.contains($0.id) }, "SEED=\(seed) round \(round)")
      let text = render(loading)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, "SEED=\(seed) round \(round)")
      if loading.catalog == nil { continue }
      let metrics = try #require(loading.catalog?.metrics)
      let targets = loading.catalog?.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) } ?? []
      #expect(targets.allSatisfy { $0.labels.count == metrics[$0.metric].labels.count && !$0.labels.contains(nil) })
    }
  }
}
