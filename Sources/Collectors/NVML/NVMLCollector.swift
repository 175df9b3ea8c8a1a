internal import Dispatch
internal import Glibc
internal import Synchronization

/// NVIDIA GPUs, by the driver's management library.
///
/// One thread at a time is in the library. A collection holds the lock from end to end, and so does a sample; a sample
/// that finds it taken is left out. So a call that hangs in the driver makes no other thread call: a later collection
/// waits for the lock, where whoever watches over collections finds it, and samples stay away.
package final class NVMLCollector: Collector, Sendable {
  package static let descriptor = NVMLReadings.descriptor

  private let guarded: Guarded
  private let sampleInterval: Duration?
  private let sampling = Mutex(Sampling())
  private let clock: @Sendable () -> ContinuousClock.Instant

  /// How long `stop` waits for a call that hangs.
  package static let stopPatience: Duration = .seconds(2)
  /// Shorter intervals cost more than they show: utilisation itself is an average of at least 1/6 s.
  package static let sampleIntervalMin: Duration = .milliseconds(20)
  /// Longer ones are no sampling.
  package static let sampleIntervalMax: Duration = .seconds(3600)

  /// Apart from the other lock, so that `stop` waits for no call. A timer may be handed to any thread, and does not say so:
  /// hence `@unchecked`.
  private struct Sampling: @unchecked Sendable {
    var timer: (any DispatchSourceTimer)?
    var isStopped = false
  }

  /// The state and its lock, under which alone the state is used: hence `@unchecked`.
  private final class Guarded: @unchecked Sendable {
    private let lock = Mutex<Void>(())
    private let station: NVMLStation

    init(_ station: sending NVMLStation) { self.station = station }

    func with(_ body: (NVMLStation) -> Void) { lock.withLock { _ in body(station) } }
    /// Whether the lock was free.
    func withIfFree(_ body: (NVMLStation) -> Void) -> Bool { lock.withLockIfAvailable { _ in body(station) } != nil }
  }

  /// - Parameters:
  ///   - sampleInterval: how often GPUs are looked at between collections; nil: never. The first collection begins it.
  ///   - wanted: readings that are used; nil: all. PCIe throughput takes 40 ms of each GPU, and is read only if it is
  ///     among them.
  ///   - libraries: files to try, by path or soname; nil: where drivers put the library.
  ///   - root: what stands in for `/`.
  package init(
    sampleInterval: Duration? = nil,
    wanted: Set<String>? = nil,
    libraries: [String]? = nil,
    root: String = "",
    clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) {
    self.sampleInterval = sampleInterval.map { min(max($0, Self.sampleIntervalMin), Self.sampleIntervalMax) }
    self.clock = clock
    guarded = Guarded(
      NVMLStation(
        .init(
          paths: libraries ?? NVMLLibrary.defaultPaths,
          sampleInterval: self.sampleInterval,
          wanted: wanted,
          root: root
        )
      )
    )
  }

  deinit { stop() }

  package func collect(into batch: inout ReadingBatch) {
    guarded.with { $0.collect(clock(), &batch) }
    startSampling()
  }

  package func end() { stop() }

  /// Looks at the GPUs as the timer does; for tests.
  package func sample() { _ = guarded.withIfFree { $0.sample(clock()) } }

  private func startSampling() {
    guard let sampleInterval else { return }
    let nanoseconds = Int(sampleInterval / .nanoseconds(1))
    sampling.withLock { [guarded, clock] sampling in
      if sampling.timer != nil || sampling.isStopped { return }
      // A queue of its own: a sample that hangs takes nobody else's thread, and the timer starts no second one.
      let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "nvml-samples"))
      timer.schedule(
        deadline: .now() + .nanoseconds(nanoseconds),
        repeating: .nanoseconds(nanoseconds),
        leeway: .nanoseconds(nanoseconds / 10)
      )
      timer.setEventHandler { _ = guarded.withIfFree { $0.sample(clock()) } }
      timer.resume()
      sampling.timer = timer
    }
  }

  /// Ends sampling and shuts the library down; collections after it are empty. Where a call hangs in the driver the
  /// library is left as it is, after `patience`. It may be called again, and from another thread than collections.
  /// - Returns: whether the library is shut down.
  @discardableResult
  package func stop(patience: Duration = NVMLCollector.stopPatience) -> Bool {
    sampling.withLock { sampling in
      sampling.timer?.cancel()
      sampling = Sampling(timer: nil, isStopped: true)
    }
    let deadline = ContinuousClock.now + patience
    while !guarded.withIfFree({ $0.close() }) {
      if ContinuousClock.now >= deadline { return false }
      usleep(5000)
    }
    return true
  }
}
