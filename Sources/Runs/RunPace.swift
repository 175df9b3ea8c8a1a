/// How far a run has come along its steps, or along its epochs, and how fast: of numbers that rise. Where they fall, or
/// where their times do, the run was resumed, and the pace begins anew.
package struct RunPace: Sendable {
  /// When a number was first met.
  struct Point: Sendable {
    /// Nanoseconds since 1970.
    var time: Int64
    /// Finite.
    var value: Double
  }

  /// How many of the latest rises say how long one takes.
  static let windowSize = 128

  /// The smallest that came first: 0 where the run counts from 0.
  var first: Double?
  var newest: Point?
  /// Since when the run goes at one pace; nil: the next number is where it begins.
  var origin: Point?
  /// Where the rise began that is not measured yet: before `newest` if both have the same time.
  var mark: Point?
  /// Whether `newest` was found: it may have been there for a while.
  var isFound = false
  /// Whether it had been: others came with the same number.
  var isBlurred = false
  /// Whether all numbers were whole.
  var isWhole = true
  /// Above 0, and finite.
  var planned: Double?
  /// How many records have the newest number, and the most that one had.
  var recordsAtValue = 0
  var recordsPerValue = 1
  /// Seconds for a rise by 1.
  var seconds = SortedWindow(capacity: Self.windowSize)

  package init() {}

  mutating func plan(_ total: Double?) {
    if let total, total.isFinite, total > 0 { planned = total }
  }

  /// The next number begins anew, though it may have risen: the run had ended in between.
  mutating func resume() {
    origin = nil
    mark = nil
    seconds.removeAll()
  }

  /// Goes on to the newest number of a reading.
  ///
  /// - Parameters:
  ///   - first: the reading's first number.
  ///   - firstTime: when that was, if it is known.
  ///   - count: how many records there are.
  mutating func take(_ value: Double, first: Double?, firstTime: Int64?, time: Int64, count: Int, isFound: Bool) {
    guard value.isFinite else { return }
    let point = Point(time: time, value: value)
    let begun = first.flatMap { $0.isFinite ? $0 : nil } ?? value
    self.first = min(self.first ?? begun, begun)
    isWhole = isWhole && value == value.rounded() && begun == begun.rounded()
    guard let newest, origin != nil, value >= newest.value, time >= newest.time else {
      begin(at: point, isFound: isFound)
      countRecords(count, since: begun, to: value, isFirst: true)
      if let firstTime, firstTime < time, begun < value { origin = Point(time: firstTime, value: begun) }
      return
    }
    if value == newest.value {
      recordsAtValue = recordsAtValue.addingClamped(count)
      isBlurred = self.isFound
    } else {
      countRecords(count, since: newest.value, to: value, isFirst: false)
      rise(to: point, isFound: isFound)
    }
  }

  private mutating func begin(at point: Point, isFound: Bool) {
    resume()
    (newest, origin, mark) = (point, point, point)
    self.isFound = isFound
    isBlurred = false
  }

  private mutating func rise(to point: Point, isFound: Bool) {
    if isBlurred {
      // Nobody knows when the former number came. If it was where all begins, this is a better beginning.
      if let origin, let newest, origin.value == newest.value { self.origin = point }
      mark = point
    } else if let mark, point.time > mark.time {
      seconds.insert(Nanoseconds.secondsElapsed(from: mark.time, to: point.time) / (point.value - mark.value))
      self.mark = point
    }
    newest = point
    self.isFound = isFound
    isBlurred = false
  }

  /// Many tools write several records an epoch: the last epoch has begun with the first of them, and is over with the
  /// last. Where that has fewer than others had, the end is not told from here.
  private mutating func countRecords(_ count: Int, since former: Double, to value: Double, isFirst: Bool) {
    let values = value - former + (isFirst ? 1 : 0)
    let share = isWhole && values >= 1 ? Int(exactly: (Double(count) / values).rounded(.down)) ?? 1 : 1
    recordsPerValue = max(recordsPerValue, share, isFirst ? 1 : recordsAtValue)
    recordsAtValue = isWhole && values == 1 ? count : 1
  }

  /// Whether it has come as far as was planned: also by the records that it has for each number, if there are several.
  var hasReachedPlan: Bool {
    guard let newest, let planned else { return false }
    return newest.value >= planned && (newest.value > planned || recordsAtValue >= recordsPerValue)
  }

  /// Whether this may have been all: numbers from 0 end one below what is planned.
  var mayHaveReachedPlan: Bool {
    guard let newest, let lastValue else { return false }
    return newest.value >= lastValue
  }

  /// The number of the last record, if all goes as planned.
  private var lastValue: Double? {
    planned.map { first == 0 && isWhole ? $0 - 1 : $0 }
  }

  /// 0 to 1; nil: one of both is not known.
  package var progress: Double? {
    guard let newest, let planned else { return nil }
    return min(max(newest.value / planned, 0), 1)
  }

  /// When the last record comes if the run goes on as it has on average since it began, pauses included: nanoseconds
  /// since 1970. nil: too little is known.
  package var expectedEnd: Int64? {
    guard let origin, let newest, let lastValue, newest.value > origin.value, newest.time > origin.time else {
      return nil
    }
    let each = Nanoseconds.secondsElapsed(from: origin.time, to: newest.time) / (newest.value - origin.value)
    // The last of an epoch's records is so much later than its first.
    let rest = isWhole ? 1 - 1 / Double(max(recordsPerValue, 1)) : 0
    let remaining = lastValue + rest - newest.value
    return remaining >= 0 ? Nanoseconds.adding(seconds: each * remaining, to: newest.time) : nil
  }
}
