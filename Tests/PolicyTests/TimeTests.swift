import Foundation
import Testing

/// The program has one clock, which whoever composes it hands down: a part that asks the system by itself cannot be
/// simulated, and goes wrong where the others do not.
struct TimeTests {
  private static let readings =
    #"\bMoment\.(now|monotonicNow)\b|\bclock_gettime\b|\bgettimeofday\b|\b(Continuous|Suspending)Clock\b|\bNIODeadline\.now\b|\btime\(nil\)"#

  /// Where the clocks are read, and why there.
  private static let allowed = [
    "Sources/Clocks/": "it is the clock",
    "Sources/Collectors/": "collectors are given a clock, too; these are what they have where nothing is said",
    "Sources/MetricRegistry/Registry.swift": "the default of a library that is used by itself",
  ]

  @Test func noPartAsksForTheTimeByItself() throws {
    var found: Set<String> = []
    for file in try SourceTree.swiftFiles(in: "Sources") {
      let reason = Self.allowed.keys.first { file.path.hasPrefix($0) }
      for (line, text) in file.code where text.range(of: Self.readings, options: .regularExpression) != nil {
        if let reason { found.insert(reason) }
        #expect(reason != nil, "\(file.path):\(line): take the time from the clock that is handed down")
      }
    }
    #expect(found.isSuperset(of: ["Sources/Clocks/", "Sources/Collectors/"]))
  }
}
