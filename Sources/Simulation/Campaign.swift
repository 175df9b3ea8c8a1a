internal import Glibc
internal import Synchronization

/// Many simulated runs from consecutive seeds, on several cores at a time. Goes on after a failure, and tells of each;
/// knows nothing of what a run does.
package struct Campaign: Sendable {
  /// What runs are called, such as `race`.
  package var name: String
  package var first: UInt64
  package var count: Int
  package var workers: Int

  /// Whoever sees so many sees what is wrong.
  private static let toldMax = 20
  /// Telling how to come to a failure may take minutes.
  private static let explainedMax = 3

  private final class Tally: Sendable {
    let next = Atomic(0)
    let failed = Atomic(0)
  }

  package init(name: String, first: UInt64, count: Int, workers: Int = Campaign.processors) {
    self.name = name
    self.first = first
    self.count = count
    self.workers = max(1, workers)
  }

  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// - Parameters:
  ///   - check: carries out the run of a seed; nil: all was as it must be.
  ///   - explain: what else to say of one that was not.
  ///   - say: takes a text for people, from any thread.
  /// - Returns: how many runs failed.
  package func run(
    check: @escaping @Sendable (UInt64) -> String?,
    explain: @escaping @Sendable (UInt64) -> String? = { _ in nil },
    say: @escaping @Sendable (String) -> Void
  ) async -> Int {
    let tally = Tally()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<workers {
        group.addTask {
          while true {
            let place = tally.next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard place < count else { return }
            let seed = first &+ UInt64(place)
            guard let failure = check(seed) else { continue }
            let before = tally.failed.wrappingAdd(1, ordering: .relaxed).oldValue
            if before < Self.toldMax { say("\(name) \(seed): \(failure)") }
            if before < Self.explainedMax, let explanation = explain(seed) { say(explanation) }
          }
        }
      }
    }
    return tally.failed.load(ordering: .relaxed)
  }
}
