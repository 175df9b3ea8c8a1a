/// What must not be lost: between two settled moments a log was written to and rotated once, nothing failed, and nobody
/// did anything else to it. Then all its rows count, those of the old file that were not yet read when it lost its name,
/// too. (`RunModel` alone lets a reader miss them, as it may where the file is deleted or a call fails.)
struct Rotation {
  private var file: SimulatedFileSystem.Node?
  private var rowsCounted = 0.0
  private var rowsInFile = 0
  private var rotations = 0
  private var isOrderly = false

  /// The log is settled, and the file fully read.
  mutating func begin(_ file: SimulatedFileSystem.Node?, rows: RowTable, counted: Double) {
    self.file = file
    isOrderly = false
    guard let file else { return }
    let content = rows.content(of: file)
    isOrderly = content.tail == nil && file.bytes.last == UInt8(ascii: "\n")
    rowsInFile = content.rows.count
    rowsCounted = counted
    rotations = 0
  }

  /// - Parameter isOwn: whether the action is on this run.
  mutating func act(_ verb: Action.Verb, isOwn: Bool) {
    switch verb {
    case .turn, .settle, .wait, .jump, .lose, .double, .delay, .overflow, .short: break
    case .append where isOwn, .bulk where isOwn, .touch where isOwn: break
    case .rotate where isOwn: rotations += 1
    case .nowatches, .failstatus, .faillist, .failopen, .failread, .slow, .restart, .baseaway, .baseback:
      isOrderly = false
    default: if isOwn { isOrderly = false }
    }
  }

  /// How many rows have to be counted now; nil: that does not follow from this.
  func rowsExpected(path: SimulatedFileSystem.Node?, rotated: SimulatedFileSystem.Node?, rows: RowTable) -> Double? {
    guard isOrderly, rotations == 1, let file, file === rotated else { return nil }
    let old = rows.content(of: file).rows.count - rowsInFile
    return rowsCounted + Double(old + (path.map { rows.content(of: $0).rows.count } ?? 0))
  }
}
