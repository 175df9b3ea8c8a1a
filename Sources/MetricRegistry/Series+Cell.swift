import MetricModel

extension Series {
  /// What a series has beside the bits of its value: what its type needs to count, and when it began.
  enum Cell {
    /// A gauge, info or stateset: the bits are all.
    case number
    /// Its value is in the bits.
    case counter(CounterCell)
    case histogram(HistogramCell)
    case nativeHistogram(NativeHistogramCell)
    case summary(SummaryCell)

    init(_ metric: Metric) {
      let descriptor = metric.descriptor
      switch descriptor.type {
      case .gauge, .info, .stateset:
        self = .number
      case .counter:
        self = .counter(CounterCell(created: metric.ledger.now()))
      case .histogram:
        let created = metric.ledger.now()
        if let native = descriptor.nativeHistogram {
          self = .nativeHistogram(NativeHistogramCell(native, bounds: descriptor.buckets, created: created))
        } else {
          self = .histogram(HistogramCell(bounds: descriptor.buckets, created: created))
        }
      case .summary:
        let window = descriptor.quantiles.isEmpty ? 0 : max(1, descriptor.window)
        self = .summary(SummaryCell(window: window, created: metric.ledger.now()))
      }
    }

    /// Whether series of the type have more than their bits.
    static func isNeeded(for type: MetricType) -> Bool {
      switch type {
      case .gauge, .info, .stateset: false
      case .counter, .histogram, .summary: true
      }
    }

    /// The bits of a series' value before its first update.
    static func initialBits(of type: MetricType) -> UInt64 {
      switch type {
      case .gauge, .info, .stateset: Series.noValueBits
      case .counter, .histogram, .summary: 0
      }
    }
  }
}
