internal import MetricCatalog
internal import PatternSyntax
internal import Runs
internal import Synchronization

/// Where a watcher's runs have the files that tell of them beside their logs: what the paths of those logs say that are
/// there. The tailer's thread tells it of logs, the look for files asks; a mutex guards it.
package final class RunPlaces: Sendable {
  /// A run, and what the captures took from the path of one of its logs that the patterns name.
  struct Place: Hashable, Sendable {
    var key: RunBoard.Key
    var captures: [String]
  }

  private struct Contents {
    var logs: [Place: Int] = [:]
    var version: UInt64 = 0
  }

  /// Which captures the patterns name.
  let names: [String]
  let hasFinished: Bool
  let hasFailed: Bool
  let hasCheckpoints: Bool
  private let contents = Mutex(Contents())

  /// nil: nothing is looked for.
  init?(_ run: Watcher.Run) {
    let patterns = run.checkpoints + run.finishedFiles + run.failedFiles
    if patterns.isEmpty { return nil }
    names = Set(patterns.flatMap(\.captureNames)).sorted()
    (hasFinished, hasFailed) = (!run.finishedFiles.isEmpty, !run.failedFiles.isEmpty)
    hasCheckpoints = !run.checkpoints.isEmpty
  }

  /// What of the captures of a log's path the patterns name.
  func captures(_ captures: [String: String]) -> [String] { names.map { captures[$0] ?? "" } }

  /// A run has more logs at a place, or fewer.
  func change(_ place: Place, by change: Int) {
    contents.withLock { contents in
      let before = contents.logs[place, default: 0]
      let count = before + change
      contents.logs[place] = count > 0 ? count : nil
      if (before > 0) != (count > 0) { contents.version &+= 1 }
    }
  }

  /// Changes whenever `all` does.
  var version: UInt64 { contents.withLock { $0.version } }

  /// All places that have logs, and their version.
  func all() -> (places: [Place], version: UInt64) {
    let contents = contents.withLock { $0 }
    return (Array(contents.logs.keys), contents.version)
  }
}
