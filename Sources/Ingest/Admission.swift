/// How a record of a log is taken.
enum Admission {
  /// It is new: it counts, and is shown at once.
  case new
  /// The log had it already: it does not count, and what it shows waits.
  case known
  /// It is new to a log that was written again and is another one: it counts, and what it shows waits until the log is
  /// read to its end.
  case differing
  /// It is a last line without its end: it is shown, and may be taken back.
  case provisional

  /// Whether it counts: in counters, histograms, summaries and records.
  var counts: Bool { self == .new || self == .differing }
}
