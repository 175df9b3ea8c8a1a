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
      stamp(call, in: station)
      station.look()
      check(station, goodStates, "after call \(step)")
    }
    let runs = station.ingest.runs.all()
    #expect(!runs.isEmpty)
    let states = Set(runs.map { $0.health.state(at: station.clock.now.wall) })
    #expect(states.isSubset(of: Self.finished.contains(name) ? [.finished] : [.running, .starting]), "\(states)")
  }

  /// The epochs of this training are not equally long: the last ones take longer than the first. From a tenth of the way on
  /// the expected end is the real one within 15 % of the whole time, from a third on within 6 %. `ExpectedEndTests` has
  /// trainings with steady steps.
  @Test func theExpectedEndIsTheRealOne() throws {
    let recording = try LogRecording("ultralytics-80-epochs")
    let station = try Station(
      """
      version: 1
      labels: { run: { max_values: 9 } }
      metrics: { epoch: { type: gauge, help: h, labels: [run] } }
      watchers:
        w: { files: "runs/{run}/results.csv", format: csv, run: { epochs: 80 }, fields: { epoch: epoch } }
      """
    )
    let performer = LogPerformer(in: station.folder.url.path)
    let begin = station.clock.now.wall
    var time = 0.0
    var expected: [(epoch: Double, seconds: Double)] = []
    for call in recording.calls {
      let now = call.t ?? time
      station.clock.pass(nanoseconds: Int64(max(0, now - time) * 1e9))
      time = max(time, now)
      try performer.perform(call)
      stamp(call, in: station)
      station.look()
      guard let health = station.ingest.runs.all().first?.health, let epoch = health.epoch else { continue }
      if let end = health.expectedEnd(at: station.clock.now.wall) {
        expected.append((epoch, Double(end - begin) / 1e9))
      }
    }
    let health = try #require(station.ingest.runs.all().first?.health)
    #expect(health.state(at: station.clock.now.wall) == .finished)
    let end = Double(try #require(health.lastRecord) - begin) / 1e9
    let wrong = expected.filter { epoch, seconds in
      epoch >= 8 && abs(seconds - end) > end * (epoch < 26 ? 0.15 : 0.06)
    }
    #expect(expected.count > 70 && wrong.isEmpty, "\(end) s in the end; \(wrong)")
  }

  /// Gives a file the time of the station.
  private func stamp(_ call: LogRecording.Call, in station: Station) {
    let wall = station.clock.now.wall
    let moment = timespec(tv_sec: Int(wall / 1_000_000_000), tv_nsec: Int(wall % 1_000_000_000))
    _ = utimensat(AT_FDCWD, station.folder.path(call.path), [moment, moment], 0)
  }

  private func check(_ station: Station, _ states: Set<RunState>, _ moment: String) {
    for (key, health) in station.ingest.runs.all() {
      let state = health.state(at: station.clock.now.wall)
      #expect(states.contains(state), "\(key.values) is \(state) \(moment)")
      #expect(health.isDiverged != true, "\(key.values) has diverged \(moment)")
    }
  }
}
