package import StateStore

/// Saving a registry's series and making them again in another registry, perhaps of another catalog. What a series is
/// told apart by is texts, never positions, so metrics and labels may come in another order.
extension Registry {
  /// Encodes the series of the metrics that `includes` names by position, as they are at one moment, and the rejections
  /// that were counted for them: all of them, or what has changed since the last time.
  ///
  /// - Parameter feeder: the number that stands for a feeder outside of the process.
  /// - Returns: whether infos have ended since the last time, which logs show.
  @discardableResult
  package func encodeSeries(
    into changes: inout StateChanges,
    includes: (Int) -> Bool,
    feeder: (Feeder) -> Int
  ) -> Bool {
    let included = metrics.filter { includes($0.index) }
    let haveInfosEnded = state.withLock { state in
      if changes.isWhole { state.encodeDeclarations(of: included, into: &changes) }
      let ended = state.saving.takeEnded()
      for place in ended.places where !changes.isWhole { changes.remove(.series, place) }
      for metric in included {
        for run in state.families[metric.index].pages.lazy.flatMap(\.runs)
        where run.block.unsaved.take() || changes.isWhole {
          for series in run.series where !series.isDropped {
            state.saving.encode(series, feeder: series.feeder.map(feeder) ?? -1, into: &changes)
          }
        }
      }
      return ended.haveInfosEnded
    }
    let names = Set(included.map(\.descriptor.name))
    let rejections = rejections().filter { names.contains($0.rejection.metric) }
      .map { StatePair($0.rejection, $0.count) }
    let total = rejections.reduce(UInt64(0)) { $0 &+ $1.second }
    // Counts only grow.
    let isNew = state.withLock { state in
      defer { state.saving.rejections = total }
      return state.saving.rejections != total
    }
    if isNew || changes.isWhole { changes.set(.rejections, 0) { $0.encode(rejections) } }
    return haveInfosEnded
  }

  /// Makes the series again of those metrics that `keeps` says yes to, by their positions here. Series that the
  /// declaration does not allow any more are left out.
  ///
  /// The types, buckets, native buckets and states of the kept metrics have to be those of the registry that was saved.
  ///
  /// - Parameter restored: told of each series that was made, with its place among those that were saved.
  package func restoreSeries(
    from saved: SavedRegistry,
    keeps: (Int) -> Bool,
    keepsExemplars: (Int) -> Bool = { _ in true },
    feeder: (Int) -> Feeder?,
    restored: (_ place: UInt64, Series) -> Void = { _, _ in }
  ) throws(StateDecoder.Failure) {
    var kept: [(metric: Metric, tables: [Int], records: [SavedRegistry.Record])] = []
    var tablesHere: [Int: Int] = [:]
    var usedSlots: [Int: Set<UInt32>] = [:]
    for family in saved.families {
      guard let index = index(of: family.name), keeps(index) else { continue }
      let metric = metrics[index]
      guard metric.labelTables.count == family.tables.count else { throw StateDecoder.Failure() }
      for (saved, here) in zip(family.tables, metric.labelTables) { tablesHere[saved] = here }
      let records = try family.records(of: metric)
      for record in records {
        for (table, slot) in zip(family.tables, record.slots) { usedSlots[table, default: []].insert(slot) }
      }
      kept.append((metric, family.tables, records))
    }
    var texts: [Int: [UInt32: String]] = [:]
    var uses: [SavedUse] = []
    for (table, values) in saved.values {
      for value in values where usedSlots[table]?.contains(value.slot) == true {
        texts[table, default: [:]][value.slot] = value.text
        uses.append(SavedUse(age: value.age, table: table, text: value.text))
      }
    }
    uses.sort { $0.age < $1.age }
    let refused = valuesWithoutPlace(uses, tablesHere)
    for (metric, tables, records) in kept {
      let keepsExemplars = keepsExemplars(metric.index)
      for record in records {
        var values: [String] = []
        for (table, slot) in zip(tables, record.slots) {
          guard let text = texts[table]?[slot] else { throw StateDecoder.Failure() }
          values.append(text)
        }
        let hasPlace = !zip(tables, values).contains { refused[$0]?.contains($1) ?? false }
        let series = hasPlace ? state.withLock { $0.restoredSeries(of: metric, texts: values) } : nil
        let feeder = feeder(record.feeder)
        // Versions before 4 did not know when the log had said it.
        series?.said(by: feeder, at: feeder?.modified ?? .min)
        var rest = record.rest
        if rest.version < 3, let series, let modified = series.feeder?.modified {
          // The times of label values were not saved: they are as old as the logs that fed their series.
          let age = ledger.age(at: time(ofLogModifiedAt: modified, isFollowed: false))
          state.withLock { _ in
            for label in metric.evictingLabels { series.value(ofLabel: label).use.note(age) }
          }
        }
        try Series.decodeValue(of: metric, into: series, keepsExemplars: keepsExemplars, from: &rest)
        if let series { restored(record.place, series) }
      }
    }
    restoreUses(uses, tablesHere)
    for counted in saved.rejections {
      guard let index = index(of: counted.first.metric), keeps(index) else { continue }
      count(rejection: counted.first, by: counted.second)
    }
  }

  /// Where a label may have fewer values now and makes room for new ones, those go that were used longest ago.
  private func valuesWithoutPlace(
    _ uses: [SavedUse],
    _ tablesHere: [Int: Int]
  ) -> [Int: Set<String>] {
    var refused: [Int: Set<String>] = [:]
    for (table, used) in Dictionary(grouping: uses, by: \.table) {
      guard let here = tablesHere[table], let room = state.withLock({ $0.labels[here].evictionLimit }) else { continue }
      refused[table] = Set(used.dropLast(room).map(\.text))
    }
    return refused
  }

  /// Gives label values the ages that they had, or the order of their last uses where that is all that is known.
  private func restoreUses(_ uses: [SavedUse], _ tablesHere: [Int: Int]) {
    state.withLock { state in
      for use in uses {
        guard let table = tablesHere[use.table], let value = state.labels[table].liveValue(use.text) else { continue }
        let time = max(use.age.time, value.age.time)
        value.use.note(LabelAge(time: time, tick: ledger.age(at: SampleTime(modified: time)).tick))
        // What is read again never was the newest.
        if time > 0 { _ = ledger.latest(time) }
      }
    }
  }
}

/// When a label value was used last, by the table that it is in.
private struct SavedUse {
  var age: LabelAge
  var table: Int
  var text: String
}

extension Series {
  /// What it is told apart by, and its value.
  func encode(into encoder: inout StateEncoder) {
    for position in 0..<labelCount {
      encoder.encode(UInt32(truncatingIfNeeded: value(ofLabel: position).slot))
    }
    switch cell {
    case .number, .counter:
      encoder.encode(bits.pointee.load(ordering: .relaxed))
      if metric.showsNewest { encoder.encode(saidAt) }
    case .nativeHistogram(let cell):
      encoder.encode(cell.contents)
    case .histogram:
      let (buckets, sum) = histogram ?? ([], 0)
      // Not cumulative: as observations are added.
      encoder.encode(buckets.indices.map { $0 == 0 ? buckets[0] : buckets[$0] &- buckets[$0 - 1] })
      encoder.encode(sum)
    case .summary(let cell):
      let (sum, count, recent) = cell.contents
      encoder.encode(sum)
      encoder.encode(count)
      encoder.encode(recent)
    }
    encodeOrigin(into: &encoder)
  }

  /// More observations than a series can have made. Above, a histogram's own marks begin, and sums may overflow.
  private static let savedCountMax: UInt64 = 1 << 48

  /// Reads a series' value, and gives it to `series` where there is one.
  static func decodeValue(
    of metric: Metric,
    into series: Series?,
    keepsExemplars: Bool,
    from decoder: inout StateDecoder
  ) throws(StateDecoder.Failure) {
    defer { series?.noteChange() }
    switch metric.descriptor.type {
    case .counter, .gauge, .info, .stateset:
      let bits: UInt64 = try decoder.decode()
      if metric.descriptor.type == .counter, Double(bitPattern: bits).whyNotCounted != nil {
        throw StateDecoder.Failure()
      }
      series?.bits.pointee.store(bits, ordering: .relaxed)
      if metric.showsNewest, decoder.version >= 4 {
        let time: Int64 = try decoder.decode()
        if let series { series.said(by: series.feeder, at: time) }
      }
    case .histogram where metric.descriptor.nativeHistogram != nil:
      let state: NativeHistogramCell.State = try decoder.decode()
      if case .nativeHistogram(let cell)? = series?.cell, !cell.restore(state) { throw StateDecoder.Failure() }
    case .histogram:
      let counts: [UInt64] = try decoder.decode()
      let sum: Double = try decoder.decode()
      guard counts.count == metric.descriptor.buckets.count + 1, counts.allSatisfy({ $0 < Self.savedCountMax }),
        counts.reduce(0, &+) < Self.savedCountMax
      else { throw StateDecoder.Failure() }
      if case .histogram(let cell)? = series?.cell, !cell.restore(bucketCounts: counts, sum: sum) {
        throw StateDecoder.Failure()
      }
    case .summary:
      let sum: Double = try decoder.decode()
      let count: UInt64 = try decoder.decode()
      let recent: [Double] = try decoder.decode()
      guard count < Self.savedCountMax else { throw StateDecoder.Failure() }
      if case .summary(let cell)? = series?.cell { cell.restore(sum: sum, count: count, recent: recent) }
    }
    try decodeOrigin(of: metric, into: series, keepsExemplars: keepsExemplars, from: &decoder)
  }
}
