internal import Clocks
internal import Runs

/// Tells the board which files each run has, of all watchers together.
final class RunFiles {
  let board: RunBoard
  let logs = RunLogs()
  private let clock: () -> Moment

  init(_ board: RunBoard, clock: @escaping () -> Moment) {
    self.board = board
    self.clock = clock
  }

  func add(_ added: some Collection<RunLog>, to key: RunBoard.Key) { tell(logs.add(added, to: key), key) }

  func remove(_ removed: some Collection<RunLog>, of key: RunBoard.Key) { tell(logs.remove(removed, of: key), key) }

  private func tell(_ count: Int, _ key: RunBoard.Key) {
    let time = clock().wall
    if count > 0 {
      board.update(key) { $0.filesChanged(count: count, at: time) }
    } else {
      board.updateKnown(key) { $0.filesChanged(count: 0, at: time) }
    }
  }

  /// All logs that another process followed have been opened again: runs without one have no files.
  func restored() { board.sawFiles(logs.all().mapValues(\.count), at: clock().wall) }
}
