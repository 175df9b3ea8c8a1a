import Foundation
import LogStations
import MetricCatalog
import Testing

@testable import Proposals

/// Proposes catalogs for folders, as `init` does.
enum ProposalRunner {
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let shapes = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Shapes")

  /// The folders in a folder, by name.
  static func folders(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder.appending(path: name).path, isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
  }

  static func propose(_ folder: String) throws -> Proposal {
    try Proposal.make([LogSurvey.Root(location: folder, shown: "")], folder: folder, source: ".") { load($0) }
  }

  static func load(_ bytes: [UInt8]) -> CatalogLoading { CatalogLoader.load(bytes: bytes, path: "metrics.yaml") }

  /// Holds a proposal to what every one promises.
  static func check(_ proposal: Proposal, _ comment: Comment) {
    for watcher in proposal.catalog.watchers {
      let named = Set(watcher.fields.flatMap(\.names) + watcher.leftOut.map(\.field))
      for field in watcher.numericFields {
        #expect(
          named.contains(field) || named.contains(FieldFamily.withoutNumber(field)),
          "\(comment): \(watcher.name) is silent about \(field)"
        )
      }
      #expect(watcher.isSettings || !watcher.fields.isEmpty, comment)
    }
    for metric in proposal.catalog.metrics {
      #expect(
        !metric.help.isEmpty && metric.name.hasSuffix("_total") == (metric.kind == .counter),
        "\(comment): \(metric.name)"
      )
    }
    var loading = CatalogLoader.load(bytes: Array(proposal.text.utf8), path: "metrics.yaml")
    #expect(loading.checkBudget(collectors: []) != nil, comment)
    #expect(loading.diagnostics.filter { $0.severity != .note }.map(\.message) == [], comment)
  }
}
