import Ingest
import LogStations
import MetricRegistry
import StateStore
import Testing

/// Exemplars, native histograms and beginnings, from logs and across restarts.
@Suite struct ExemplarTests {
  private static func catalog(
    format: String = "csv",
    exemplar: String = "{ step: \"{.step}\", file: \"{run}-{.kind}\" }",
    native: String = "{ factor: 1.1, max_buckets: 6 }",
    created: String = "false"
  ) -> String {
    """
    version: 1
    labels: { run: { max_values: 10 } }
    metrics:
      rows_total: { type: counter, help: h, labels: [run], created: \(created) }
      time_total: { type: counter, help: h, labels: [run] }
      loss: { type: histogram, help: h, labels: [run], buckets: [1, 2], created: \(created) }
      size: { type: histogram, help: h, labels: [run], native: \(native) }
    watchers:
      w:
        files: "{run}.log"
        format: \(format)
        each_record: { metric: rows_total, exemplar: \(exemplar) }
        fields:
          time: { metric: time_total, from: running_total, exemplar: \(exemplar) }
          loss: { metric: loss, exemplar: \(exemplar) }
          size: { metric: size, exemplar: { step: "{.step}" } }
    """
  }

  private static let header = "step,time,loss,size,kind\n"

  private static func row(_ step: Int, loss: Double = 0.5, kind: String = "k") -> String {
    "\(step),\(step * 2),\(loss),\(step * step * 10),\(kind)\n"
  }

  private func series(_ station: Station, _ name: String) throws -> Series {
    let index = try #require(station.registry.index(of: name))
    return try #require(station.registry.series(metric: index, labelValues: ["a"]))
  }

  private func shown(_ exemplar: Exemplar?) -> String {
    guard let exemplar else { return "-" }
    return exemplar.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",") + " \(exemplar.value)"
  }

  /// All that is kept beside the samples.
  private func contents(_ station: Station) throws -> [String] {
    try ["rows_total", "time_total", "loss", "size"].map { name in
      let series = try series(station, name)
      let native = series.nativeHistogram.map { "\($0)" } ?? ""
      return "\(name) \(series.created ?? -1) \(series.exemplar.map { "\($0)" } ?? "") \(series.exemplars)"
        + " \(series.nativeExemplars) \(series.histogram.map { "\($0)" } ?? "") \(native)"
    }
  }

  @Test func fromACSVLog() throws {
    let station = try Station(Self.catalog())
    try station.write(Self.header + Self.row(1) + Self.row(2, loss: 7) + Self.row(3), to: "a.log")
    station.settle()
    #expect(try shown(series(station, "rows_total").exemplar) == "step=3,file=a-k 1.0")
    #expect(try shown(series(station, "time_total").exemplar) == "step=3,file=a-k 2.0", "the increment")
    let loss = try series(station, "loss").exemplars
    #expect(loss.map(shown) == ["step=3,file=a-k 0.5", "-", "step=2,file=a-k 7.0"])
    let source = try #require(try series(station, "loss").feeder)
    #expect(loss.compactMap { $0?.time } == [source.modified, source.modified])
    let size = try series(station, "size")
    #expect(size.nativeExemplars.map(\.value) == [10, 40, 90] && size.exemplars.map(shown) == ["step=3 90.0"])
    #expect(size.nativeHistogram?.count == 3 && size.nativeHistogram?.schema == 3)

    // An empty field is none; too long a text is refused, and its record counts.
    try station.append(Self.row(4, kind: "") + Self.row(5, kind: String(repeating: "k", count: 200)), to: "a.log")
    station.settle()
    #expect(try shown(series(station, "rows_total").exemplar) == "step=4 1.0")
    #expect(try series(station, "rows_total").number == 5)
    let refused = station.registry.rejections().map {
      "\($0.rejection.metric) \($0.rejection.reason.rawValue) \($0.count)"
    }
    #expect(refused == ["rows_total", "time_total", "loss"].map { "\($0) exemplar_labels 1" })
  }

  @Test func fromALogOfJSONLines() throws {
    let station = try Station(Self.catalog(format: "jsonl"))
    try station.write(
      """
      {"step": 1, "loss": 0.5, "kind": "k"}
      {"loss": 1.5, "kind": "k"}
      {"loss": 1.75}
      {"step": 4, "loss": 9}

      """,
      to: "a.log"
    )
    station.settle()
    let loss = try series(station, "loss")
    #expect(loss.exemplars.map(shown) == ["step=1,file=a-k 0.5", "file=a-k 1.5", "step=4 9.0"])
    #expect(loss.histogram?.buckets == [1, 3, 4])
  }

  @Test func aRestartAtAnyRowChangesNothing() throws {
    let rows = (1...6).map { Self.row($0, loss: Double($0) / 2) }
    for stop in 0...rows.count {
      let station = try Station(Self.catalog())
      try station.write(Self.header + rows[..<stop].joined(), to: "a.log")
      station.settle()
      let before = try contents(station)
      try station.restart(Self.catalog(), from: station.save())
      if stop > 0 { #expect(try contents(station) == before, "the same at once, after \(stop) rows") }
      try station.append(rows[stop...].joined(), to: "a.log")
      station.settle()
      #expect(try series(station, "size").nativeExemplars.map(\.value) == [10, 40, 90, 160, 250, 360])
      let reading = try #require(try series(station, "size").nativeHistogram)
      #expect(reading.count == 6 && reading.classic == [6] && reading.positive.count == 6)
      #expect(try shown(series(station, "time_total").exemplar) == "step=6,file=a-k 2.0")
      if stop > 0 {
        #expect(try contents(station).map { $0.split(separator: " ")[1] } == before.map { $0.split(separator: " ")[1] })
      }
    }
  }

  @Test func aLogReadAgainGivesNoExemplarTwice() throws {
    let station = try Station(Self.catalog())
    try station.write(Self.header + Self.row(1) + Self.row(2), to: "a.log")
    station.settle()
    // Other columns, another row order: its beginning is what it was.
    try station.write("x," + Self.header + "," + Self.row(1) + "," + Self.row(2) + "," + Self.row(3), to: "a.log")
    station.settle()
    #expect(try series(station, "size").nativeExemplars.map(\.value) == [10, 40, 90])
    try station.write(Self.header + Self.row(1) + Self.row(7), to: "a.log")
    station.settle()
    #expect(try series(station, "size").nativeExemplars.map(\.value) == [10, 40, 90, 490])
  }

  @Test func aChangedCatalogKeepsWhatItCan() throws {
    let station = try Station(Self.catalog())
    try station.write(Self.header + Self.row(1) + Self.row(2), to: "a.log")
    station.settle()
    // A fresh read would count one less.
    try station.write(Self.header + Self.row(1) + Self.row(3), to: "a.log")
    station.settle()
    let saved = station.save()
    let before = try contents(station)

    try station.restart(Self.catalog(created: "true"), from: saved)
    #expect(try contents(station) == before)

    try station.restart(Self.catalog(exemplar: "{}"), from: saved)
    #expect(try series(station, "rows_total").number == 3 && series(station, "rows_total").exemplar == nil)
    #expect(try series(station, "loss").histogram?.buckets.last == 3 && series(station, "loss").exemplars.isEmpty)
    #expect(try series(station, "size").nativeExemplars.count == 3, "it still has some")

    try station.restart(Self.catalog(exemplar: "{ e: \"{.step}\" }"), from: saved)
    try station.append(Self.row(4), to: "a.log")
    station.settle()
    #expect(try shown(series(station, "rows_total").exemplar) == "e=4 1.0")
    #expect(try series(station, "rows_total").number == 4)

    // Other buckets: read anew, and the rest goes on.
    try station.restart(Self.catalog(native: "{ factor: 2 }"), from: saved)
    station.settle()
    #expect(
      try series(station, "size").nativeHistogram?.count == 3 && series(station, "size").nativeHistogram?.schema == 0
    )
    #expect(try series(station, "rows_total").number == 4)
    #expect(try series(station, "loss").histogram?.buckets.last == 4)
  }
}
