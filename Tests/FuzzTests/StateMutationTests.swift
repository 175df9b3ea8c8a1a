import Foundation
import FuzzTargets
import LogStations
import StateStore
import Testing

/// States that were saved, with some fields of them replaced by what nobody saves: whatever it is, a restart refuses it
/// or goes on from it, and never traps.
@Suite(.serialized) struct StateMutationTests {
  private static let states = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "IngestTests/States")
  /// What is behind a file's header.
  private static let headerBytes = 32

  private static let numbers: [UInt64] = [
    0, 1, 0x7F, 0xFF, 0xFFFF_FFFF, 1 << 31, 1 << 47, 1 << 48, 1 << 56, 1 << 62, 1 << 63, .max, .max - 1, .max >> 1,
    (.max >> 1) - 2, Double.nan.bitPattern, Double.infinity.bitPattern, (-1.0).bitPattern,
  ]

  /// `STATE_SEED` and `STATE_MUTATIONS` try others, and more of them.
  @Test(.timeLimit(.minutes(10)), arguments: StateFile.oldestVersion...StateFile.version)
  func noFieldTrapsARestart(version: UInt32) throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["STATE_MUTATIONS"].flatMap { Int($0) } ?? 60
    let seed = environment["STATE_SEED"].flatMap { UInt64($0) } ?? 16
    let file = Self.states.appending(path: "version-\(version)/training-exporter.state")
    let state = [UInt8](try Data(contentsOf: file))
    let fields = Self.fields(of: state)
    for index in 0..<count {
      var random = SplitMix(state: seed << 32 | UInt64(version) << 24 | UInt64(index))
      var mutated = state
      for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&mutated, fields, &random) }
      // The newest one, should it end the process.
      try environment["STATE_FILE"].map { try Data(mutated).write(to: URL(filePath: $0)) }
      FuzzTarget.state.run(mutated)
    }
  }

  /// Where probably a number of eight bytes stands: most are small, or -1 or nearly so.
  private static func fields(of state: [UInt8]) -> [Int] {
    (headerBytes..<state.count - 8).filter { place in
      let upper = Set(state[place + 4..<place + 8])
      return upper == [0] || upper == [0xFF]
    }
  }

  private static func mutate(_ state: inout [UInt8], _ fields: [Int], _ random: inout SplitMix) {
    var place = Int.random(in: headerBytes..<state.count - 8, using: &random)
    var width = [1, 4, 8].randomElement(using: &random) ?? 8
    if Bool.random(using: &random), let field = fields.randomElement(using: &random) { (place, width) = (field, 8) }
    let number = numbers.randomElement(using: &random) ?? 0
    withUnsafeBytes(of: number.littleEndian) { state.replaceSubrange(place..<place + width, with: $0.prefix(width)) }
  }
}
