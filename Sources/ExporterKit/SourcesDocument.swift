internal import Clocks
internal import Diagnostics
internal import Explaining
internal import Ingest
internal import LogFormats
internal import MetricCatalog
internal import Serving
internal import Tailing

/// What feeds metrics, how it goes and what is wrong with it, as JSON: `/api/v1/sources`. docs/api.md describes it.
struct SourcesDocument {
  static let path = "/api/v1/sources"

  let generation: Generation
  let ids: RunIDs
  let lineNumbers: LineNumbers
  /// The catalog's folder, as paths of logs begin.
  let root: String

  /// How long one waits for what the tailer's thread has to tell: it may have much to read.
  private static let patience: Duration = .seconds(1)

  /// - Parameter now: nanoseconds since 1970.
  func answer(at now: Int64) -> ServedDocument {
    let sightings = generation.reading.sightings(within: Self.patience)
    let runs = runs()
    let watchers: [JSON] = generation.catalog.watchers.indices.map { index in
      watcher(index, sightings?[index], runs)
    }
    let document: JSON = [
      "watchers": .array(watchers),
      "collectors": .array(generation.collecting.runners.map { collector($0.settings, $0.status()) }),
    ]
    let rest = Array(document.line.utf8.dropFirst()) + [UInt8(ascii: "\n")]
    return ServedDocument(opening: RunsDocument.opening(at: now), rest: rest)
  }

  private struct LogName: Hashable {
    var watcher: Int
    var path: String
  }

  /// The runs of logs.
  private func runs() -> [LogName: String] {
    var runs: [LogName: String] = [:]
    for (key, logs) in generation.reading.runLogs.all() {
      for log in logs.values { runs[LogName(watcher: log.watcher, path: log.path)] = ids.id(of: key) }
    }
    return runs
  }

  private func watcher(_ index: Int, _ sighting: LogReading.Sighting?, _ runs: [LogName: String]) -> JSON {
    let watcher = generation.catalog.watchers[index]
    let (records, tailing) = (generation.reading.records[index], generation.reading.tailing[index])
    let outcomes = RecordOutcome.allCases.map { JSON.Member("\($0)", .integer(records.count($0))) }
    let last = records.lastRecordNanoseconds
    let logs: [JSON]? = sighting?.files.map { file in
      [
        "file": .string(LogPaths.relative(file.path, to: root)), "size": .integer(file.status.size),
        "modified": RunsDocument.seconds(file.status.modified), "behind": .integer(file.bytesBehind),
        "run": runs[LogName(watcher: index, path: file.path)].map(JSON.string),
      ]
    }
    return [
      "name": .string(watcher.name), "format": .string(watcher.format.name),
      "patterns": .array(watcher.files.map { .string($0.source) }),
      "files": .integer(tailing.filesFollowed.load(ordering: .relaxed)),
      "bytes_read": .integer(tailing.bytesRead.load(ordering: .relaxed)),
      "bytes_behind": .integer(tailing.bytesBehind.load(ordering: .relaxed)),
      "last_record": last > 0 ? RunsDocument.seconds(Int64(last)) : nil,
      "records": .object(outcomes),
      "findings": sighting.map { sighting in .array(sighting.findings.map { finding($0, sighting.files) }) },
      "logs": logs.map(JSON.array),
    ]
  }

  /// Whether a place in a watcher's logs can be told by the number of a line.
  private func hasLines(_ watcher: String) -> Bool {
    generation.catalog.watchers.first { $0.name == watcher }.map { !LogFormats.isBinary($0.format) } ?? false
  }

  private func finding(_ finding: Finding, _ files: [FollowedFile]) -> JSON {
    var text = finding.message + (finding.help.map { "; \($0)" } ?? "")
    var line: Int?
    let file = finding.file.map { LogPaths.relative($0, to: root) }
    if let path = finding.file, let file {
      if let bad = finding.text, hasLines(finding.watcher), let followed = files.first(where: { $0.path == path }) {
        line = lineNumbers.number(of: bad, in: followed)
      }
      text = text.replacing(path, with: file)
      if let line { text = "\(file):\(line): \(text)" }
    }
    return [
      "kind": .string(finding.kind.rawValue), "text": .string(text),
      "file": file.map(JSON.string), "line": line.map(JSON.integer),
      "field": finding.field.map(JSON.string), "metric": finding.metric.map(JSON.string),
    ]
  }

  private func collector(_ settings: Catalog.Collector, _ status: CollectorRunner.Status) -> JSON {
    [
      "name": .string(settings.name), "interval": .number(Double(settings.interval.wholeNanoseconds) / 1e9),
      "last": status.last.map { .string($0.rawValue) },
      "last_success": status.lastSuccess.map(RunsDocument.seconds),
      "duration": status.duration.map { .number(Double($0.wholeNanoseconds) / 1e9) },
      "problems": .array(status.problems.prefix(20).map { .string($0) }),
    ]
  }
}
