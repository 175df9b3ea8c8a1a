internal import Exposition
internal import MetricModel
internal import Synchronization

/// How long the last exposition of each format took to render. It measures nothing itself.
final class RenderTimes: Sendable {
  private let seconds = Mutex<[String: Double]>([:])

  /// Calls `render`, and remembers its time.
  func measure<Output>(_ format: ExpositionFormat, _ render: () -> Output) -> Output {
    let clock = ContinuousClock()
    let begin = clock.now
    let output = render()
    let (whole, attoseconds) = (clock.now - begin).components
    seconds.withLock { $0[Self.name(format)] = Double(whole) + Double(attoseconds) / 1e18 }
    return output
  }

  /// By format, in an order that does not change.
  var samples: [Sample] {
    seconds.withLock { seconds in
      seconds.sorted { $0.key < $1.key }.map { Sample(labels: [.init("format", $0.key)], value: $0.value) }
    }
  }

  private static func name(_ format: ExpositionFormat) -> String {
    switch format {
    case .text004, .text100: "text"
    case .openMetrics001, .openMetrics100: "openmetrics"
    case .protobuf: "protobuf"
    }
  }
}
