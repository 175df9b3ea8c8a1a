import Foundation
import Ingest
import LogRecordings
import LogStations
import Testing

/// While real tools write their logs, call by call, what is exposed is always what a correct reader could show; also when
/// the exporter is killed on the way, and goes on from what it saved last.
@Suite struct RecordingTests {
  private static let catalog = """
    version: 1
    labels: { file: { max_values: 100 }, key: { max_values: 500 } }
    limits: { series: 100000, series_per_metric: 50000 }
    metrics:
      rows_total: { type: counter, help: h, labels: [file] }
      value: { type: gauge, help: h, labels: [file, key] }
      values: { type: histogram, help: h, labels: [file], buckets: [0.1, 1, 10] }
    watchers:
      csv: { files: ["{file**}.csv", "{file**}.log"], format: csv, each_record: rows_total, fields: &all { "{key}": [value, values] } }
      lines: { files: ["{file**}/scalars.json", "{file**}.jsonl"], format: jsonl, each_record: rows_total, fields: *all }
      states: { files: "{file**}/checkpoint-*/trainer_state.json", format: json, records: log_history, each_record: rows_total, fields: *all }
      console: { files: "{file**}.stdout", format: pydict, each_record: rows_total, fields: *all }
      pairs: { files: "{file**}/log_*.txt", format: text, pairs: "{key}:{value}", each_record: rows_total, fields: *all }
    """

  @Test(arguments: LogRecording.names, [0, 1, 2] as [UInt64])
  func alwaysWhatACorrectReaderCouldShow(name: String, seed: UInt64) throws {
    let recording = try LogRecording(name)
    // Every number that ever stood in a log between two marks: a part of one is none of them, but by chance.
    let everything = recording.calls.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    let separators = CharacterSet(charactersIn: ",;: \t\r\n\"'{}[]|()")
    let written = Set(everything.components(separatedBy: separators).compactMap(Double.init))

    let station = try Station(Self.catalog)
    let performer = LogPerformer(in: station.folder.url.path)
    var random = SplitMix(state: seed &* 77 &+ 5)
    var saved = station.save()
    var before: [String: Double] = [:]
    for (step, call) in recording.calls.enumerated() {
      try performer.perform(call)
      if seed > 0 {
        if Int.random(in: 0..<4, using: &random) == 0 { saved = station.save() }
        // Killed: what was read since it was saved is read again.
        if Int.random(in: 0..<5, using: &random) == 0 { try station.restart(Self.catalog, from: saved) }
      }
      station.look()
      let now = Self.values(station.samples)
      // Killed while a file is being written again, the rows of the last second may be nowhere for a moment.
      for (series, value) in seed == 0 ? before : [:] {
        let shown = try #require(now[series], "\(series) vanished at call \(step)")
        // A sum of what may be negative or infinite falls by right.
        if !series.hasPrefix("value{"), !series.hasPrefix("values_sum") {
          #expect(shown >= value, "\(series) fell at call \(step)")
        }
      }
      for (series, value) in now where series.hasPrefix("value{") && !value.isNaN {
        #expect(
          written.contains(value) || value == 0 || value == 1,
          "\(series) \(value) at call \(step) is half a number"
        )
      }
      before = now
    }
    station.settle()
    let end = Set(station.samples)
    #expect(end.contains { $0.hasPrefix("rows_total") })
    try station.restart(Self.catalog, from: saved)
    station.settle()
    #expect(Set(station.samples) == end, "killed after the end")
    // What is in the files alone; a run that began anew in the place of another has left nothing of that one.
    guard !everything.isEmpty, !recording.calls.contains(where: { $0.op == "unlink" }) else { return }
    try station.restart(Self.catalog, from: nil)
    station.settle()
    #expect(Set(station.samples) == end, "a fresh read")
  }

  private static func values(_ samples: [String]) -> [String: Double] {
    var values: [String: Double] = [:]
    for sample in samples {
      guard let blank = sample.lastIndex(of: " ") else { continue }
      let text = sample[sample.index(after: blank)...].replacing("Inf", with: "infinity")
      values[String(sample[..<blank])] = Double(text)
    }
    return values
  }
}
