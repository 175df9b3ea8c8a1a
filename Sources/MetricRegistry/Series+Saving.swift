internal import StateStore

/// Saving what a series has beside its number: its beginning, its exemplars, and native buckets.
extension Series {
  func encodeOrigin(into encoder: inout StateEncoder) {
    guard let created else { return }
    encoder.encode(Int(created))
    guard metric.descriptor.type != .summary else { return }
    encoder.encode(exemplarStore?.contents) { encoder, contents in
      encoder.encode(each: contents.slots) { encoder, slot in encoder.encode(slot) { $0.encode($1) } }
      encoder.encode(each: contents.recent) { $0.encode($1) }
    }
  }

  /// Reads what `encodeOrigin` wrote, and gives it to `series` where there is one.
  static func decodeOrigin(
    of metric: Metric,
    into series: Series?,
    keepsExemplars: Bool,
    from decoder: inout StateDecoder
  ) throws(StateDecoder.Failure) {
    let type = metric.descriptor.type
    guard type == .counter || type == .histogram || type == .summary else { return }
    let created = Int64(try decoder.int())
    series?.restore(created: created)
    guard type != .summary else { return }
    let contents = try decoder.optional { decoder throws(StateDecoder.Failure) in
      let slots = try decoder.array { decoder throws(StateDecoder.Failure) in
        try decoder.optional { decoder throws(StateDecoder.Failure) in try decoder.exemplar() }
      }
      let recent = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.exemplar() }
      return ExemplarStore.Contents(slots: slots, recent: recent)
    }
    guard let contents else { return }
    let slotCount = type == .counter ? 1 : metric.descriptor.buckets.count + 1
    guard contents.slots.count == slotCount, contents.recent.count <= ExemplarStore.recentMax else {
      throw StateDecoder.Failure()
    }
    if keepsExemplars { series?.restore(contents) }
  }
}

extension StateEncoder {
  fileprivate mutating func encode(_ exemplar: Exemplar) {
    encode(each: exemplar.labels) { encoder, label in
      encoder.encode(label.name)
      encoder.encode(label.value)
    }
    encode(exemplar.value)
    encode(Int(exemplar.time))
  }

  mutating func encode(_ state: NativeHistogramCell.State) {
    encode(state.schema)
    encode(state.zeroCount)
    for buckets in [state.positive, state.negative] {
      encode(buckets.indices.map { UInt32(bitPattern: $0) })
      encode(each: buckets.counts) { $0.encode($1) }
    }
    encode(each: state.classic) { $0.encode($1) }
    encode(state.sum)
    encode(state.count)
  }
}

extension StateDecoder {
  fileprivate mutating func exemplar() throws(Failure) -> Exemplar {
    let labels = try array { decoder throws(Failure) in
      Exemplar.Label(try decoder.text(), try decoder.text())
    }
    let value = try double()
    let time = Int64(try int())
    // Only what could have been observed is shown.
    guard Exemplar.accepted(labels) == labels, !labels.isEmpty else { throw Failure() }
    return Exemplar(labels: labels, value: value, time: time)
  }

  mutating func nativeHistogram() throws(Failure) -> NativeHistogramCell.State {
    let schema = try int()
    let zeroCount = try uint64()
    let positive = try nativeBuckets()
    let negative = try nativeBuckets()
    let classic = try array { decoder throws(Failure) in try decoder.uint64() }
    return NativeHistogramCell.State(
      schema: schema,
      zeroCount: zeroCount,
      positive: positive,
      negative: negative,
      classic: classic,
      sum: try double(),
      count: try uint64()
    )
  }

  private mutating func nativeBuckets() throws(Failure) -> NativeBuckets {
    let indices = try words().map { Int32(bitPattern: $0) }
    let counts = try array { decoder throws(Failure) in try decoder.uint64() }
    guard let buckets = NativeBuckets(indices: indices, counts: counts) else { throw Failure() }
    return buckets
  }
}
