internal import Clocks
internal import Glibc
internal import Logging
internal import NIOCore
internal import Synchronization

/// Takes connections out of the system's queues as they come, on a thread of its own: so nobody waits there behind the
/// many of another client, whatever the event loop is at. It gives each a place, and has them let in by turns of the
/// clients, as soon as they say something. Who has to go when there are too many, `Places` decides; most of a flood goes
/// before anything was set up for it.
final class Acceptor: Sendable {
  /// So many are let in, of so many that are looked at, before requests get their turn, and how soon the next are.
  private static let (batch, looksMax) = (16, 128)
  private static let interval: TimeAmount = .milliseconds(1)
  /// How long nothing is accepted after the system could not: until somebody has gone, or where nobody could.
  private static let (roomDelay, pauseDelay): (CInt, CInt) = (1, 100)

  private struct State {
    var waiting = Turns<Arrival>()
    var isLettingIn = false
    var shortage = Shortage()
    var hasStopped = false
  }

  private let sockets: [ListeningSocket]
  private let setup: ConnectionSetup
  private let logger: Logger
  /// Ends the waiting for connections.
  private let alarm: (read: CInt, write: CInt)
  private let state = Mutex(State())

  /// It closes the sockets at its end. nil: the system has no descriptors for it.
  init?(_ sockets: [ListeningSocket], setup: ConnectionSetup, logger: Logger) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    alarm = (ends[0], ends[1])
    self.sockets = sockets
    self.setup = setup
    self.logger = logger
  }

  /// Tells `run()` to end, soon.
  func stop() { close(alarm.write) }

  /// Accepts until it is told to stop. Blocks.
  func run() {
    while true {
      let ready = poll(sockets, for: -1)
      if ready.hasAlarm { break }
      if let failure = ready.sockets.lazy.compactMap(acceptSome).first, waitsForRoom(after: failure) { break }
    }
    for socket in sockets { socket.close() }
    close(alarm.read)
    state.withLock { $0.hasStopped = true }
    while let arrival = state.withLock({ $0.waiting.next() }) { arrival.end() }
  }

  private func poll(
    _ sockets: [ListeningSocket],
    for milliseconds: CInt
  ) -> (sockets: [ListeningSocket], hasAlarm: Bool) {
    var interests = (sockets.map(\.descriptor) + [alarm.read]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard Glibc.poll(&interests, nfds_t(interests.count), milliseconds) > 0 else { return ([], false) }
    return (zip(sockets, interests).filter { $1.revents != 0 }.map { $0.0 }, interests[sockets.count].revents != 0)
  }

  /// As many as may come at one socket before the others are looked at.
  ///
  /// - Returns: the error, where the system could not.
  private func acceptSome(_ socket: ListeningSocket) -> CInt? {
    for _ in 0..<256 {
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(socket.descriptor, $0, &length) }
      }
      guard descriptor >= 0 else {
        switch errno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return errno
        case EAGAIN: return nil
        // One that has gone, or of which the network has said something.
        default: continue
        }
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      let now = setup.service.clock.now.monotonic
      receive(Arrival(descriptor, ClientAddress(SocketAddress(address)), at: now))
    }
    return nil
  }

  private func receive(_ arrival: Arrival) {
    guard let place = setup.service.connections.take(for: arrival.client, end: { arrival.end() }) else {
      return arrival.end()
    }
    arrival.hold(place)
    let isFirst = state.withLock { state in
      state.waiting.append(arrival, of: arrival.client)
      defer { state.isLettingIn = true }
      return !state.isLettingIn
    }
    if isFirst { setup.loop.execute { self.letIn() } }
  }

  private func letIn() {
    let now = setup.service.clock.now.monotonic
    var count = 0
    for _ in 0..<min(Self.looksMax, state.withLock { $0.waiting.count }) where count < Self.batch {
      guard let arrival = state.withLock({ $0.waiting.next() }) else { break }
      switch arrival.look(at: now) {
      case .isSilent:
        let hasStopped = state.withLock { state in
          if !state.hasStopped { state.waiting.append(arrival, of: arrival.client) }
          return state.hasStopped
        }
        if hasStopped { arrival.end() }
      case .isDue: if setup.open(arrival) { count += 1 }
      case .hasEnded: break
      }
    }
    let areMore = state.withLock { state in
      state.isLettingIn = state.waiting.count > 0
      return state.isLettingIn
    }
    if areMore { setup.loop.scheduleTask(in: Self.interval) { self.letIn() } }
  }

  /// Has silent connections go.
  ///
  /// - Returns: whether it is to stop meanwhile.
  private func waitsForRoom(after failure: CInt) -> Bool {
    setup.service.hits.count(.fileDescriptors)
    let now = setup.service.clock.now.monotonic
    if state.withLock({ $0.shortage.begins(at: now) }) {
      let reason = strerror(failure).map { String(cString: $0) } ?? "error \(failure)"
      logger.warning("no connection can be accepted; silent ones are closed", metadata: ["reason": "\(reason)"])
    }
    return poll([], for: setup.service.connections.makeRoom() ? Self.roomDelay : Self.pauseDelay).hasAlarm
  }
}

/// A time in which connections cannot be accepted, now and then or all along.
struct Shortage {
  /// After so long without a failure it is over, and the next one begins another.
  private static let pause: Duration = .seconds(60)

  /// In nanoseconds of the monotonic clock.
  private var failedAt: Int64?

  /// Something could not be accepted: whether that is the first time.
  mutating func begins(at now: Int64) -> Bool {
    defer { failedAt = now }
    return failedAt.map { now - $0 >= Self.pause.wholeNanoseconds } ?? true
  }
}

/// A connection that nothing was set up for yet.
final class Arrival: Sendable {
  enum Look {
    case isSilent, isDue, hasEnded
  }

  /// How long nothing is set up for a client that says nothing. Whoever has something to say says it sooner.
  private static let silenceMax: Duration = .milliseconds(250)

  private enum State {
    case waits
    case taken
    case ended
  }

  let client: ClientAddress
  private let descriptor: CInt
  /// In nanoseconds of the monotonic clock.
  private let began: Int64
  private let state = Mutex((State.waits, place: Places.Place?.none))

  init(_ descriptor: CInt, _ client: ClientAddress, at now: Int64) {
    self.descriptor = descriptor
    self.client = client
    began = now
  }

  func hold(_ place: Places.Place) {
    state.withLock { if $0.0 == .waits { $0.place = place } }
  }

  /// Whether it is to be set up: clients speak first, whatever the protocol.
  func look(at now: Int64) -> Look {
    state.withLock { state in
      guard state.0 == .waits else { return .hasEnded }
      if now - began > Self.silenceMax.wholeNanoseconds { return .isDue }
      var interest = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&interest, 1, 0) > 0 ? .isDue : .isSilent
    }
  }

  /// The connection, for whoever sets it up; nil: it has ended.
  func take() -> (descriptor: CInt, place: Places.Place)? {
    state.withLock { state in
      guard state.0 == .waits, let place = state.place else { return nil }
      state = (.taken, nil)
      return (descriptor, place)
    }
  }

  func end() {
    let isOurs = state.withLock { state in
      defer { if state.0 == .waits { state = (.ended, nil) } }
      return state.0 == .waits
    }
    if isOurs { close(descriptor) }
  }
}
