import Foundation
import LogStations
import StateStore
import Testing

/// The states that each version wrote, of every type of metric and every format of log: today's program goes on from each
/// as that version did.
@Suite struct StateVersionTests {
  private static let states = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "States")

  static let versions = Array(StateFile.oldestVersion...StateFile.version)

  @Test(arguments: versions) func aStateOfEveryVersionIsGoneOnFrom(version: UInt32) throws {
    let folder = Self.states.appending(path: "version-\(version)")
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    func samples(_ name: String) throws -> Set<String> {
      Set(try text(name).split(separator: "\n").map(String.init))
    }
    guard case .state(let saved) = StateFile(path: folder.appending(path: "training-exporter.state").path).read() else {
      Issue.record("the state is refused")
      return
    }
    #expect(saved.version == version)
    let catalog = try text("metrics.yaml")
    let station = try Station(catalog)
    try write(folder.appending(path: "before"), to: station)
    try station.begin(catalog, from: saved)
    func differences(_ name: String) throws -> [String] {
      Set(station.samples).symmetricDifference(try samples(name)).sorted()
    }
    #expect(try differences("before.txt") == [], "the same at once")
    if version >= 6 {
      let runs = station.ingest.runs.all()
      let a = try #require(runs.first { $0.key.values == ["a"] }?.health)
      #expect(runs.map(\.key.values).contains(["h"]) && a.step == 7 && a.plannedSteps == 12)
      #expect(a.bestScore == 21 && a.bestAt == 7 && a.nonFinite["loss"] == 0)
    }
    station.settle()
    #expect(try differences("before.txt") == [], "and with the logs as they were")
    try write(folder.appending(path: "after"), to: station)
    station.settle()
    #expect(try differences("after.txt") == [])
  }

  private func write(_ tree: URL, to station: Station) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: tree.path).sorted() {
      let file = tree.appending(path: name)
      guard !file.hasDirectoryPath, let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
      try station.write(text, to: name)
    }
  }
}
