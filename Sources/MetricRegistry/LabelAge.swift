/// When a sample was written, in nanoseconds since 1970, as far as that is known: what the ages of label values go by.
package struct SampleTime: Hashable, Sendable {
  let nanoseconds: Int64

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Of a log that was written last at `modified`.
  package init(modified: Int64) { nanoseconds = min(modified, Int64.max - 1) }

  /// Of who does not say: an application or a collector.
  package static let now = SampleTime(nanoseconds: .max)
  /// Of a series that is there without a sample.
  package static let never = SampleTime(nanoseconds: .min)

  /// Further back than any log's time: a sample that is read again ranks below all that was read for the first time,
  /// since nobody knows when in its log's life it was written.
  private static let readAgainShift: Int64 = 1 << 62

  /// The same of a sample that its log had before, when it was read for other metrics.
  package var readAgain: SampleTime {
    let (shifted, overflow) = nanoseconds.subtractingReportingOverflow(Self.readAgainShift)
    return overflow ? .never : SampleTime(nanoseconds: shifted)
  }
}

/// How old a label value is: when its last sample was written, and among samples of one time the order in which they
/// came. The smaller one is the older.
struct LabelAge: Comparable {
  var time: Int64
  var tick: UInt64

  static func < (left: LabelAge, right: LabelAge) -> Bool {
    (left.time, left.tick) < (right.time, right.tick)
  }
}
