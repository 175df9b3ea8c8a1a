internal import Clocks
internal import Exposition
internal import MetricModel
internal import Synchronization

/// How long the last exposition of each format took to render. It measures nothing itself.
final class RenderTimes: Sendable {
  private let clock: TimeSource
  private let seconds = Mutex<[String: Double]>([:])
  private let begin = Atomic(Int64.min)

  init(clock: TimeSource) { self.clock = clock }

  /// Calls `render`, and remembers its time.
  func measure<Output>(_ format: ExpositionFormat, _ render: () -> Output) -> Output {
    let begin = clock.now.monotonic
    let output = render()
    let took = Double(clock.now.monotonic - begin) / 1e9
    seconds.withLock { $0[format.syntax.rawValue] = took }
    // Of two at the same time, the one that was begun first may end last.
    self.begin.max(begin, ordering: .releasing)
    return output
  }

  /// Of those that are finished, when the one that was begun last was begun, in nanoseconds of the monotonic clock; `.min`: there was none.
  var lastBegin: Int64 { begin.load(ordering: .acquiring) }

  /// By format, in an order that does not change.
  var samples: [Sample] {
    seconds.withLock { seconds in
      seconds.sorted { $0.key < $1.key }.map { Sample(labels: [.init("format", $0.key)], value: $0.value) }
    }
  }
}
