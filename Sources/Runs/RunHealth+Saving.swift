package import StateStore

/// Saving what is known of a run, but for its windows. What cannot be is refused: damage, or a forged file.
extension RunHealth: StateRecord {
  package static let fields = [
    StateField(\Self.start), StateField(\.lastRecord), StateField(\.heard),
    StateField(\.isMarkedFinished), StateField(\.isMarkedFailed), StateField(\.files), StateField(\.processes),
    StateField(\.returned), StateField(\.steps), StateField(\.epochs), StateField(\.loss), StateField(\.lossTime),
    StateField(\.bestScore), StateField(\.bestAt), StateField(\.nonFinite), StateField(\.isResumed),
    StateField(\.tracedAt), StateField(\.finishedAt), StateField(\.seen), StateField(\.marks), StateField(\.checkpoint),
    StateField(\.losses.records),
  ]
}

extension RunPace: StateRecord {
  package static let fields = [
    StateField(\Self.first), StateField(\.newest), StateField(\.origin), StateField(\.mark), StateField(\.isFound),
    StateField(\.isBlurred), StateField(\.isWhole), StateField(\.savedPlan), StateField(\.recordsAtValue),
    StateField(\.recordsPerValue),
  ]

  /// What was planned, if that can be.
  private var savedPlan: Double? {
    get { planned }
    set { plan(newValue) }
  }
}

extension RunPace.Point: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(time, value)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(time: try decoder.decode(), value: try decoder.decode())
    guard value.isFinite else { throw StateDecoder.Failure() }
  }
}

extension RunHealth.Marks: StateRecord {
  static let fields = [StateField(\Self.finished), StateField(\.failed), StateField(\.withdrawn)]
}

extension RunCheckpoint: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(path)
    encoder.encode(time)
    encoder.encode(size)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(path: try decoder.decode(), time: try decoder.decode(), size: try decoder.decode())
    guard size >= 0 else { throw StateDecoder.Failure() }
  }
}

extension RunPresence: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    switch self {
    case .unknown: encoder.encode(Int64(0), 0)
    case .there(let count): encoder.encode(Int64(0), count)
    case .gone(let since): encoder.encode(since, -1)
    }
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    let since: Int64 = try decoder.decode()
    let count: Int = try decoder.decode()
    switch count {
    case -1: self = .gone(since: since)
    case 0: self = .unknown
    case 1...: self = .there(count)
    default: throw StateDecoder.Failure()
    }
  }
}
