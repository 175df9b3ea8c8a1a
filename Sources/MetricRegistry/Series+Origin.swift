import MetricModel

/// When counters, histograms and summaries began, and the exemplars of counters and histograms.
extension Series {
  /// When the series began, in nanoseconds since 1970; nil: its type has no beginning.
  package var created: Int64? {
    switch cell {
    case .number: nil
    case .counter(let cell): cell.origin.created.load(ordering: .relaxed)
    case .histogram(let cell): cell.origin.created.load(ordering: .relaxed)
    case .nativeHistogram(let cell): cell.origin.created.load(ordering: .relaxed)
    case .summary(let cell): cell.origin.created.load(ordering: .relaxed)
    }
  }

  /// A counter's last exemplar; nil: it has none.
  package var exemplar: Exemplar? {
    guard case .counter(let cell) = cell else { return nil }
    return cell.origin.exemplars?.contents.slots.first ?? nil
  }

  /// The last exemplar of each classic bucket of a histogram, `+Inf` last; empty: it has none.
  package var exemplars: [Exemplar?] {
    metric.descriptor.type == .histogram ? exemplarStore?.contents.slots ?? [] : []
  }

  /// The newest exemplars of a histogram with native buckets, at most ten, the newest last.
  package var nativeExemplars: [Exemplar] { exemplarStore?.contents.recent ?? [] }

  /// Adds to a counter, and keeps where the increment came from.
  ///
  /// - Parameters:
  ///   - time: when it was, in nanoseconds since 1970; nil: now.
  ///   - sampleTime: what the ages of label values go by.
  @discardableResult
  package func add(
    _ increment: Double,
    exemplar labels: [Exemplar.Label],
    time: Int64? = nil,
    at sampleTime: SampleTime = .now
  ) -> Bool {
    guard case .counter(let cell) = cell else { preconditionFailure("only a counter's increment has an exemplar") }
    guard add(increment, at: sampleTime) else { return false }
    if let exemplar = makeExemplar(labels, value: increment, time: time) {
      cell.origin.exemplars(slotCount: 1).put(exemplar, inSlot: 0)
      noteChange()
    }
    return true
  }

  /// Adds an observation to a histogram, and keeps where it came from.
  ///
  /// - Parameters:
  ///   - time: when it was, in nanoseconds since 1970; nil: now.
  ///   - sampleTime: what the ages of label values go by.
  @discardableResult
  package func observe(
    _ value: Double,
    exemplar labels: [Exemplar.Label],
    time: Int64? = nil,
    at sampleTime: SampleTime = .now
  ) -> Bool {
    guard observe(value, at: sampleTime) else { return false }
    if let exemplar = makeExemplar(labels, value: value, time: time) {
      madeExemplarStore?.put(exemplar, inSlot: metric.descriptor.buckets.classicBucket(of: value))
      noteChange()
    }
    return true
  }

  /// nil: the labels say nothing, or they were refused and counted.
  private func makeExemplar(_ labels: [Exemplar.Label], value: Double, time: Int64?) -> Exemplar? {
    guard let accepted = Exemplar.accepted(labels) else {
      metric.reject(.exemplarLabels)
      return nil
    }
    if accepted.isEmpty { return nil }
    metric.noteExemplar()
    return Exemplar(labels: accepted, value: value, time: time ?? metric.ledger.now())
  }

  /// nil: there was no exemplar yet.
  var exemplarStore: ExemplarStore? {
    switch cell {
    case .counter(let cell): cell.origin.exemplars
    case .histogram(let cell): cell.origin.exemplars
    case .nativeHistogram(let cell): cell.origin.exemplars
    case .number, .summary: nil
    }
  }

  /// nil: the type has no exemplars.
  private var madeExemplarStore: ExemplarStore? {
    switch cell {
    case .counter(let cell): cell.origin.exemplars(slotCount: 1)
    case .histogram(let cell): cell.origin.exemplars(slotCount: cell.bucketCount)
    case .nativeHistogram(let cell): cell.origin.exemplars(slotCount: cell.bucketCount, keepsRecent: true)
    case .number, .summary: nil
    }
  }

  func restore(created: Int64) {
    switch cell {
    case .number: break
    case .counter(let cell): cell.origin.created.store(created, ordering: .relaxed)
    case .histogram(let cell): cell.origin.created.store(created, ordering: .relaxed)
    case .nativeHistogram(let cell): cell.origin.created.store(created, ordering: .relaxed)
    case .summary(let cell): cell.origin.created.store(created, ordering: .relaxed)
    }
  }

  func restore(_ exemplars: ExemplarStore.Contents) {
    metric.noteExemplar()
    madeExemplarStore?.restore(exemplars)
  }
}
