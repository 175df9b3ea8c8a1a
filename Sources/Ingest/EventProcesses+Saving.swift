internal import Clocks
internal import MetricRegistry
internal import StateStore

/// Saving what is known of processes: of each how far it was read, and, a part each, what it contributes to series. The
/// series themselves have what all have contributed.
extension EventProcesses {
  /// What is to be saved, and what of it was. Before a whole was nothing is.
  struct Saving {
    fileprivate var hasBegun = false
    fileprivate var processes: [EventProcess] = []
    fileprivate var contributions: [(process: EventProcess, contribution: EventContribution)] = []
    fileprivate var removedProcesses: [UInt64] = []
    fileprivate var removedContributions: [UInt64] = []

    mutating func note(_ process: EventProcess) {
      guard hasBegun, !process.isChanged else { return }
      process.isChanged = true
      processes.append(process)
    }

    mutating func note(_ contribution: EventContribution, of process: EventProcess) {
      guard hasBegun, !contribution.isChanged else { return }
      contribution.isChanged = true
      contributions.append((process, contribution))
    }

    mutating func forget(_ process: EventProcess) {
      process.isForgotten = true
      if process.savedPlace > 0 { removedProcesses.append(process.savedPlace) }
    }

    mutating func forget(_ contribution: EventContribution) {
      contribution.isForgotten = true
      if contribution.savedPlace > 0 { removedContributions.append(contribution.savedPlace) }
    }
  }

  /// Encodes what has changed since the last time, or all. The series have their places already.
  func encode(into changes: inout StateChanges, nextPlace: () -> UInt64) {
    if changes.isWhole {
      saving.processes = Array(processes.values)
      saving.contributions = processes.values.flatMap { process in
        process.contributions.values.map { (process, $0) }
      }
    } else {
      for place in saving.removedProcesses { changes.remove(.process, place) }
      for place in saving.removedContributions { changes.remove(.contribution, place) }
    }
    for process in saving.processes where !process.isForgotten {
      if process.savedPlace == 0 { process.savedPlace = nextPlace() }
      let names = process.isReadAgain ? plan.metrics.indices.filter { readAgain[$0] }.map { plan.metrics[$0].name } : []
      let saved = SavedProcess(watcher: plan.watcher.name, process, readAgainFor: names)
      changes.set(.process, process.savedPlace) { $0.encode(saved) }
    }
    for (process, contribution) in saving.contributions where !contribution.isForgotten {
      let series = contribution.series.series
      guard !series.isDropped, series.savedPlace > 0 else { continue }
      if contribution.savedPlace == 0 { contribution.savedPlace = nextPlace() }
      changes.set(.contribution, contribution.savedPlace) { encoder in
        encoder.encode(compact: process.savedPlace)
        encoder.encode(compact: series.savedPlace)
        encoder.encode(EventContribution.Saved(contribution))
      }
    }
    for process in saving.processes { process.isChanged = false }
    for (_, contribution) in saving.contributions { contribution.isChanged = false }
    saving = Saving()
    saving.hasBegun = true
  }

  /// Goes on with what another process knew.
  ///
  /// - Parameters:
  ///   - lacks: by metric, whether nothing was kept that it had, so that files are read again for it.
  ///   - series: what became of the saved series.
  func restore(_ saved: SavedEvents, lacks: [Bool], series: [UInt64: Series], savedAt: Moment) {
    let now = clock()
    isReadAgain = lacks.contains(true)
    readAgain = lacks
    for (place, one) in saved.processes where one.watcher == plan.watcher.name {
      let process = EventProcess(identity: one.identity)
      process.newest = one.newest
      process.readAgain = isReadAgain ? 0 : one.readAgain
      if one.hasEnded { process.standing = .ended }
      process.hasForgotten = one.hasForgotten
      process.rejections = one.rejections
      process.seen = one.times.asOf(now, savedAt: savedAt).lastChange
      for (index, metric) in plan.metrics.enumerated() where one.readAgainFor.contains(metric.name) {
        readAgain[index] = true
      }
      let contributions = saved.contributions[place, default: []].compactMap { place, contribution in
        series[place].map { (series: $0, contribution) }
      }
      restore(process, contributions: contributions)
    }
  }
}

/// Processes that write events, as they were saved: by their places, and their contributions with those of series.
struct SavedEvents {
  private(set) var processes: [(place: UInt64, SavedProcess)] = []
  private(set) var contributions: [UInt64: [(series: UInt64, EventContribution.Saved)]] = [:]

  init() {}

  init(_ image: StateImage) throws(StateDecoder.Failure) {
    for place in image.owners(of: .process) {
      var decoder = try image.decoder(.process, place)
      processes.append((place, try decoder.decode()))
    }
    for place in image.owners(of: .contribution) {
      var decoder = try image.decoder(.contribution, place)
      let process = try decoder.compact()
      contributions[process, default: []].append((try decoder.compact(), try decoder.decode()))
    }
  }
}

struct SavedProcess: StateRecord {
  private(set) var watcher = ""
  private(set) var identity = ""
  private(set) var newest: UInt64 = 0
  private(set) var readAgain: UInt64 = 0
  /// The metrics for which it was being read again.
  private(set) var readAgainFor: [String] = []
  private(set) var hasEnded = false
  private(set) var hasForgotten = false
  private(set) var times = SavedTimes()
  private(set) var rejections: [Rejection: UInt64] = [:]

  static let fields = [
    StateField(\Self.watcher), StateField(\.identity), StateField(\.newest), StateField(\.readAgain),
    StateField(\.readAgainFor), StateField(\.hasEnded), StateField(\.hasForgotten), StateField(\.times),
    StateField(\.rejections),
  ]

  init() {}

  init(watcher: String, _ process: EventProcess, readAgainFor names: [String]) {
    self.watcher = watcher
    identity = process.identity
    newest = process.newest
    readAgain = process.readAgain
    readAgainFor = names
    hasEnded = process.standing == .ended
    hasForgotten = process.hasForgotten
    times = SavedTimes(lastChange: process.seen)
    rejections = process.rejections
  }
}

extension EventContribution {
  struct Saved: StateRecord {
    private(set) var total = 0.0
    private(set) var counts: [UInt64] = []
    private(set) var native: NativeCounts?
    /// What lines say of the series' labels; nil: what the series has.
    private(set) var labelValues: [String]?

    static let fields = [
      StateField(\Self.total), StateField(\.counts), StateField(\.native), StateField(\.labelValues),
    ]

    init() {}

    init(_ contribution: EventContribution) {
      total = contribution.total
      counts = contribution.counts
      native = contribution.native
      let said = contribution.said.name.labelValues
      if said != contribution.series.series.labelValues { labelValues = said }
    }
  }
}
