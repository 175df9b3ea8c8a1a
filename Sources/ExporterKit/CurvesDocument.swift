internal import Curves
internal import Diagnostics
internal import Ingest
internal import MetricCatalog
internal import Runs
internal import Serving

/// The curves of runs, as JSON: `/api/v1/curves`. docs/api.md describes it.
struct CurvesDocument {
  static let path = "/api/v1/curves"

  private static let runsMax = 20
  /// Logs of one run.
  private static let logsMax = 50
  private static let pointsRange = 2...2000
  private static let pointsByDefault = 500
  /// Points of all curves.
  private static let pointsMax = 500_000
  /// Before a curve is written: labels may be long.
  private static let bytesMax = 32 << 20

  let catalog: Catalog
  let runLogs: RunLogs
  let board: RunBoard
  let ids: RunIDs
  let reader: CurveReader
  /// The catalog's folder, as paths of logs begin.
  let root: String

  private struct LeftOut {
    var run: String
    var file: String?
    var why: String
    /// Whether it will be there in a moment.
    var isUnread = false
  }

  /// - Parameter now: nanoseconds since 1970.
  func answer(_ request: DocumentRequest, at now: Int64) -> ServedDocument {
    let asked = request.values(of: "run").uniqued()
    let range = Self.pointsRange
    let points = request.values(of: "points").last.map { Int($0) } ?? Self.pointsByDefault
    guard !asked.isEmpty else { return .badRequest("name a run: run=ID, with an ID of \(RunsDocument.path)") }
    guard asked.count <= Self.runsMax else { return .badRequest("more than \(Self.runsMax) runs") }
    guard let points, range.contains(points) else {
      return .badRequest("points is a number from \(range.lowerBound) to \(range.upperBound)")
    }
    let fields = Set(request.values(of: "field"))
    let known = Dictionary(board.all().map { (ids.id(of: $0.key), $0.key) }) { first, _ in first }
    var leftOut = asked.filter { known[$0] == nil }.map { LeftOut(run: $0, why: "there is no such run") }
    guard leftOut.count < asked.count else {
      return .notFound(
        "there is no run \(asked.joined(separator: ", ")): \(RunsDocument.path) has those that there are"
      )
    }
    var logs: [(run: String, log: RunLog)] = []
    for run in asked {
      guard let key = known[run] else { continue }
      let own = runLogs.logs(of: key)
      if own.isEmpty { leftOut.append(LeftOut(run: run, why: "it has no log, or that is gone")) }
      if own.count > Self.logsMax {
        leftOut.append(LeftOut(run: run, why: "it has \(own.count) logs: the newest \(Self.logsMax) are shown"))
      }
      logs += own.suffix(Self.logsMax).map { (run, $0) }
    }
    var text = JSONBytes()
    text.write("\"curves\": [")
    var written = Written()
    for ((run, log), reading) in zip(logs, reader.curves(of: logs.map(\.log))) {
      let file = LogPaths.relative(log.path, to: root)
      leftOut += reading.leavesOut.map {
        LeftOut(run: run, file: file, why: "\(file) \($0)", isUnread: reading.isUnread)
      }
      var full = 0
      for found in reading.curves where fields.isEmpty || fields.contains(found.field) {
        guard written.points + min(points, found.curve.total) <= Self.pointsMax, text.bytes.count < Self.bytesMax else {
          full += 1
          continue
        }
        write(found, run: run, file: file, points, &written, to: &text)
      }
      if full > 0 {
        let why = "\(full) of its curves have no room here: ask for fewer runs, fields or points"
        leftOut.append(LeftOut(run: run, file: file, why: why))
      }
    }
    text.write(written.curves == 0 ? "]" : "\n]")
    if !leftOut.isEmpty {
      let told: [JSON] = leftOut.map {
        [
          "run": .string($0.run), "file": $0.file.map(JSON.string), "why": .string($0.why),
          "again": $0.isUnread ? .boolean(true) : nil,
        ]
      }
      text.write(", \"left_out\": ")
      text.write(.array(told))
    }
    text.write("}\n")
    return ServedDocument(opening: RunsDocument.opening(at: now), rest: text.bytes)
  }

  private struct Written {
    var curves = 0
    var points = 0
  }

  private func write(
    _ found: LogCurves.Found,
    run: String,
    file: String,
    _ count: Int,
    _ written: inout Written,
    to text: inout JSONBytes
  ) {
    let points = found.curve.points(atMost: count)
    let labels = JSON.object(found.labels.map { JSON.Member($0.name, .string($0.value)) })
    let about: JSON = [
      "run": .string(run), "file": .string(file), "field": .string(found.field),
      "labels": found.labels.isEmpty ? nil : labels,
      "metric": found.metric.map { .string(catalog.metrics[$0].name) },
      "total": .integer(found.curve.total), "non_finite": .integer(found.curve.nonFinite),
    ]
    text.write(written.curves == 0 ? "\n" : ",\n")
    text.write(String(about.line.dropLast()))
    let columns = [
      ("record", points.records.map(Double.init)), ("step", points.steps), ("epoch", points.epochs),
      ("time", points.times), ("value", points.values),
    ]
    for (name, numbers) in columns where name == "value" || !numbers.isEmpty {
      text.write(", \"\(name)\": ")
      text.write(numbers)
    }
    text.write("}")
    written.curves += 1
    written.points += points.count
  }
}

extension Array where Element: Hashable {
  /// Each once, in the order of the first.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
