/// Lines of which only the digest is wanted, since the line behind them has newer numbers in the same fields. It learns how
/// the lines of a log are written, and knows no values.
struct JSONOutdatedLines {
  private var shape: JSONShape?
  /// Whether the line that is read next has the shape.
  private var isFamiliar = false

  /// How many lines are read whole before the shape is looked for again: one where that was in vain, then twice as many each
  /// time.
  private var wholeLines = 0
  private var vainLines = 0
  private static let vainLinesMax = 63

  /// How many lines are read whole before another shape is learned: a few behind one that has the shape, then twice as many
  /// each time.
  private var linesBeforeLearning = 0
  private var patience = 1
  private static let patienceMin = 8
  private static let patienceMax = 1_024

  /// Takes the digests of lines whose numbers the line behind them replaces, as far as they have the shape.
  mutating func pass(_ cursor: inout BytePointer, end: BytePointer, lineBytesMax: Int, into batch: inout RecordBatch) {
    if wholeLines > 0 {
      wholeLines -= 1
      return
    }
    guard let shape, let settled = batch.settledSlots, shape.slotsEnd <= settled, let recordsEnd = batch.outdatedEnd
    else { return }
    let recordsBefore = batch.records.count
    var last: BytePointer?
    shape.read { shape in
      while batch.records.count < recordsEnd,
        let newline = ByteScan.first(LineCutter.newline, from: cursor, to: end),
        end - newline >= JSONShape.bytesBehind, newline - cursor <= lineBytesMax,
        let digest = shape.digest(from: cursor, to: newline)
      {
        batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
        last = cursor
        cursor = newline + 1
      }
    }
    // The numbers of the last one are not replaced: all of it is read.
    if let last {
      batch.records.removeLast()
      cursor = last
      isFamiliar = true
    }
    vainLines = batch.records.count > recordsBefore ? 0 : min(2 * vainLines + 1, Self.vainLinesMax)
    wholeLines = vainLines
  }

  /// Takes the shape of a line, which was read whole and is a record, for that of the lines to come; less and less often
  /// while none of them has it.
  @inline(__always)
  mutating func learn(
    from start: BytePointer,
    to end: BytePointer,
    _ record: inout RecordBuilder,
    of batch: borrowing RecordBatch
  ) {
    if isFamiliar {
      isFamiliar = false
      if vainLines == 0 { (linesBeforeLearning, patience) = (Self.patienceMin, Self.patienceMin) }
    } else if linesBeforeLearning > 0 {
      linesBeforeLearning -= 1
    } else if let settled = batch.settledSlots {
      patience = min(2 * patience, Self.patienceMax)
      linesBeforeLearning = patience
      shape = JSONShape(ofLine: start, to: end, record: &record, settledSlots: settled)
    }
  }
}
