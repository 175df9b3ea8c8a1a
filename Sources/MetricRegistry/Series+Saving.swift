package import StateStore

/// Saving what a series has beside its number: its beginning, its exemplars, and native buckets.
extension Series {
  func encodeOrigin(into encoder: inout StateEncoder) {
    guard let created else { return }
    encoder.encode(created)
    guard metric.descriptor.type != .summary else { return }
    encoder.encode(exemplarStore?.contents)
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
    let created: Int64 = try decoder.decode()
    series?.restore(created: created)
    guard type != .summary else { return }
    let contents: ExemplarStore.Contents? = try decoder.decode()
    guard let contents else { return }
    let slotCount = type == .counter ? 1 : metric.descriptor.buckets.count + 1
    guard contents.slots.count == slotCount, contents.recent.count <= ExemplarStore.recentMax else {
      throw StateDecoder.Failure()
    }
    if keepsExemplars { series?.restore(contents) }
  }
}

extension Exemplar: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(labels.map { StatePair($0.name, $0.value) })
    encoder.encode(value)
    encoder.encode(time)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    let labels = try decoder.decode([StatePair<String, String>].self).map { Label($0.first, $0.second) }
    self.init(labels: labels, value: try decoder.decode(), time: try decoder.decode())
    // Only what could have been observed is shown.
    guard Exemplar.accepted(labels) == labels, !labels.isEmpty else { throw StateDecoder.Failure() }
  }
}

extension ExemplarStore.Contents: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(slots)
    encoder.encode(recent)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(slots: try decoder.decode(), recent: try decoder.decode())
  }
}

extension NativeBuckets: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(indices.map { UInt32(bitPattern: $0) })
    encoder.encode(counts)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    let indices = try decoder.words().map { Int32(bitPattern: $0) }
    guard let buckets = NativeBuckets(indices: indices, counts: try decoder.decode()) else {
      throw StateDecoder.Failure()
    }
    self = buckets
  }
}

extension NativeHistogramCell.State: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(native)
    encoder.encode(classic)
    encoder.encode(sum)
    encoder.encode(count)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(
      native: try decoder.decode(),
      classic: try decoder.decode(),
      sum: try decoder.decode(),
      count: try decoder.decode()
    )
  }
}
