import Ingest
import Testing

/// A reading that goes on under another catalog: what is unaffected keeps its values and is not counted again; what is
/// new or changed is read from the logs that are there.
@Suite struct CatalogChangeTests {
  static func catalog(
    metrics: String = "",
    fields: String = "loss: loss",
    files: String = "\"{run}.csv\"",
    loss: String = "{ type: gauge, help: h, labels: [run] }",
    where conditions: String = "{}",
    watchers: String = ""
  ) -> String {
    """
    version: 1
    labels: { run: { max_values: 10 }, key: { max_values: 10 } }
    metrics:
      loss: \(loss)
      rows_total: { type: counter, help: h, labels: [run] }
      \(metrics)
    watchers:
      w:
        files: \(files)
        format: csv
        where: \(conditions)
        each_record: rows_total
        fields: { \(fields) }
    \(watchers)
    """
  }

  /// A log that lost a row while it was followed: a fresh read would count one less.
  private func station() throws -> Station {
    let station = try Station(Self.catalog())
    try station.write("step,loss\n1,0.5\n2,0.4\n", to: "a.csv")
    station.settle()
    try station.write("step,loss\n1,0.5\n3,0.3\n", to: "a.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3"])
    return station
  }

  @Test func aNewMetricIsReadFromTheLog() throws {
    let station = try station()
    let changed = Self.catalog(
      metrics: "steps_total: { type: counter, help: h, labels: [run] }",
      fields: "loss: loss, step: steps_total"
    )
    try station.restart(changed, from: station.save())
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3"], "before anything is read")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3", "steps_total{run=\"a\"} 4"])
    try station.append("4,0.2\n", to: "a.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.2", "rows_total{run=\"a\"} 4", "steps_total{run=\"a\"} 8"])
    // From here on they are one again, across a restart too.
    try station.restart(changed, from: station.save())
    try station.write("step,loss\n1,0.5\n3,0.3\n4,0.2\n5,0.1\n", to: "a.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.1", "rows_total{run=\"a\"} 5", "steps_total{run=\"a\"} 13"])
  }

  @Test func aNewMetricOfATrimmedLogCountsWhatItReads() throws {
    let station = try station()
    let changed = Self.catalog(
      metrics: "steps_total: { type: counter, help: h, labels: [run] }",
      fields: "loss: loss, step: steps_total"
    )
    // Trimmed to a prefix while nobody looked: the old metrics have read more than the new one.
    try station.write("step,loss\n1,0.5\n", to: "a.csv")
    try station.restart(changed, from: station.save())
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3", "steps_total{run=\"a\"} 1"])
    try station.restart(changed, from: station.save())
    try station.append("3,0.3\n", to: "a.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3", "steps_total{run=\"a\"} 4"])
    try station.append("4,0.2\n", to: "a.csv")
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.2", "rows_total{run=\"a\"} 4", "steps_total{run=\"a\"} 8"])
  }

  @Test func aChangedMetricIsReadAnew() throws {
    let station = try station()
    let changed = Self.catalog(loss: "{ type: histogram, help: h, labels: [run], buckets: [0.35, 1] }")
    try station.restart(changed, from: station.save())
    station.settle()
    #expect(station.samples.contains("rows_total{run=\"a\"} 3"))
    #expect(station.samples.contains("loss_bucket{run=\"a\",le=\"0.35\"} 1"))
    #expect(station.samples.contains("loss_count{run=\"a\"} 2"))
  }

  @Test func aTextOrALimitIsNoChange() throws {
    let station = try station()
    let changed = Self.catalog(loss: "{ type: gauge, help: other, labels: [run], max_series: 7, expire_after: 14d }")
    try station.restart(changed, from: station.save())
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 3"])
  }

  @Test func aConditionChangesAllOfItsWatcher() throws {
    let station = try station()
    try station.restart(Self.catalog(where: "{ step: 3 }"), from: station.save())
    station.settle()
    #expect(station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 1"])
  }

  @Test func anotherPatternOfFieldsMayTakeFieldsAway() throws {
    let all = "\"{key}\": loss"
    let metric = "{ type: gauge, help: h, labels: [run, key] }"
    let station = try Station(Self.catalog(fields: all, loss: metric))
    try station.write("step,loss\n1,0.5\n", to: "a.csv")
    station.settle()
    #expect(station.samples.contains("loss{run=\"a\",key=\"step\"} 1"))
    let changed = Self.catalog(
      metrics: "step: { type: gauge, help: h, labels: [run] }",
      fields: all + ", step: step",
      loss: metric
    )
    try station.restart(changed, from: station.save())
    station.settle()
    #expect(station.samples == ["loss{run=\"a\",key=\"loss\"} 0.5", "rows_total{run=\"a\"} 1", "step{run=\"a\"} 1"])
  }

  @Test func moreFilesChangeNothingOfTheOthers() throws {
    let station = try station()
    try station.write("step,loss\n7,0.7\n", to: "more/b.csv")
    try station.restart(Self.catalog(files: "[\"{run}.csv\", \"more/{run}.csv\"]"), from: station.save())
    station.settle()
    #expect(
      station.samples == [
        "loss{run=\"a\"} 0.3", "loss{run=\"b\"} 0.7", "rows_total{run=\"a\"} 3", "rows_total{run=\"b\"} 1",
      ]
    )
    // Without its log what it had counted is none of the catalog's any more.
    try station.restart(Self.catalog(files: "\"more/{run}.csv\""), from: station.save())
    station.settle()
    #expect(station.samples == ["loss{run=\"b\"} 0.7", "rows_total{run=\"b\"} 1"])
  }

  @Test func aSecondWatcherOfAMetricIsAChangeOfIt() throws {
    let station = try station()
    try station.write("step\n7\n", to: "c.tsv")
    let changed = Self.catalog(watchers: "  v: { files: \"{run}.tsv\", format: csv, each_record: rows_total }")
    try station.restart(changed, from: station.save())
    station.settle()
    #expect(
      station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"a\"} 2", "rows_total{run=\"c\"} 1"]
        || station.samples == ["loss{run=\"a\"} 0.3", "rows_total{run=\"c\"} 1", "rows_total{run=\"a\"} 2"]
    )
  }

  @Test func badLinesCountOnceHoweverOftenALogIsReadAgain() throws {
    let station = try Station(Self.catalog())
    // With records, and without any.
    try station.write("step,loss\n1,0.5\nbad\n2,0.4\nworse\n", to: "a.csv")
    try station.write("1,2,3\n4,5,6\n", to: "b.csv")
    station.settle()
    let malformed = station.ingest.counters[0].count(.malformed)
    #expect(malformed == 4)
    for name in ["x", "y", "z"] {
      let changed = Self.catalog(
        metrics: "\(name): { type: gauge, help: h, labels: [run] }",
        fields: "loss: loss, step: \(name)"
      )
      try station.restart(changed, from: station.save())
      station.settle()
      #expect(station.ingest.counters[0].count(.malformed) == malformed)
    }
    try station.append("1\n", to: "a.csv")
    station.settle()
    #expect(station.ingest.counters[0].count(.malformed) == malformed + 1)
  }

  @Test func aDeletedLogKeepsItsHistoryThroughNewMetrics() throws {
    let station = try station()
    try station.remove("a.csv")
    station.settle()
    var catalog = Self.catalog()
    for name in ["x", "y"] {
      catalog = Self.catalog(
        metrics: "\(name): { type: gauge, help: h, labels: [run] }",
        fields: "loss: loss, step: \(name)"
      )
      try station.restart(catalog, from: station.save())
      station.settle()
    }
    try station.write("step,loss\n1,0.5\n3,0.3\n", to: "a.csv")
    station.settle()
    #expect(station.samples.contains("rows_total{run=\"a\"} 3"))
    #expect(station.samples.contains("y{run=\"a\"} 3"))
  }

  @Test func documentsWithoutRecordsAreReadWhenTheirRecordsAreFound() throws {
    func catalog(_ records: String) -> String {
      """
      version: 1
      metrics: { loss: { type: gauge, help: h } }
      watchers: { w: { files: state.json, format: json, records: \(records), fields: { loss: loss } } }
      """
    }
    let station = try Station(catalog("log_histori"))
    try station.write("{\"log_history\": [{\"loss\": 5}]}", to: "state.json")
    station.settle()
    #expect(station.samples == [])
    try station.restart(catalog("log_history"), from: station.save())
    station.settle()
    #expect(station.samples == ["loss 5"])
  }
}
