import Curves
import LogStations
import MetricCatalog
import Testing

@testable import Ingest

/// What curves are made of a log: which fields, which values, and where they stand.
@Suite struct LogCurvesTests {
  private static let head = """
    version: 1
    labels: { run: { max_values: 10 }, tag: { max_values: 10 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      step_seconds: { type: histogram, help: h, labels: [run], buckets: [1] }
      rate_ratio: { type: gauge, help: h, labels: [run] }
      by_tag: { type: gauge, help: h, labels: [run, tag] }
      state: { type: stateset, help: h, labels: [run], states: [a, b] }
      rows_total: { type: counter, help: h, labels: [run] }
    watchers:
      logs:
        files: "{run}/log"

    """

  private func curves(_ watcher: String) throws -> LogCurves {
    let lines = watcher.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    let loading = CatalogLoader.load(bytes: Array((Self.head + lines).utf8), path: "metrics.yaml")
    let catalog = try #require(loading.catalog, "\(loading.diagnostics.map(\.message))")
    return try #require(CurvePlans(catalog).curves(watcher: 0, path: "", captures: ["run": "a"]))
  }

  private func read(_ text: String, _ curves: LogCurves, isClosed: Bool = false) -> Int {
    Array(text.utf8).withUnsafeBytes { curves.read($0, isClosed: isClosed) }
  }

  private func shown(_ found: LogCurves.Found) -> String {
    let points = found.curve.points(atMost: 100)
    func list(_ name: String, _ numbers: [Double]) -> String {
      numbers.isEmpty ? "" : " \(name)=" + numbers.map { $0.isNaN ? "-" : "\($0)" }.joined(separator: ",")
    }
    let labels = found.labels.isEmpty ? "" : "{" + found.labels.map { "\($0.name)=\($0.value)" }.joined() + "}"
    return found.field + labels + " metric=\(found.metric.map(String.init) ?? "-")" + list("value", points.values)
      + list("record", points.records.map(Double.init)) + list("step", points.steps) + list("epoch", points.epochs)
      + list("time", points.times)
  }

  @Test func eachNumberThatFeedsAMetricIsDrawn() throws {
    let curves = try curves(
      """
      format: csv
      each_record: rows_total
      run: { score: score }
      fields:
        "train/loss": loss
        seconds: { metric: step_seconds, scale: 0.001 }
        other: { metric: rate_ratio, from: time }
        state: state
      """
    )
    let text =
      "epoch,step,train/loss,seconds,score,other,state,unknown\n1,10,0.5,1500,,1,a,7\n1,20,nan,x,0.7,1,b,7\n2,30,0.25,2000"
    let consumed = read(text, curves)
    #expect(consumed == text.utf8.count - "2,30,0.25,2000".utf8.count)
    #expect(
      curves.all.map(shown) == [
        "train/loss metric=0 value=0.5,- record=1.0,2.0 step=10.0,20.0 epoch=1.0,1.0",
        "seconds metric=1 value=1.5 record=1.0 step=10.0 epoch=1.0",
        "score metric=- value=0.7 record=2.0 step=20.0 epoch=1.0",
      ]
    )
    #expect(curves.all[0].curve.nonFinite == 1)
    #expect(read("2,30,0.25,2000,,,,\n", curves) == 19 && curves.recordCount == 3)
    #expect(shown(curves.all[1]) == "seconds metric=1 value=1.5,2.0 record=1.0,3.0 step=10.0,30.0 epoch=1.0,2.0")
  }

  /// What a last line without its end says is shown, and not kept: it may go on.
  @Test func aLastLineWithoutItsEndIsShownAndNotKept() throws {
    let curves = try curves("format: jsonl\nrun: {}\nfields: { loss: loss, more: rate_ratio }")
    let text = #"{"loss": 1}"# + "\n"
    #expect(read(text, curves) == text.utf8.count)
    for _ in 0..<2 {
      let all = Array(#"{"loss": 2, "more": 3}"#.utf8).withUnsafeBytes { curves.withEnd($0) }
      #expect(all.map(shown) == ["loss metric=0 value=1.0,2.0 record=1.0,2.0", "more metric=2 value=3.0 record=2.0"])
      #expect(curves.all.map(shown) == ["loss metric=0 value=1.0 record=1.0"] && curves.recordCount == 1)
    }
    _ = read(#"{"more": 5, "loss": 4, "step": 7}"# + "\n", curves)
    #expect(
      curves.all.map(shown) == [
        "loss metric=0 value=1.0,4.0 record=1.0,2.0 step=-,7.0", "more metric=2 value=5.0 record=2.0 step=7.0",
      ]
    )
  }

  /// Where the record says the labels, each set of them is a curve of its own.
  @Test func labelsOfRecordsPartCurves() throws {
    let curves = try curves(
      """
      format: jsonl
      run: { time: at }
      where: { kind: scalar }
      na_values: ["-1"]
      fields: { value: { metric: by_tag, labels: { tag: "{.name}" } } }
      """
    )
    _ = read(
      """
      {"kind": "scalar", "name": "a", "value": 1, "at": "2026-11-29T22:04:05Z", "global_step": 3}
      {"kind": "scalar", "name": "<b>", "value": "2", "at": 1795993445.5}
      {"kind": "text", "name": "a", "value": 3, "global_step": 100}
      {"kind": "scalar", "name": "a", "value": -1}
      {"kind": "scalar", "name": "a", "value": [4], "global_step": 5, "step": 4}
      {"kind": "scalar", "name": "a", "value": 5}

      """,
      curves
    )
    #expect(
      curves.all.map(shown) == [
        "value{tag=a} metric=3 value=1.0,5.0 record=1.0,6.0 step=3.0,4.0 time=1795989845.0,-",
        "value{tag=<b>} metric=3 value=2.0 record=2.0 step=3.0 time=1795993445.5",
      ]
    )
  }

  @Test func durationsAndWordsAreReadAsMetricsReadThem() throws {
    let curves = try curves(
      """
      format: text
      run: {}
      lines: ["epoch {epoch}", "took {seconds}, loss {loss}"]
      decimal: ","
      fields: { seconds: step_seconds, loss: loss }
      """
    )
    _ = read("epoch 3\ntook 1:30, loss 0,5\nnonsense\ntook 2 min, loss 1.000,5\n", curves)
    #expect(
      curves.all.map(shown) == [
        "seconds metric=1 value=90.0,120.0 record=2.0,3.0 epoch=3.0,3.0",
        "loss metric=0 value=0.5,1000.5 record=2.0,3.0 epoch=3.0,3.0",
      ]
    )
  }

  @Test func theRecordsOfADocumentAreDrawn() throws {
    let curves = try curves("format: json\nrecords: history\nrun: {}\nfields: { loss: loss }")
    #expect(curves.documentBytesMax != nil)
    Array(#"{"history": [{"step": 1, "loss": 3}, {"step": 2, "loss": 2}]}"#.utf8).withUnsafeBytes {
      curves.readDocument($0)
    }
    #expect(curves.all.map(shown) == ["loss metric=0 value=3.0,2.0 record=1.0,2.0 step=1.0,2.0"])
  }

  @Test func thereAreOnlySoManyCurves() throws {
    let curves = try curves(
      "format: jsonl\nrun: {}\nfields: { \"{tag}/x\": { metric: by_tag, labels: { tag: \"{tag}\" } } }"
    )
    for number in 0..<600 { _ = read(#"{"t\#(number)/x": 1}"# + "\n", curves) }
    #expect(curves.all.count == LogCurves.curvesMax && curves.leavesOut)
    #expect(curves.byteCount < 2 << 20)
  }

  private static let formats = [
    "format: csv", "format: csv\nseparator: blanks", "format: csv\ndecimal: \",\"\nseparator: \";\"", "format: jsonl",
    "format: pydict", "format: text\npairs: \"{key}: {value}\"",
    "format: text\nlines: [\"epoch {epoch} loss {loss}\", \"{tag}: {loss}\"]",
  ]

  /// Whatever a log says, however it is cut, and however often its last line is looked at: its curves are the same.
  @Test(arguments: formats) func noCutMakesADifference(format: String) throws {
    var random = SplitMix(state: UInt64(format.utf8.count))
    let words = [
      "epoch", "loss", "step", "tag", "x/y", "1", "-2.5", "1e400", "nan", "inf", "0,5", "1:30", "2 min", "", " ", ",",
      ";",
      ":", ": ", "{", "}", "\"", "'", "[", "]", "\n", "\n", "\n", "\r\n", "\r", "\0", "\u{2028}", "é", "\t", "null",
      "None",
      "{\"loss\": 1, \"step\": 2}\n", "{'loss': 1, 'epoch': 0.5}\n", "epoch,loss,tag\n", "1,2,a\n",
      "epoch;loss\n1;2,5\n",
      "loss: 3, tag: a\n", "epoch 1 loss 2\n",
    ]
    let (isOfLines, isOfTable) = (format.contains("lines:"), format.contains("csv"))
    let watcher = """
      \(format)
      run: { \(isOfLines ? "" : "time: at, ")loss: loss }
      where: { \(isOfLines ? "tag" : "skip"): absent }
      na_values: ["-2.5"]
      fields:
        loss: { metric: by_tag, labels: { tag: "{.\(isOfLines ? "epoch" : "tag")}" }, scale: 2 }
        \(isOfLines ? "epoch" : "x"): step_seconds
        \(isOfLines ? "" : "\"{tag}/y\": by_tag")
      """
    for _ in 0..<200 {
      var log = ""
      for _ in 0..<Int.random(in: 0...40, using: &random) { log += words.randomElement(using: &random) ?? "" }
      // A quote that stands open is another matter.
      if isOfTable { log.removeAll { $0 == "\"" } }
      let bytes = Array(log.utf8)
      let whole = try curves(watcher)
      let consumed = bytes.withUnsafeBytes { whole.read($0) }
      let cut = try curves(watcher)
      var (start, end) = (0, 0)
      while end < bytes.count {
        end = min(bytes.count, end + Int.random(in: 1...20, using: &random))
        start += Array(bytes[start..<end]).withUnsafeBytes { cut.read($0) }
        if Bool.random(using: &random) { _ = Array(bytes[start..<end]).withUnsafeBytes { cut.withEnd($0) } }
      }
      #expect(start == consumed && cut.recordCount == whole.recordCount, "\(log.debugDescription)")
      #expect(cut.all.map(shown) == whole.all.map(shown), "\(log.debugDescription)")
      #expect(bytes[consumed...].withUnsafeBytes { cut.withEnd($0).count } >= whole.all.count)
    }
  }

  /// Of a log whose beginning is passed by, the header is known.
  @Test func theEndOfATableIsRead() throws {
    let curves = try curves("format: csv\nrun: {}\nfields: { loss: loss }")
    Array("epoch,loss\n1,1\n2,2\n".utf8).withUnsafeBytes { curves.learn($0) }
    #expect(curves.all.isEmpty)
    _ = read("8,8\n9,9\n", curves)
    #expect(curves.all.map(shown) == ["loss metric=0 value=8.0,9.0 record=1.0,2.0 epoch=8.0,9.0"])
  }

  @Test func logsWithoutFieldsHaveNoCurves() throws {
    let yaml = Self.head + "    format: csv\n    fields: { loss: loss }\n"
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml")
    let catalog = try #require(loading.catalog)
    #expect(CurvePlans(catalog).curves(watcher: 0, path: "", captures: ["run": "a"]) == nil)
  }
}
