internal import Clocks
internal import Logging
internal import NIOCore
internal import Synchronization

/// Places that there are only so many of: connections, handshakes, scrapes, streams. When all are taken, a client that
/// holds few gets one of the client that holds most (`FairShares`). What was answered there ends; how, its owner knows.
final class Places: Sendable {
  /// One of them, given back when nothing holds it any more: of a scrape, neither the connection that writes the answer
  /// nor the rendering that was asked for, which goes on when the client has left.
  final class Place: Sendable {
    private let places: Places
    private let number: Int

    fileprivate init(_ places: Places, _ number: Int) {
      (self.places, self.number) = (places, number)
    }

    /// Who ends what is done here, from now on.
    ///
    /// - Returns: false where it is another's place by now.
    func entrust(_ end: @escaping @Sendable () -> Void) -> Bool {
      places.state.withLock { state in
        guard state.ends[number] != nil else { return false }
        state.ends[number] = end
        return true
      }
    }

    func note(_ use: FairShares.Use) {
      let now = places.clock.now.monotonic
      places.state.withLock { $0.shares.note(use, by: number, at: now) }
    }

    deinit {
      places.state.withLock { state in
        state.shares.remove(number)
        state.ends.removeValue(forKey: number)
      }
    }
  }

  private struct State {
    var shares = FairShares()
    var ends: [Int: @Sendable () -> Void] = [:]
    var lastNumber = 0
    /// When the operator was last told; nanoseconds of the monotonic clock.
    var told: Int64?

    mutating func take(from holder: Int?) -> (@Sendable () -> Void)? {
      guard let holder else { return nil }
      shares.remove(holder)
      return ends.removeValue(forKey: holder)
    }
  }

  /// How often the operator is told that a limit is reached.
  private static let tellInterval: Duration = .seconds(60)

  private let limit: ClientLimit
  private let countMax: Int
  private let patience: Duration
  private let hits: RefusalCounts<ClientLimit>
  private let logger: Logger
  private let clock: TimeSource
  private let state = Mutex(State())

  init(
    _ limit: ClientLimit,
    countMax: Int,
    patience: Duration,
    hits: RefusalCounts<ClientLimit>,
    logger: Logger,
    clock: TimeSource
  ) {
    self.limit = limit
    self.countMax = countMax
    self.patience = patience
    self.hits = hits
    self.logger = logger
    self.clock = clock
  }

  /// A place for this client, for which another one may have to give up its own at once.
  ///
  /// - Parameter end: Ends what is done in this place, when it is another's. Called by whoever gets it.
  /// - Returns: nil where there is none, and the client has as many as any other.
  func take(for client: ClientAddress, end: @escaping @Sendable () -> Void) -> Place? {
    let now = clock.now.monotonic
    let (number, ended) = state.withLock { state -> (Int?, (@Sendable () -> Void)?) in
      var ended: (@Sendable () -> Void)?
      if state.shares.count >= countMax {
        let holder = state.shares.whoGives(to: client, at: now, patience: patience.wholeNanoseconds)
        hit(holder.flatMap(state.shares.client) ?? client, &state, now)
        guard let holder else { return (nil, nil) }
        ended = state.take(from: holder)
      }
      state.lastNumber += 1
      state.shares.add(state.lastNumber, of: client, at: now)
      state.ends[state.lastNumber] = end
      return (state.lastNumber, ended)
    }
    ended?()
    return number.map { Place(self, $0) }
  }

  /// Ends somebody who does nothing, for a client that is not known yet.
  ///
  /// - Returns: false where there is nobody.
  func makeRoom() -> Bool {
    endOne { $0.whoGives(to: .unknown, at: $1, last: .unread, patience: $2) }
  }

  /// Ends an answer that is not read.
  ///
  /// - Returns: false where there is none.
  func endUnread() -> Bool {
    endOne { $0.whoReadsLeast(at: $1, patience: $2) }
  }

  private func endOne(_ choose: (FairShares, _ now: Int64, _ patience: Int64) -> Int?) -> Bool {
    let now = clock.now.monotonic
    let end = state.withLock { $0.take(from: choose($0.shares, now, patience.wholeNanoseconds)) }
    end?()
    return end != nil
  }

  /// The same for what belongs to an event loop, on which this is called.
  func take(for client: ClientAddress, on loop: any EventLoop, end: @escaping () -> Void) -> Place? {
    take(for: client, end: loop.bound(end))
  }

  private func hit(_ client: ClientAddress, _ state: inout State, _ now: Int64) {
    hits.count(limit)
    if let told = state.told, now - told < Self.tellInterval.wholeNanoseconds { return }
    state.told = now
    logger.warning(
      "clients have reached a limit; the one that holds most gives way",
      metadata: ["limit": "\(limit.rawValue)", "count": "\(countMax)", "client": "\(client)"]
    )
  }
}

extension EventLoop {
  /// Does it on this loop, which is that of whoever calls this: at once there, else soon.
  func bound(_ body: @escaping () -> Void) -> @Sendable () -> Void {
    let body = NIOLoopBound(body, eventLoop: self)
    return { self.inEventLoop ? body.value() : self.execute { body.value() } }
  }
}
