package import StateStore

/// Saving a registry's series and making them again in another registry, perhaps of another catalog. What a series is
/// told apart by is texts, never positions, so metrics and labels may come in another order.
extension Registry {
  /// Encodes the series of the metrics that `includes` names by position, as they are at one moment, and the rejections
  /// that were counted for them.
  ///
  /// - Parameter source: stands for a series' source outside of the process.
  package func encodeSeries(
    into encoder: inout StateEncoder,
    includes: (Int) -> Bool,
    source: (SeriesSource) -> Int
  ) {
    let included = metrics.filter { includes($0.index) }
    state.withLock { state in
      let tables = Set(included.flatMap(\.labelTables)).sorted()
      encoder.encode(
        tables.map { table in
          var live: [SavedValue] = []
          state.labels[table].forEachLive { live.append(SavedValue(slot: $0, $1)) }
          return StatePair(table, live)
        }
      )
      encoder.encode(each: included) { encoder, metric in
        encoder.encode(metric.descriptor.name)
        encoder.encode(metric.labelTables)
        encoder.encodePart { encoder in
          encoder.encode(state.families[metric.index].liveCount)
          for page in state.families[metric.index].pages {
            for position in 0..<page.count {
              let series = page.series(at: position)
              guard !series.isDropped else { continue }
              encoder.encode(series.source.map(source) ?? -1)
              series.encode(into: &encoder)
            }
          }
        }
      }
    }
    let names = Set(included.map(\.descriptor.name))
    encoder.encode(
      rejections().filter { names.contains($0.rejection.metric) }.map { StatePair($0.rejection, $0.count) }
    )
  }

  /// Makes the series again of those metrics that `keeps` says yes to, by their positions here. Series that the
  /// declaration does not allow any more are left out.
  ///
  /// The types, buckets, native buckets and states of the kept metrics have to be those of the registry that was saved.
  package func restoreSeries(
    from decoder: inout StateDecoder,
    keeps: (Int) -> Bool,
    keepsExemplars: (Int) -> Bool = { _ in true },
    source: (Int) -> SeriesSource?
  ) throws(StateDecoder.Failure) {
    var texts: [Int: [UInt32: String]] = [:]
    var uses: [SavedUse] = []
    for (table, values) in try decoder.decode([Int: [SavedValue]].self) {
      for value in values {
        texts[table, default: [:]][value.slot] = value.text
        uses.append(SavedUse(age: value.age, table: table, text: value.text))
      }
    }
    var tablesHere: [Int: Int] = [:]
    var families: [(index: Int?, tables: [Int], part: StateDecoder)] = []
    for _ in 0..<(try decoder.count(bytesEach: 1)) {
      let index = index(of: try decoder.decode())
      let tables: [Int] = try decoder.decode()
      families.append((index, tables, try decoder.decoderOfPart()))
      guard let index, keeps(index) else { continue }
      guard metrics[index].labelTables.count == tables.count else { throw StateDecoder.Failure() }
      for (saved, here) in zip(tables, metrics[index].labelTables) { tablesHere[saved] = here }
    }
    uses.sort { $0.age < $1.age }
    let refused = valuesWithoutPlace(uses, tablesHere)
    for (index, tables, part) in families {
      guard let index, keeps(index) else { continue }
      let metric = metrics[index]
      var part = part
      let count = try part.int()
      guard count >= 0 else { throw StateDecoder.Failure() }
      for _ in 0..<count {
        let origin = try part.int()
        var values: [String] = []
        for table in tables {
          guard let text = texts[table]?[try part.uint32()] else { throw StateDecoder.Failure() }
          values.append(text)
        }
        let hasPlace = !zip(tables, values).contains { refused[$0]?.contains($1) ?? false }
        let series = hasPlace ? state.withLock { $0.restoredSeries(of: metric, texts: values) } : nil
        series?.source = source(origin)
        if part.version < 3, let series, let modified = series.source?.modified {
          // The times of label values were not saved: they are as old as the logs that fed their series.
          let age = ledger.age(at: time(ofLogModifiedAt: modified, isFollowed: false))
          for label in metric.evictingLabels { series.values[label]._withUnsafeGuaranteedRef { $0.use(age) } }
        }
        let keepsExemplars = keepsExemplars(index)
        try Series.decodeValue(of: metric, into: series, keepsExemplars: keepsExemplars, from: &part)
      }
    }
    restoreUses(uses, tablesHere)
    for counted in try decoder.decode([StatePair<Rejection, UInt64>].self) {
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
        value.use(LabelAge(time: time, tick: ledger.age(at: SampleTime(modified: time)).tick))
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

/// A live value of a label's table.
private struct SavedValue: StateCodable {
  var slot: UInt32
  var text: String
  var age: LabelAge

  init(slot: Int, _ value: LabelValue) {
    self.slot = UInt32(truncatingIfNeeded: slot)
    text = value.text
    age = value.age
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(slot)
    encoder.encode(text)
    encoder.encode(age.tick)
    encoder.encode(Int(age.time))
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    slot = try decoder.decode()
    text = try decoder.decode()
    age = LabelAge(time: .min, tick: try decoder.decode())
    if decoder.version >= 3 { age.time = Int64(try decoder.int()) }
  }
}

extension Rejection.Reason: StateCodable {}

extension Rejection: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(metric)
    encoder.encode(label)
    encoder.encode(reason)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(metric: try decoder.decode(), label: try decoder.decode(), reason: try decoder.decode())
  }
}

extension Series {
  fileprivate func encode(into encoder: inout StateEncoder) {
    for position in 0..<labelCount {
      encoder.encode(UInt32(truncatingIfNeeded: values[position]._withUnsafeGuaranteedRef { $0.slot }))
    }
    switch cell {
    case .number, .counter:
      encoder.encode(bits.load(ordering: .relaxed))
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

  /// Reads a series' value, and gives it to `series` where there is one.
  fileprivate static func decodeValue(
    of metric: Metric,
    into series: Series?,
    keepsExemplars: Bool,
    from decoder: inout StateDecoder
  ) throws(StateDecoder.Failure) {
    defer { series?.noteChange() }
    switch metric.descriptor.type {
    case .counter, .gauge, .info, .stateset:
      let bits: UInt64 = try decoder.decode()
      series?.bits.store(bits, ordering: .relaxed)
    case .histogram where metric.descriptor.nativeHistogram != nil:
      let state: NativeHistogramCell.State = try decoder.decode()
      if case .nativeHistogram(let cell)? = series?.cell, !cell.restore(state) { throw StateDecoder.Failure() }
    case .histogram:
      let counts: [UInt64] = try decoder.decode()
      let sum: Double = try decoder.decode()
      // Above, the cell's own marks begin.
      let total = counts.reduce(into: UInt64(0)) { $0 = max($0, $1) }
      guard counts.count == metric.descriptor.buckets.count + 1, total < 1 << 48 else { throw StateDecoder.Failure() }
      if case .histogram(let cell)? = series?.cell { cell.add(bucketCounts: counts, sum: sum) }
    case .summary:
      let sum: Double = try decoder.decode()
      let count: UInt64 = try decoder.decode()
      let recent: [Double] = try decoder.decode()
      if case .summary(let cell)? = series?.cell { cell.restore(sum: sum, count: count, recent: recent) }
    }
    try decodeOrigin(of: metric, into: series, keepsExemplars: keepsExemplars, from: &decoder)
  }
}
