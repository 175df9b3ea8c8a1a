import Ingest
import MetricModel
import MetricRegistry
import Testing

/// What a last line without its end shows can be taken back, takes nobody's place, and is not saved.
@Suite struct ProvisionalTests {
  private static let catalog = """
    version: 1
    labels: { model: { max_values: 2, evict: oldest }, host: { max_values: 2 } }
    metrics:
      lr: { type: gauge, help: h }
      loss: { type: gauge, help: h, labels: [model] }
      by_host: { type: gauge, help: h, labels: [host] }
      phase: { type: stateset, help: h, states: [train, eval] }
      run_info: { type: info, help: h, labels: [model] }
      rows_total: { type: counter, help: h }
    watchers:
      w:
        files: "*.csv"
        format: csv
        each_record: [rows_total, 'run_info{model="{.model}"}']
        fields:
          lr: [lr, { metric: loss, labels: { model: "{.model}" } }, { metric: by_host, labels: { host: "{.host}" } }]
          phase: phase
    """

  private static let header = "lr,model,host,phase\n"

  private static func station(_ rows: String) throws -> Station {
    let station = try Station(catalog)
    try station.write(header + rows, to: "a.csv")
    station.settle()
    return station
  }

  @Test func aTornLineIsTakenBackAndTakesNoPlace() throws {
    let rows = "0.5,vit,h1,train\n0.25,resnet50,h2,train\n"
    let station = try Self.station(rows)
    let certain = station.samples
    #expect(certain.contains("run_info{model=\"resnet50\"} 1") && certain.contains("rows_total 2"))
    // Values that have series show what the line says; those that have none, and no room, do not.
    try station.append("0.125,resnet,h3,eval", to: "a.csv")
    station.settle()
    #expect(
      Set(station.samples) == [
        "lr 0.125", "loss{model=\"vit\"} 0.5", "loss{model=\"resnet50\"} 0.25", "by_host{host=\"h1\"} 0.5",
        "by_host{host=\"h2\"} 0.25", "phase{phase=\"train\"} 0", "phase{phase=\"eval\"} 1",
        "run_info{model=\"resnet50\"} 1", "rows_total 2",
      ]
    )
    #expect(station.registry.rejections().isEmpty)
    let saved = station.save()
    // The tail is cut off again.
    try station.write(Self.header + rows, to: "a.csv")
    station.settle()
    #expect(station.samples == certain)
    // Nothing of it is in the state; where it stands there still, it is shown once it has rested.
    try station.append("0.125,resnet,h3,eval", to: "a.csv")
    try station.restart(Self.catalog, from: saved)
    #expect(station.samples == certain)
    station.settle()
    #expect(station.samples.contains("lr 0.125"))
    try station.restart(Self.catalog, from: station.save())
    try station.write(Self.header + rows, to: "a.csv")
    station.settle()
    #expect(station.samples == certain)
    // The line's end makes it a line.
    try station.append("0.125,resnet,h1,eval\n", to: "a.csv")
    station.settle()
    #expect(
      Set(station.samples) == [
        "lr 0.125", "loss{model=\"resnet50\"} 0.25", "loss{model=\"resnet\"} 0.125", "by_host{host=\"h1\"} 0.125",
        "by_host{host=\"h2\"} 0.25", "phase{phase=\"train\"} 0", "phase{phase=\"eval\"} 1",
        "run_info{model=\"resnet\"} 1", "rows_total 3",
      ]
    )
  }

  /// A quote that a torn row left open is given up when the log has rested: once, before a restart or after it.
  @Test func rowsBehindATornQuoteCountOnceTheLogRests() throws {
    func check(_ station: Station, rows: Int, malformed: Int, _ comment: Comment) {
      #expect(station.samples.contains("rows_total \(rows)"), comment)
      #expect(station.ingest.counters[0].count(.malformed) == malformed, comment)
    }
    let station = try Self.station("0.5,vit,h1,train\n")
    let torn = "0.25,\"resn\n0.125,vit,h1,eval\n0.03125,vit,h2,eval\n0.0625,\"r\n\n0.5,vit,h2,eval\n"
    try station.append(torn + "0.01,vit,h1,ev", to: "a.csv")
    station.look()
    // The next quote shows that the first was torn.
    check(station, rows: 3, malformed: 1, "it may be being written")
    let saved = station.save()
    try station.restart(Self.catalog, from: saved)
    check(station, rows: 3, malformed: 1, "restarted")
    station.settle()
    check(station, rows: 4, malformed: 2, "rested")
    #expect(station.samples.contains("lr 0.01"), "the last line has no end")
    try station.restart(Self.catalog, from: station.save())
    station.settle()
    check(station, rows: 4, malformed: 2, "restarted again")
    // All of it once more, for a new metric, and as `once` reads it.
    let more = Self.catalog.replacing("rows_total: {", with: "hosts_total: { type: counter, help: h }\n  rows_total: {")
      .replacing("[rows_total,", with: "[hosts_total, rows_total,")
    try station.reload(more)
    station.settle()
    check(station, rows: 4, malformed: 2, "reloaded")
    #expect(station.samples.contains("hosts_total 4"))
    try station.append("al\n", to: "a.csv")
    station.settle()
    check(station, rows: 5, malformed: 2, "gone on with")
    let followed = Set(station.samples)
    try station.restart(more, from: nil)
    station.tailer.readOnce()
    #expect(Set(station.samples) == followed)
    check(station, rows: 5, malformed: 2, "read once")
  }

  /// A cell that is being written for long is one row once it is closed.
  @Test func aCellOfSeveralLinesIsNotGivenUp() throws {
    let station = try Self.station("0.5,vit,h1,train\n")
    for text in ["0.25,\"resnet\n", "0.5, is not a row\n", "one, two, 3\n", "\n", "\"\"really\"\",h1,x\n"] {
      try station.append(text, to: "a.csv")
      station.settle()
      #expect(station.samples.contains("rows_total 1"))
    }
    try station.append("\",h1,eval\n", to: "a.csv")
    station.settle()
    #expect(station.samples.contains("rows_total 2") && station.samples.contains("lr 0.25"))
    #expect(station.ingest.counters[0].count(.malformed) == 0)
  }

  @Test func whatHasNoSeriesYetIsShownWhileThereIsRoom() throws {
    let station = try Station(Self.catalog)
    try station.write(Self.header + "0.5,vit,h1,train", to: "a.csv")
    station.settle()
    let shown: Set = [
      "lr 0.5", "loss{model=\"vit\"} 0.5", "by_host{host=\"h1\"} 0.5", "phase{phase=\"train\"} 1",
      "phase{phase=\"eval\"} 0", "run_info{model=\"vit\"} 1", "rows_total 0",
    ]
    #expect(Set(station.samples) == shown && station.registry.seriesCount == 1)
    // What is certain wants both places.
    try station.write(Self.header + "1,m1,h1,train\n2,m2,h2,train\n", to: "b.csv")
    station.settle()
    #expect(station.samples.filter { $0.hasPrefix("loss") } == ["loss{model=\"m1\"} 1", "loss{model=\"m2\"} 2"])
    #expect(station.samples.filter { $0.hasPrefix("run_info") } == ["run_info{model=\"m2\"} 1"])
    #expect(station.samples.filter { $0.hasPrefix("by") } == ["by_host{host=\"h1\"} 1", "by_host{host=\"h2\"} 2"])
    // Its file's end makes it a line, and it is the newest then.
    try station.remove("a.csv")
    station.settle()
    station.rest(70)
    #expect(station.samples.contains("rows_total 3"))
  }

  /// An info has one series for each log also for the time being.
  @Test func anInfoIsReplacedForTheTimeBeing() throws {
    let station = try Self.station("0.5,vit,h1,train\n")
    func infos() -> [String] { station.samples.filter { $0.hasPrefix("run_info") } }
    try station.append("0.25,resnet,h1,train", to: "a.csv")
    station.settle()
    #expect(infos() == ["run_info{model=\"resnet\"} 1"])
    try station.append("50,h1,train", to: "a.csv")
    station.look()
    #expect(infos() == ["run_info{model=\"vit\"} 1"], "another line, which says nothing yet")
    // Two logs show one series: it is not hidden while the other shows it.
    try station.write(Self.header + "0.5,vit,h1,train\n", to: "b.csv")
    station.settle()
    try station.write(Self.header + "0.5,vit,h1,train\n0.25,resnet,h1,train", to: "b.csv")
    station.settle()
    #expect(infos() == ["run_info{model=\"vit\"} 1", "run_info{model=\"resnet\"} 1"])
  }

  /// A writer with a buffer of its own tears a line where that is full; a closed object says itself that it is whole.
  @Test(arguments: [4_096, 8_192, 8_191, 16_382, 4_095, 8_190])
  func aLineThatABufferToreIsNotShown(size: Int) throws {
    let station = try Station(
      """
      version: 1
      metrics: { lr: { type: gauge, help: h }, step: { type: gauge, help: h } }
      watchers:
        c: { files: "*.csv", format: csv, fields: { lr: lr } }
        j: { files: "*.jsonl", format: jsonl, fields: { step: step } }
      """
    )
    func padded(_ first: String, _ row: String, _ last: String) -> String {
      var text = first
      while text.utf8.count + 2 * row.utf8.count + last.utf8.count < size { text += row }
      let blanks = size - text.utf8.count - row.utf8.count - last.utf8.count
      return text + row.dropLast() + String(repeating: " ", count: blanks) + "\n" + last
    }
    let isTorn = size % 4_096 == 0 || size % 8_191 == 0
    try station.write(padded("step,lr\n", "1,0.5\n", "2,0.1"), to: "a.csv")
    try station.write(padded("", "{\"step\": 1}\n", "{\"step\": 2}"), to: "a.jsonl")
    station.settle()
    #expect(station.samples == ["lr \(isTorn ? "0.5" : "0.1")", "step 2"])
  }
}
