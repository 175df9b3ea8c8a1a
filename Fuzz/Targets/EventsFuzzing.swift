import Exposition
import Foundation
import LogStations
import StateStore

extension FuzzTarget {
  /// The events files of two processes, each begun with its header, parted by a line with `--`: read, shown, saved, and
  /// gone on from.
  static let events = FuzzTarget("events") { EventsFuzzing.shared.read($0) }
}

private final class EventsFuzzing: @unchecked Sendable {
  static let shared = EventsFuzzing()

  private static let catalog = """
    version: 1
    labels: { kind: { values: [a, b, other], otherwise: other }, part: { max_values: 5 }, phase: { values: [x, y] } }
    metrics:
      steps_total: { type: counter, help: h, labels: [kind] }
      loss: { type: gauge, help: h, labels: [part] }
      latency_seconds: { type: histogram, help: h, labels: [part], buckets: [0.1, 1] }
      size_bytes: { type: summary, help: h, quantiles: [] }
      wait_seconds: { type: histogram, help: h, native: { factor: 1.1, max_buckets: 20 } }
      build_info: { type: info, help: h, labels: [kind] }
      phase_state: { type: stateset, help: h, states: [x, y] }
    watchers:
      app: { files: "events/*", format: events }
    """

  private let station: Station

  private init() {
    do {
      station = try Station(Self.catalog)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  func read(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: "\n--\n", maxSplits: 1, omittingEmptySubsequences: false)
    do {
      try station.begin(Self.catalog, from: nil)
      for (name, part) in zip(["a", "b"], parts) {
        let file = "events/\(name)"
        try station.write("{\"events\":1,\"process\":\"\(name)\"}\n", to: file)
        // In two looks.
        let half = part.utf8.index(part.startIndex, offsetBy: part.utf8.count / 2)
        try station.append(String(decoding: part.utf8[..<half], as: UTF8.self), to: file)
        station.look()
        try station.append(String(decoding: part.utf8[half...], as: UTF8.self), to: file)
      }
      station.settle()
      render()
      let saved = station.save()
      try station.begin(Self.catalog, from: SavedState(saved[...]))
      station.settle()
      render()
      for name in ["a", "b"] where station.folder.exists("events/\(name)") { try station.remove("events/\(name)") }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private func render() {
    let exposition = ExpositionRenderer(station.registry)
    for format in [ExpositionFormat.openMetrics100, .protobuf] { _ = exposition.render(ExpositionVariant(format)) }
  }
}
