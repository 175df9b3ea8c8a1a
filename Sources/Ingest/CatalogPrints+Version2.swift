internal import MetricCatalog
internal import MetricModel
internal import StateStore

/// The prints that states of version 2 hold, bit for bit: only to find out what of such a state still holds. They leave out
/// the texts that decide whether a rival pattern takes a field, and what collectors feed. Never change them.
extension CatalogPrints {
  struct Version2 {
    /// By metric name.
    let metrics: [String: [UInt8]]
    /// How a watcher's logs become records; by watcher name.
    let records: [String: [UInt8]]

    init(_ catalog: Catalog) {
      var records: [String: [UInt8]] = [:]
      for watcher in catalog.watchers {
        records[watcher.name] = Self.records(of: watcher, lineBytesMax: catalog.limits.lineBytes)
      }
      var metrics: [String: [UInt8]] = [:]
      for (index, metric) in catalog.metrics.enumerated() {
        var encoder = StateEncoder()
        Self.encode(metric, into: &encoder)
        for watcher in catalog.watchers {
          Self.encodeTargets(
            of: index,
            in: watcher,
            records: records[watcher.name] ?? [],
            metrics: catalog.metrics,
            into: &encoder
          )
        }
        metrics[metric.name] = encoder.bytes
      }
      self.metrics = metrics
      self.records = records
    }
  }
}

extension CatalogPrints.Version2 {
  private static func records(of watcher: Watcher, lineBytesMax: Int) -> [UInt8] {
    var encoder = StateEncoder()
    encoder.encode(lineBytesMax)
    encoder.encode(watcher.format.name)
    switch FormatMeaning(watcher.format) {
    case .csv(let separator, let columns, let comment):
      encoder.encode(separator) { $0.encode($1) }
      encoder.encode(columns) { $0.encode(each: $1) { $0.encode($1) } }
      encoder.encode(comment) { $0.encode($1) }
    case .json(let records):
      encoder.encode(records) { $0.encode($1) }
    case .text(.lines(let rules)):
      encoder.encode(each: rules) { encoder, rule in
        encoder.encode(rule.line.source)
        encoder.encode(each: rule.set) { encoder, set in
          encoder.encode(set.field)
          encoder.encode(set.text)
        }
        encoder.encode(each: rule.numericCaptures.sorted()) { $0.encode($1) }
        encoder.encode(each: rule.durationCaptures.sorted()) { $0.encode($1) }
      }
    case .text(.pairs(let pair, let between)):
      encoder.encode(pair.source)
      encoder.encode(between)
    case .jsonLines, .pythonDictionary, .yaml, .other:
      break
    }
    encoder.encode(each: watcher.conditions) { encoder, condition in
      encoder.encode(condition.field)
      switch condition.test {
      case .present: encoder.encode(UInt8(0))
      case .absent: encoder.encode(UInt8(1))
      case .oneOf(let values):
        encoder.encode(UInt8(2))
        encoder.encode(each: values) { $0.encode($1) }
      }
    }
    return encoder.bytes
  }

  private static func encode(_ metric: MetricDescriptor, into encoder: inout StateEncoder) {
    encoder.encode(metric.type.rawValue)
    encoder.encode(metric.unit) { $0.encode($1) }
    encoder.encode(each: metric.labels) { encoder, label in Self.encode(label, into: &encoder) }
    switch metric.type {
    case .histogram:
      encoder.encode(each: metric.buckets) { $0.encode($1) }
      encoder.encode(metric.nativeHistogram) { encoder, native in
        encoder.encode(native.factor)
        encoder.encode(native.maxBuckets)
      }
    case .summary:
      // Without quantiles no observations are kept.
      encoder.encode(each: metric.quantiles) { $0.encode($1) }
      encoder.encode(metric.window)
    case .stateset:
      encoder.encode(each: metric.states) { $0.encode($1) }
    case .counter, .gauge, .info:
      break
    }
  }

  private static func encode(_ label: LabelDescriptor, into encoder: inout StateEncoder) {
    encoder.encode(label.name)
    switch label.allowed {
    case .any: encoder.encode(UInt8(0))
    case .list(let values):
      encoder.encode(UInt8(1))
      encoder.encode(each: values) { $0.encode($1) }
    case .range(let range):
      encoder.encode(UInt8(2))
      encoder.encode(range.lowerBound)
      encoder.encode(range.upperBound)
    }
    encoder.encode(label.otherwise) { $0.encode($1) }
    encoder.encode(each: label.named.sorted { $0.key < $1.key }) { encoder, name in
      encoder.encode(name.key)
      encoder.encode(name.value)
    }
  }

  /// Where a field's name is a pattern, all the watcher's field patterns decide which fields are left for it.
  private static func encodeTargets(
    of metric: Int,
    in watcher: Watcher,
    records: [UInt8],
    metrics: [MetricDescriptor],
    into encoder: inout StateEncoder
  ) {
    var isFed = false
    func encode(_ targets: [Target], field: String?) {
      for (place, target) in targets.enumerated() where target.metric == metric {
        if !isFed {
          encoder.encode(watcher.name)
          encoder.encode(records)
          isFed = true
        }
        encoder.encode(field) { $0.encode($1) }
        encoder.encode(place)
        encoder.encode(target)
        // Whether a text is a duration depends on all that take the field.
        encoder.encode(targets.allSatisfy { $0.scale == 1 && metrics[$0.metric].isInSeconds })
      }
    }
    encode(watcher.eachRecord, field: nil)
    var feedsByPattern = false
    for field in watcher.fields {
      encode(field.targets, field: field.pattern.pattern.source)
      let isPattern = field.pattern.pattern.literalText == nil
      feedsByPattern = feedsByPattern || (isPattern && field.targets.contains { $0.metric == metric })
    }
    guard feedsByPattern else { return }
    // And a pattern takes a field only where all that it feeds allows what its captures took.
    encoder.encode(each: watcher.fields) { encoder, field in
      encoder.encode(field.pattern.pattern.source)
      encoder.encode(each: field.targets.flatMap { metrics[$0.metric].labels }) { encoder, label in
        Self.encode(label, into: &encoder)
      }
    }
  }
}

extension StateEncoder {
  fileprivate mutating func encode(_ target: Target) {
    encode(target.from.rawValue)
    encode(target.scale)
    encode(target.offset)
    encode(each: target.labels) { encoder, label in
      encoder.encode(each: label?.parts ?? []) { encoder, part in
        switch part {
        case .literal(let text):
          encoder.encode(UInt8(0))
          encoder.encode(text)
        case .fieldCapture(let name):
          encoder.encode(UInt8(1))
          encoder.encode(name)
        case .pathCapture(let name):
          encoder.encode(UInt8(2))
          encoder.encode(name)
        case .field(let name):
          encoder.encode(UInt8(3))
          encoder.encode(name)
        }
      }
    }
  }
}
