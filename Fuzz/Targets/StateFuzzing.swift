import Exposition
import Foundation
import Ingest
import LogStations
import StateStore

extension FuzzTarget {
  /// A state file, whose checksums are taken for right.
  package static let state = FuzzTarget("state") { StateFuzzing.shared.restart(from: $0) }
}

/// Restarts from state files whose checksums are taken for right, whatever is in them: beside the logs, and with the
/// catalog, that the state of the same version was saved with.
private final class StateFuzzing: @unchecked Sendable {
  static let shared = StateFuzzing()

  /// The states that each version wrote, with their catalogs and logs.
  private static let states = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Tests/IngestTests/States")

  private struct Project {
    var catalog: String
    var station: Station
  }

  /// How often it is tried whether what was saved can be gone on from, too.
  private static let checkInterval = 4

  private let projects: [UInt32: Project]
  private var count = 0

  private init() {
    var projects: [UInt32: Project] = [:]
    for version in StateFile.oldestVersion...StateFile.version {
      projects[version] = try? Self.project(Self.states.appending(path: "version-\(version)"))
    }
    precondition(projects.count == Int(StateFile.version - StateFile.oldestVersion) + 1, "each version has a project")
    self.projects = projects
  }

  private static func project(_ folder: URL) throws -> Project {
    let catalog = try String(contentsOf: folder.appending(path: "metrics.yaml"), encoding: .utf8)
    let station = try Station(catalog)
    let logs = folder.appending(path: "before")
    for name in try FileManager.default.subpathsOfDirectory(atPath: logs.path).sorted() {
      let file = logs.appending(path: name)
      if let text = try? String(contentsOf: file, encoding: .utf8) { try station.write(text, to: name) }
    }
    return Project(catalog: catalog, station: station)
  }

  /// A state is refused, or it is gone on from, looked through, shown and saved; now and then, what was saved is gone on
  /// from.
  func restart(from file: [UInt8]) {
    guard let saved = Self.saved(file), let project = projects[saved.version] else { return }
    let station = project.station
    guard (try? station.begin(project.catalog, from: saved)) != nil else { return }
    station.look()
    station.rest()
    let exposition = ExpositionRenderer(station.registry)
    for format in [ExpositionFormat.openMetrics100, .protobuf] { _ = exposition.render(ExpositionVariant(format)) }
    count += 1
    guard count % Self.checkInterval == 1 else { return }
    let again = SavedState(station.save()[...])
    guard (try? station.begin(project.catalog, from: again)) != nil else {
      preconditionFailure("what was saved of it is refused")
    }
  }

  /// As `StateFile` takes a file apart, but for the checksums. nil: that is refused before anything is decoded.
  private static func saved(_ file: [UInt8]) -> SavedState? {
    var decoder = StateDecoder(file[...].dropFirst(8))
    guard let version = try? decoder.uint32(), (try? decoder.uint32()) != nil, let length = try? decoder.int(),
      (try? decoder.uint64()) != nil
    else { return nil }
    var rest = file[...].dropFirst(32)
    let whole = rest.prefix(max(0, length))
    rest = rest.dropFirst(whole.count)
    var changes: [ArraySlice<UInt8>] = []
    while rest.count > 16 {
      var header = StateDecoder(rest.prefix(16))
      guard let length = try? header.int(), length > 0 else { break }
      changes.append(rest.dropFirst(16).prefix(length))
      rest = rest.dropFirst(16).dropFirst(length)
    }
    return SavedState(whole, changes: changes, version: version)
  }
}
