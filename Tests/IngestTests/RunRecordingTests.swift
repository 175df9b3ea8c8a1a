import Foundation
import LogRecordings
import LogStations
import Runs
import Testing

/// While real tools write their logs at their own pace no run is called stalled, failed or diverged, and each ends as it
/// should, with nothing but `run: {}`.
@Suite struct RunRecordingTests {
  private static let catalog = """
    version: 1
    labels: { file: { max_values: 100 }, key: { max_values: 500 } }
    metrics:
      value: { type: gauge, help: h, labels: [file, key] }
    watchers:
      csv: { files: ["{file**}.csv", "{file**}.log"], format: csv, run: {}, fields: &all { "{key}": value } }
      lines: { files: ["{file**}/scalars.json", "{file**}.jsonl"], format: jsonl, run: {}, fields: *all }
      states: { files: "{file**}/checkpoint-*/trainer_state.json", format: json, records: log_history, run: {}, fields: *all }
      console: { files: "{file**}.stdout", format: pydict, run: {}, fields: *all }
      pairs: { files: "{file**}/log_*.txt", format: text, pairs: "{key}:{value}", run: {}, fields: *all }
    """

  /// Those whose logs say themselves that they are done; all others are running when their last row has been read.
  private static let finished: Set<String> = ["llamafactory", "transformers-console-unbuffered"]

  @Test(arguments: LogRecording.names)
  func nothingIsWrongWhileItIsWritten(name: String) throws {
    let recording = try LogRecording(name)
    let station = try Station(Self.catalog)
    let performer = LogPerformer(in: station.folder.url.path)
    let goodStates: Set<RunState> = [.starting, .running, .finished]
    var time = 0.0
    for (step, call) in recording.calls.enumerated() {
      let now = call.t ?? time
      // What passes between two calls is looked at once more at its end.
      station.clock.pass(nanoseconds: Int64(max(0, now - time) * 1e9))
      time = max(time, now)
      check(station, goodStates, "before call \(step)")
      try performer.perform(call)
      let wall = station.clock.now.wall
      let moment = timespec(tv_sec: Int(wall / 1_000_000_000), tv_nsec: Int(wall % 1_000_000_000))
      _ = utimensat(AT_FDCWD, station.folder.path(call.path), [moment, moment], 0)
      station.look()
      check(station, goodStates, "after call \(step)")
    }
    let runs = station.ingest.runs.all()
    #expect(!runs.isEmpty)
    let states = Set(runs.map { $0.health.state(at: station.clock.now.wall) })
    #expect(states.isSubset(of: Self.finished.contains(name) ? [.finished] : [.running, .starting]), "\(states)")
  }

  private func check(_ station: Station, _ states: Set<RunState>, _ moment: String) {
    for (key, health) in station.ingest.runs.all() {
      let state = health.state(at: station.clock.now.wall)
      #expect(states.contains(state), "\(key.values) is \(state) \(moment)")
      #expect(health.isDiverged != true, "\(key.values) has diverged \(moment)")
    }
  }
}
