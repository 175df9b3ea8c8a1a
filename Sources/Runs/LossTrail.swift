/// Some of the losses that a run has had, evenly spread over its records: enough to draw a small curve. Where there are too
/// many every second goes, and from then on they come half as often.
struct LossTrail: Sendable, Hashable {
  /// With the newest loss, which is not kept here, one more.
  static let keptMax = 31

  /// NaN and infinities, too.
  private(set) var losses: [Double] = []
  /// How many records there have been.
  var records: UInt64 = 0
  /// The number of the record from which on the next loss is kept.
  var next: UInt64 = 0
  /// From one to the next, in records.
  var spacing: UInt64 = 1
  /// Another number whenever other losses are kept.
  private(set) var changes = 0

  /// What a report says.
  mutating func take(_ report: RunReport) {
    guard let newest = report.loss else { return }
    for loss in report.losses { append(loss.value, at: records &+ UInt64(clamping: loss.record)) }
    records &+= UInt64(clamping: report.count)
    append(newest, at: records)
  }

  private mutating func append(_ loss: Double, at record: UInt64) {
    guard record >= next else { return }
    changes &+= 1
    losses.append(loss)
    next = record &+ spacing
    guard losses.count > Self.keptMax else { return }
    losses = stride(from: 0, to: losses.count, by: 2).map { losses[$0] }
    // Those that were found may have been further apart than was asked for.
    spacing = max(spacing &* 2, record / UInt64(losses.count))
    // The last one has gone: the one before it is as far back as they were apart.
    next = record &+ spacing / 2
  }

  /// Goes on with losses that were saved.
  mutating func refill(_ losses: [Double]) { self.losses = Array(losses.suffix(Self.keptMax)) }

  /// At most 32 losses, oldest first, the last of them the newest of all.
  func losses(upTo newest: Double?) -> [Double] {
    guard let newest else { return losses }
    // The newest may be the one that was kept last.
    return next == records &+ spacing && !losses.isEmpty ? losses : losses + [newest]
  }
}

extension RunHealth {
  /// At most 32 losses, evenly spread over the run, oldest first; NaN and infinities, too. nil: there was none.
  package var recentLosses: [Double]? { loss == nil ? nil : losses.losses(upTo: loss) }
}
