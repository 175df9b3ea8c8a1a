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
      encoder.encode(each: tables) { encoder, table in
        encoder.encode(table)
        var live: [(slot: Int, text: String, lastUse: UInt64)] = []
        state.labels[table].forEachLive { slot, value in
          live.append((slot, value.text, value.lastUse.load(ordering: .relaxed)))
        }
        encoder.encode(each: live) { encoder, value in
          encoder.encode(UInt32(value.slot))
          encoder.encode(value.text)
          encoder.encode(value.lastUse)
        }
      }
      encoder.encode(each: included) { encoder, metric in
        encoder.encode(metric.descriptor.name)
        encoder.encode(each: metric.labelTables) { $0.encode($1) }
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
    encoder.encode(each: rejections().filter { names.contains($0.rejection.metric) }) { encoder, counted in
      encoder.encode(counted.rejection.metric)
      encoder.encode(counted.rejection.label)
      encoder.encode(counted.rejection.reason.rawValue)
      encoder.encode(counted.count)
    }
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
    var uses: [(lastUse: UInt64, table: Int, text: String)] = []
    _ = try decoder.array { decoder throws(StateDecoder.Failure) in
      let table = try decoder.int()
      _ = try decoder.array { decoder throws(StateDecoder.Failure) in
        let slot = try decoder.uint32()
        let text = try decoder.text()
        texts[table, default: [:]][slot] = text
        uses.append((try decoder.uint64(), table, text))
      }
    }
    var tablesHere: [Int: Int] = [:]
    let families = try decoder.array { decoder throws(StateDecoder.Failure) in
      let index = index(of: try decoder.text())
      let tables = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.int() }
      let part = try decoder.decoderOfPart()
      if let index, keeps(index) {
        guard metrics[index].labelTables.count == tables.count else { throw StateDecoder.Failure() }
        for (saved, here) in zip(tables, metrics[index].labelTables) { tablesHere[saved] = here }
      }
      return (index: index, tables: tables, part: part)
    }
    uses.sort { $0.lastUse < $1.lastUse }
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
        let keepsExemplars = keepsExemplars(index)
        try Series.decodeValue(of: metric, into: series, keepsExemplars: keepsExemplars, from: &part)
      }
    }
    restoreUses(uses, tablesHere)
    try restoreRejections(from: &decoder, keeps: keeps)
  }

  /// Where a label may have fewer values now and makes room for new ones, those go that were used longest ago.
  private func valuesWithoutPlace(
    _ uses: [(lastUse: UInt64, table: Int, text: String)],
    _ tablesHere: [Int: Int]
  ) -> [Int: Set<String>] {
    var refused: [Int: Set<String>] = [:]
    for (table, used) in Dictionary(grouping: uses, by: \.table) {
      guard let here = tablesHere[table], let room = state.withLock({ $0.labels[here].evictionLimit }) else { continue }
      refused[table] = Set(used.dropLast(room).map(\.text))
    }
    return refused
  }

  /// Lets label values age in the order in which they were used.
  private func restoreUses(_ uses: [(lastUse: UInt64, table: Int, text: String)], _ tablesHere: [Int: Int]) {
    state.withLock { state in
      for use in uses {
        guard let table = tablesHere[use.table], let ledger = metrics.first?.ledger else { continue }
        state.labels[table].liveValue(use.text)?.lastUse.store(ledger.tick(), ordering: .relaxed)
      }
    }
  }

  private func restoreRejections(from decoder: inout StateDecoder, keeps: (Int) -> Bool) throws(StateDecoder.Failure) {
    _ = try decoder.array { decoder throws(StateDecoder.Failure) in
      let metric = try decoder.text()
      let label = try decoder.text()
      let reason = Rejection.Reason(rawValue: try decoder.text())
      let number = try decoder.uint64()
      guard let reason, let index = index(of: metric), keeps(index) else { return }
      count(rejection: Rejection(metric: metric, label: label, reason: reason), by: number)
    }
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
      encoder.encode(each: buckets.indices) { encoder, index in
        encoder.encode(index == 0 ? buckets[0] : buckets[index] &- buckets[index - 1])
      }
      encoder.encode(sum)
    case .summary(let cell):
      let (sum, count, recent) = cell.contents
      encoder.encode(sum)
      encoder.encode(count)
      encoder.encode(each: recent) { $0.encode($1) }
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
      let bits = try decoder.uint64()
      series?.bits.store(bits, ordering: .relaxed)
    case .histogram where metric.descriptor.nativeHistogram != nil:
      let state = try decoder.nativeHistogram()
      if case .nativeHistogram(let cell)? = series?.cell, !cell.restore(state) { throw StateDecoder.Failure() }
    case .histogram:
      let counts = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.uint64() }
      let sum = try decoder.double()
      // Above, the cell's own marks begin.
      let total = counts.reduce(into: UInt64(0)) { $0 = max($0, $1) }
      guard counts.count == metric.descriptor.buckets.count + 1, total < 1 << 48 else { throw StateDecoder.Failure() }
      if case .histogram(let cell)? = series?.cell { cell.add(bucketCounts: counts, sum: sum) }
    case .summary:
      let sum = try decoder.double()
      let count = try decoder.uint64()
      let recent = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.double() }
      if case .summary(let cell)? = series?.cell { cell.restore(sum: sum, count: count, recent: recent) }
    }
    try decodeOrigin(of: metric, into: series, keepsExemplars: keepsExemplars, from: &decoder)
  }
}
