internal import LogFormats

/// Leaves the values out of records that bring nothing that later records of their batch do not replace: of a field that feeds
/// nothing but gauges, the last number is all that counts.
struct NewestValues {
  /// By slot, whether the last number is all that counts.
  let takesLatest: [Bool]

  /// Below that, looking through the values takes as long as mapping them.
  private static let recordsMin = 16

  func keep(in batch: inout RecordBatch) {
    guard batch.records.count >= Self.recordsMin, batch.values.count > takesLatest.count else { return }
    let places = newestPlaces(in: batch)
    let spacing = batch.keepsSomeValues ? batch.records.count / Self.recordsMin : Int.max
    var read = 0
    var written = 0
    for index in batch.records.indices {
      let end = batch.records[index].valuesEnd
      let isReplaced = index % spacing != 0 && (read..<end).allSatisfy { $0 < places[Int(batch.values[$0].slot)] }
      if isReplaced {
        read = end
      } else {
        while read < end {
          batch.values[written] = batch.values[read]
          (read, written) = (read + 1, written + 1)
        }
      }
      batch.records[index].valuesEnd = written
    }
    batch.values.removeLast(batch.values.count - written)
  }

  /// By slot, the place of its last number in the batch; -1: each of its values counts.
  private func newestPlaces(in batch: borrowing RecordBatch) -> [Int] {
    var places = takesLatest.map { $0 ? 0 : -1 }
    for place in batch.values.indices {
      let slot = Int(batch.values[place].slot)
      // What is no number may end the gauge, and which series comes then depends on the values behind it.
      if places[slot] >= 0 { places[slot] = batch.values[place].isFiniteNumber ? place : -1 }
    }
    return places
  }
}

extension RecordBatch.Value {
  /// Whether it is a single finite number, with nothing behind it.
  fileprivate var isFiniteNumber: Bool {
    isNumber && !isContainer && !isInArray && !isLate && restLength == 0 && number.isFinite
  }
}
