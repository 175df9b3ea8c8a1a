import Explaining
import Foundation
import LogStations
import MetricCatalog
import Testing

/// `explain` names the mistakes that are put into catalogs and logs, and none where there is none.
struct MistakeTests {
  private static let seeds: [UInt64] = [20_261_129, 7, 41, 1_000_003]
  private static let casesEach = 100
  /// Of so many in a hundred the mistake is named.
  private static let namedMin = 95

  @Test(arguments: seeds)
  func mistakesAreNamedAndNothingElseIs(seed: UInt64) throws {
    var unnamed: [String] = []
    for number in 0..<Self.casesEach {
      var made = Mistaken(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
      let right = try findings(made)
      #expect(right == [], "seed \(seed), case \(number): nothing is wrong with\n\(made.catalog)\n\(made.log)")
      let mistake = made.addMistake()
      let found = try findings(made)
      let isNamed = found.contains { finding in
        finding.kind.rawValue == mistake.kind && (finding.message + (finding.help ?? "")).contains(mistake.clue)
      }
      if !isNamed {
        let said = found.map(\.line).joined(separator: "\n")
        unnamed.append("case \(number): \(mistake)\n\(made.catalog)\n\(made.log.prefix(300))\n\(said)")
      }
    }
    #expect(
      unnamed.count <= Self.casesEach - Self.namedMin,
      "\(unnamed.count) of them: \(unnamed.joined(separator: "\n---\n"))"
    )
  }

  private func findings(_ made: Mistaken) throws -> [Finding] {
    let folder = try LogFolder()
    try folder.write(made.log, to: "runs/a/log.txt")
    try folder.write(made.catalog, to: "metrics.yaml")
    let loading = CatalogLoader.load(path: folder.path("metrics.yaml"))
    let catalog = try #require(loading.catalog, "\(loading.diagnostics) \(made.catalog)")
    let explanation = LogExplainer(catalog: catalog, root: folder.path()).explain()
    #expect(explanation.strays.isEmpty)
    return explanation.watchers.flatMap(\.findings)
  }
}
