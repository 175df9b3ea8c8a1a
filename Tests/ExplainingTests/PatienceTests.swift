import Explaining
import Ingest
import LogStations
import MetricCatalog
import MetricRegistry
import Tailing
import Testing

/// A field that comes once an epoch is not missed at the first step.
struct PatienceTests {
  @Test(arguments: [
    // What is measured later is waited for, a name that is almost there is not.
    ("eval_loss", false, [] as [String]), ("eval_loss", true, ["eval_loss"]), ("train_lss", false, ["train_lss"]),
  ])
  func aFieldMayYetCome(field: String, isWhole: Bool, missed: [String]) throws {
    let catalog = try #require(
      CatalogLoader.load(
        bytes: Array(
          """
          version: 1
          metrics: { loss: { type: gauge, help: Loss }, other: { type: gauge, help: Other } }
          watchers:
            w: { files: log, format: jsonl, fields: { train_loss: loss, \(field): other } }
          """.utf8
        ),
        path: "metrics.yaml"
      ).catalog
    )
    let registry = Registry(metrics: catalog.metrics)
    let ingest = LogIngest(catalog: catalog, registry: registry)
    let status = FileStatus(device: 1, inode: 1, size: 100, modified: 1, changed: 1)
    let file = LogFile(watcher: 0, path: "log", captures: [:], status: status)
    let log = try #require(LogDissection(file, ingest))
    let lines = Array("{\"train_loss\": 1}\n{\"train_loss\": 2}\n".utf8)
    #expect(lines.withUnsafeBytes { log.read($0, isClosed: false, shownMax: 0) }.records == 2)
    let view = WatcherView(
      watcher: catalog.watchers[0],
      sight: ingest.sights[0],
      records: ingest.counters[0],
      files: 1,
      isWhole: isWhole,
      isAtRest: true,
      missing: { [] }
    )
    #expect(view.findings().compactMap(\.field) == missed)
  }
}
