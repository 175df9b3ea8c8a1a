import Collectors
import Diagnostics
import Foundation
import MetricCatalog
import Testing

@testable import Queries

/// The dashboards and alerts of ceph that Debian has as packages: others' work, of some age, and in use.
enum CephFiles {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Ceph")
  private static let installed = ["/etc/grafana/dashboards/ceph-dashboard", "/etc/prometheus/ceph"]
  static let areThere = installed.allSatisfy { FileManager.default.fileExists(atPath: $0) }

  /// The files, by their names alone.
  private static let sources: [SourceFile] = installed.flatMap { folder in
    QueryPaths.paths(of: folder, endings: [".json", ".yml"]).compactMap { path in
      guard let data = FileManager.default.contents(atPath: path) else { return nil }
      return SourceFile(path: String(path.split(separator: "/").last ?? ""), bytes: Array(data))
    }
  }

  /// Rules of the kinds that these files have nothing of.
  static let more = SourceFile(
    path: "more.yml",
    bytes: Array(FileManager.default.contents(atPath: folder.appending(path: "more.yml").path) ?? Data())
  )

  /// What the files ask for. Other programs have other customs than a catalog allows: names are put right here.
  static let catalogs: [Catalog] = ["ceph", "health", "node", "counters", "more"].compactMap { name in
    let path = folder.appending(path: name + ".yaml").path
    let loading = CatalogLoader.load(bytes: Array(FileManager.default.contents(atPath: path) ?? Data()), path: path)
    guard var catalog = loading.catalog else { return nil }
    for index in catalog.metrics.indices {
      let metric = catalog.metrics[index].name
      if name == "counters" { catalog.metrics[index].name = String(metric.dropLast("_total".count)) }
      if metric == "ceph_pg_all" { catalog.metrics[index].name = "ceph_pg_total" }
      if metric == "ceph_pool_percent_used" { catalog.metrics[index].unit = "ratio" }
    }
    return catalog
  }

  /// `cluster` is what Prometheus adds where there are several.
  private static let setting = QueryChecks.Setting(targetLabels: ["cluster"])

  static let all = CheckedFiles(sources: sources, catalogs: catalogs, setting: setting)
}

/// Files with queries, and the catalogs that they are held against.
struct CheckedFiles {
  var sources: [SourceFile]
  var catalogs: [Catalog]
  var setting = QueryChecks.Setting()

  /// What is told of some files together, a list for each.
  func told(_ sources: [SourceFile]) -> [[Diagnostic]] {
    QueryChecks.check(sources.map { QueryFile($0) }, against: catalogs, setting).files.map(\.diagnostics)
  }
}

extension CheckedFiles {
  /// The dashboard and the rules that are made of a catalog of the project.
  init(generatedFor catalog: String) throws {
    let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func file(_ path: String) throws -> SourceFile {
      SourceFile(path: path, bytes: Array(try Data(contentsOf: project.appending(path: path))))
    }
    let folder = catalog.split(separator: "/").dropLast().joined(separator: "/")
    let paths =
      folder.isEmpty
      ? ["deploy/prometheus/rules.yml", "deploy/grafana/dashboard.json"]
      : ["\(folder)/rules.yml", "\(folder)/dashboard.json"]
    let loading = CatalogLoader.load(bytes: try file(catalog).bytes, path: catalog, collectors: Collectors.descriptors)
    self.init(sources: try paths.map(file), catalogs: [try #require(loading.catalog)])
  }
}

struct CephFilesTests {
  @Test(.enabled(if: CephFiles.areThere, "ceph-grafana-dashboards and ceph-prometheus-alerts are not installed"))
  func ofOthersFilesOnlyWhatIsWrongIsTold() throws {
    #expect(CephFiles.catalogs.count == 5)
    let told = zip(CephFiles.all.sources, CephFiles.all.told(CephFiles.all.sources)).flatMap { source, diagnostics in
      diagnostics.map { diagnostic in
        let message = diagnostic.message.prefix { $0 != "," }
        return "\(source.path): \(message)"
      }
    }
    #expect(
      told == [
        // The name lacks `node_`: bonds are counted with the interfaces that they are made of.
        "hosts-overview.json: panel `Network Load`: there is no metric `bonding_slaves`",
        "hosts-overview.json: panel `Network Load`: there is no metric `bonding_slaves`",
        "hosts-overview.json: panel `Network Load - Top 10 Hosts`: there is no metric `bonding_slaves`",
        // Whether a daemon is up is 1 or 0: `changes` would say how often that changes.
        "ceph_default_alerts.yml: alert `CephOSDFlapping`: `rate` is for counters",
      ]
    )
    #expect(CephFiles.all.told([CephFiles.more])[0] == [])
  }
}
