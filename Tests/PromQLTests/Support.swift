import Foundation
import PromQL

/// The data of Prometheus's own tests, which is no part of this project: about half of its queries.
///
/// It is looked for beside the folders that this one lies in. Where it is not, the tests that judge by it pass.
enum PrometheusCases {
  /// The queries of a file such as `good`; nil where the data is not there.
  static func queries(_ name: String) throws -> [String]? {
    guard let folder else { return nil }
    return try JSONDecoder().decode([String].self, from: Data(contentsOf: folder.appending(path: name + ".json")))
  }

  static let folder: URL? = {
    var folder = URL(filePath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let data = folder.appending(path: "shared/promql")
      if FileManager.default.fileExists(atPath: data.appending(path: "good.json").path) { return data }
    }
    return nil
  }()
}

/// The error that a query has; nil if it has none.
func fault(_ query: String, _ variables: Parser.Variables = .none) -> PromQLError? {
  do throws(PromQLError) {
    _ = try Parser.parse(query, variables: variables)
    return nil
  } catch {
    return error
  }
}
