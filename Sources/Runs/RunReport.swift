/// What the records of one reading say of a run, together. Numbers that are not finite say nothing but for `loss`.
package struct RunReport: Sendable {
  /// The loss of one of the records.
  package struct Loss: Sendable {
    /// Its place among the records, from 1.
    package var record: Int
    package var value: Double

    package init(record: Int, value: Double) {
      self.record = record
      self.value = value
    }
  }

  /// When the newest record was written: nanoseconds since 1970. A time that is later than the reading counts as the
  /// time of the reading.
  package var time: Int64
  /// The same of the first record, where it is known by more than `time`.
  package var firstTime: Int64?
  /// How many new records there are. 0: it only says what is planned or not finite, and is no sign of life.
  package var count: Int
  /// The first of the records' steps, and the newest: any finite number.
  package var firstStep: Double?
  package var step: Double?
  /// The same for epochs.
  package var firstEpoch: Double?
  package var epoch: Double?
  /// How many are planned in all: above 0; others say nothing.
  package var plannedSteps: Double?
  package var plannedEpochs: Double?
  /// The newest: NaN and infinities are what diverged.
  package var loss: Double?
  /// Some of the losses before the newest, in their order.
  package var losses: [Loss] = []
  /// The best score of the records, and the step, or else the epoch, that had it.
  package var bestScore: Double?
  package var bestAt: Double?
  /// How many values were NaN or infinite, by field. Fields whose values were all finite have 0.
  package var nonFinite: [String: UInt64]
  /// Whether the newest record says that the run ended well.
  package var isFinished: Bool
  /// Whether the newest record says that the run failed.
  package var hasFailed: Bool
  /// Whether the records were found, not followed: they may all be old, and the time between them and the former ones
  /// says nothing of how often records come.
  package var isFirstReading: Bool

  package init(
    time: Int64,
    firstTime: Int64? = nil,
    count: Int = 1,
    firstStep: Double? = nil,
    step: Double? = nil,
    firstEpoch: Double? = nil,
    epoch: Double? = nil,
    plannedSteps: Double? = nil,
    plannedEpochs: Double? = nil,
    loss: Double? = nil,
    bestScore: Double? = nil,
    bestAt: Double? = nil,
    nonFinite: [String: UInt64] = [:],
    isFinished: Bool = false,
    hasFailed: Bool = false,
    isFirstReading: Bool = false
  ) {
    self.time = time
    self.firstTime = firstTime
    self.count = count
    self.firstStep = firstStep
    self.step = step
    self.firstEpoch = firstEpoch
    self.epoch = epoch
    self.plannedSteps = plannedSteps
    self.plannedEpochs = plannedEpochs
    self.loss = loss
    self.bestScore = bestScore
    self.bestAt = bestAt
    self.nonFinite = nonFinite
    self.isFinished = isFinished
    self.hasFailed = hasFailed
    self.isFirstReading = isFirstReading
  }
}

/// Which of two scores is the better one.
package enum RunScoreOrder: Sendable {
  case higher
  case lower

  func prefers(_ score: Double, to other: Double) -> Bool {
    switch self {
    case .higher: score > other
    case .lower: score < other
    }
  }
}
