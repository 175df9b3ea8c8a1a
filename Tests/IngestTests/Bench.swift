import Exposition
import Ingest
import MetricCatalog
import MetricModel
import MetricRegistry
import Tailing
import Testing

/// A catalog with its registry and mapping, and logs that are fed by hand: what the tailer would do, without files.
final class Bench {
  let registry: Registry
  let ingest: LogIngest
  private let lines: Lines
  private var inode: UInt64 = 0

  init(_ yaml: String, documentsMax: Int? = nil) throws {
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml")
    let errors = loading.diagnostics.map(\.message)
    let catalog = try #require(loading.catalog, "\(errors)")
    registry = Registry(metrics: catalog.metrics, limits: catalog.limits.registry)
    let lines = Lines()
    self.lines = lines
    ingest = LogIngest(
      catalog: catalog,
      registry: registry,
      documentsMax: documentsMax,
      warn: { lines.all.append($0) }
    )
  }

  private final class Lines {
    var all: [String] = []
  }

  /// What people were told.
  var warnings: [String] { lines.all }

  /// The exposition's samples, without HELP and TYPE.
  var samples: [String] {
    String(decoding: ExpositionRenderer(registry).bytes(), as: UTF8.self)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  /// Refused samples, as `metric label reason count`.
  var rejections: [String] {
    registry.rejections().map {
      "\($0.rejection.metric) \($0.rejection.label) \($0.rejection.reason.rawValue) \($0.count)"
    }
  }

  func log(_ captures: [String: String] = ["run": "a"], watcher: Int = 0) -> Log {
    inode += 1
    let status = FileStatus(device: 1, inode: inode, size: 0, modified: 0, changed: 0)
    let file = LogFile(watcher: watcher, path: "runs/\(inode)", captures: captures, status: status)
    return Log(consumer: ingest.open(file), status: status)
  }

  /// One log, written by the test.
  final class Log {
    let consumer: any LogConsumer
    private let status: FileStatus
    private var unconsumed: [UInt8] = []

    init(consumer: any LogConsumer, status: FileStatus) {
      self.consumer = consumer
      self.status = status
    }

    func append(_ text: String, ending: LogEnding = .open) {
      append(bytes: Array(text.utf8), ending: ending)
    }

    func append(bytes: [UInt8], ending: LogEnding = .open) {
      unconsumed += bytes
      let consumed = unconsumed.withUnsafeBytes { consumer.consume($0, ending: ending) }
      unconsumed.removeFirst(consumed)
    }

    /// The whole file now says this.
    func rewrite(_ text: String) {
      restart()
      append(text)
      caughtUp()
    }

    func restart() {
      unconsumed.removeAll()
      consumer.handle(.restarted)
    }

    /// The file has another name now.
    func rename(_ captures: [String: String]) {
      consumer.handle(.moved(to: LogFile(watcher: 0, path: "renamed", captures: captures, status: status)))
    }

    func caughtUp() {
      consumer.handle(.caughtUp(status))
    }
  }
}
