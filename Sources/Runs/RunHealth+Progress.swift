/// What is shown of a run's way besides its state. Each is nil where it is not known.
extension RunHealth {
  package var step: Double? { steps.newest?.value }
  package var epoch: Double? { epochs.newest?.value }
  package var plannedSteps: Double? { steps.planned }
  package var plannedEpochs: Double? { epochs.planned }

  /// How much of what is planned it has done, 0 to 1: by its steps, or else by its epochs.
  package func progress(at now: Int64) -> Double? {
    guard let progress = steps.progress ?? epochs.progress else { return nil }
    // Numbers from 0 end one below. Whoever stopped early did not do all.
    let isDone = (steps.mayHaveReachedPlan || epochs.mayHaveReachedPlan) && state(at: now) == .finished
    return isDone ? 1 : progress
  }

  /// How long a step takes: the median of the latest, in seconds.
  package var stepSeconds: Double? { steps.seconds.quantile(0.5) }

  /// How long an epoch takes: the median of the latest, in seconds.
  package var epochSeconds: Double? { epochs.seconds.quantile(0.5) }

  package var stepsPerSecond: Double? {
    stepSeconds.flatMap { $0 > 0 ? 1 / $0 : nil }
  }

  /// When it will have done all that is planned, by its average pace since it began or was resumed: nanoseconds since
  /// 1970. nil, too: it has ended.
  package func expectedEnd(at now: Int64) -> Int64? {
    state(at: now).isEnd ? nil : steps.expectedEnd ?? epochs.expectedEnd
  }

  /// Whether the newest loss is no finite number; nil: there is no loss.
  package var isDiverged: Bool? { loss.map { !$0.isFinite } }
}
