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

  /// Just before: of two of one time, this one is the older, whichever came later.
  package var before: SampleTime { SampleTime(nanoseconds: max(nanoseconds, .min + 1) - 1) }

  /// Further back than any log's time: a sample that is read again ranks below all that was read for the first time,
  /// since nobody knows when in its log's life it was written. What its log's path says is an exception: `PathLabels`.
  private static let readAgainShift: Int64 = 1 << 62

  /// The same of a sample that its log had before, when it was read for other metrics.
  package var readAgain: SampleTime {
    let (shifted, overflow) = nanoseconds.subtractingReportingOverflow(Self.readAgainShift)
    return overflow ? .never : SampleTime(nanoseconds: shifted)
  }
}

/// The labels of a metric that a log's path settles, rather than its records. All of the log says their values, so where
/// it is read again they are as old as the log itself.
package struct PathLabels: Hashable, Sendable {
  /// A bit for each label's position; labels behind the 64th are taken for labels of records.
  private var bits: UInt64 = 0
  package static let none = PathLabels([])
  /// When the log was written; nil: it is read for the first time, and all its labels are as old as their sample.
  package var time: SampleTime?

  package init(_ positions: some Sequence<Int>) {
    for position in positions where position < UInt64.bitWidth { bits |= 1 << UInt64(position) }
  }

  /// When a label's value was said that comes with a sample of this time.
  func time(ofLabel position: Int, _ sample: SampleTime) -> SampleTime {
    guard let time, position < UInt64.bitWidth, bits & 1 << UInt64(position) != 0 else { return sample }
    return time
  }
}

/// How old a label value is: when its last sample was written, and among samples of one time the order in which they
/// came. The smaller one is the older.
struct LabelAge: Comparable {
  var time: Int64
  var tick: UInt64

  /// No value's: ticks begin at 1.
  static let none = LabelAge(time: .min, tick: 0)

  static func < (left: LabelAge, right: LabelAge) -> Bool {
    (left.time, left.tick) < (right.time, right.tick)
  }
}
