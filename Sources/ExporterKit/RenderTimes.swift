internal import Clocks
internal import Exposition
internal import MetricModel
internal import Synchronization

/// How long the last exposition of each format took to render. It measures nothing itself.
final class RenderTimes: Sendable {
  private let clock: TimeSource
  private let seconds = Mutex<[String: Double]>([:])

  init(clock: TimeSource) { self.clock = clock }

  /// Calls `render`, and remembers its time.
  func measure<Output>(_ format: ExpositionFormat, _ render: () -> Output) -> Output {
    let begin = clock.now.monotonic
    let output = render()
    let took = Double(clock.now.monotonic - begin) / 1e9
    seconds.withLock { $0[format.syntax.rawValue] = took }
    return output
  }

  /// By format, in an order that does not change.
  var samples: [Sample] {
    seconds.withLock { seconds in
      seconds.sorted { $0.key < $1.key }.map { Sample(labels: [.init("format", $0.key)], value: $0.value) }
    }
  }
}
