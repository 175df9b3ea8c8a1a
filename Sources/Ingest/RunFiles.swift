internal import Clocks
internal import Runs

/// How many files each run has, of all watchers together.
final class RunFiles {
  let board: RunBoard
  private let clock: () -> Moment
  private var counts: [RunBoard.Key: Int] = [:]

  init(_ board: RunBoard, clock: @escaping () -> Moment) {
    self.board = board
    self.clock = clock
  }

  func change(_ key: RunBoard.Key, by change: Int) {
    let count = counts[key, default: 0] + change
    counts[key] = count > 0 ? count : nil
    let time = clock().wall
    if count > 0 {
      board.update(key) { $0.filesChanged(count: count, at: time) }
    } else {
      board.updateKnown(key) { $0.filesChanged(count: 0, at: time) }
    }
  }

  /// All logs that another process followed have been opened again: runs without one have no files.
  func restored() { board.sawFiles(counts, at: clock().wall) }
}
