import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Serving

/// Who gives up a place when all are taken.
@Suite struct FairSharesTests {
  private static let (one, other): (ClientAddress, ClientAddress) = (.ipv4(1), .ipv4(2))

  /// Shares of these places, which are numbered and began one after the other, a second apart.
  private static func shares(_ places: [(ClientAddress, FairShares.Use)]) -> FairShares {
    var shares = FairShares()
    for (number, (client, use)) in places.enumerated() {
      shares.add(number, of: client, at: Int64(number) * 1_000_000_000)
      shares.note(use, by: number, at: Int64(number) * 1_000_000_000)
    }
    return shares
  }

  @Test func theBusiestGivesWhatItUsesLeast() {
    let (one, other) = (Self.one, Self.other)
    let now: Int64 = 10_000_000_000
    var shares = Self.shares([
      (other, .idle), (one, .unread), (one, .busy), (one, .idle), (one, .silent), (one, .silent),
    ])
    func giver(to client: ClientAddress, last: FairShares.Use = .busy) -> Int? {
      shares.whoGives(to: client, at: now, last: last, patience: 1)
    }
    for expected in [4, 5, 3, 1] {
      #expect(giver(to: .ipv4(3)) == expected)
      shares.remove(expected)
    }
    // Each has one: the idle one is nearer than the busy one.
    #expect(giver(to: .ipv4(3)) == 0)
    // Nobody takes from one that has no more than itself.
    #expect(giver(to: one) == nil && giver(to: other) == 0)
    // But what has not been used yet.
    shares.add(6, of: .ipv4(4), at: now)
    #expect(giver(to: one) == 6 && giver(to: other) == 0)
    shares.remove(6)
    shares.remove(0)
    #expect(giver(to: other) == 2 && giver(to: other, last: .unread) == nil)
  }

  @Test func clientsTakeTurns() {
    var turns = Turns<String>()
    for (element, client) in [("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("c1", 3), ("b2", 2)] as [(String, UInt32)] {
      turns.append(element, of: .ipv4(client))
    }
    #expect(turns.count == 6)
    var order: [String] = []
    while let next = turns.next() { order.append(next) }
    #expect(order == ["a1", "b1", "c1", "a2", "b2", "a3"] && turns.count == 0)
  }

  /// Whoever asks for much waits for it alone, and what two ask for is done once.
  @Test func workIsDoneByTurns() async throws {
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (hasBegun, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let done = Mutex<[String]>([])
    let work = SharedWork<String, Void>(pool: pool) { key in
      if key == "first" {
        hasBegun.signal()
        mayGoOn.wait()
      }
      done.withLock { $0.append(key) }
    }
    func ask(_ key: String, _ client: ClientAddress) -> EventLoopFuture<Void> {
      let promise = loop.makePromise(of: Void.self)
      work.fulfil(promise, key, for: client)
      return promise.futureResult
    }
    try await withTaskExecutorPreference(BlockingExecutor.shared) {
      let first = ask("first", Self.one)
      hasBegun.wait()
      let others = ["a", "b", "c", "shared"].map { ask($0, Self.one) } + ["x", "shared"].map { ask($0, Self.other) }
      mayGoOn.signal()
      for answer in [first] + others { try await answer.get() }
    }
    #expect(done.withLock { $0 } == ["first", "a", "x", "b", "shared", "c"])
    try await pool.shutdownGracefully()
  }

  /// What was done for one client is no turn of another that asked for the same, and nobody has two turns for one thing.
  @Test func whatWasSharedTakesNoTurn() async throws {
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (hasBegun, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let done = Mutex<[String]>([])
    let work = SharedWork<String, Void>(pool: pool) { key in
      if key == "first" {
        hasBegun.signal()
        mayGoOn.wait()
      }
      done.withLock { $0.append(key) }
    }
    func ask(_ key: String, _ client: ClientAddress) -> EventLoopFuture<Void> {
      let promise = loop.makePromise(of: Void.self)
      work.fulfil(promise, key, for: client)
      return promise.futureResult
    }
    try await withTaskExecutorPreference(BlockingExecutor.shared) {
      let first = ask("first", Self.one)
      hasBegun.wait()
      let keys = [String](repeating: "shared", count: 50)
      let others = (keys + ["a"]).map { ask($0, Self.one) } + (keys + ["x"]).map { ask($0, Self.other) }
      #expect(work.turnCount == 4)
      mayGoOn.signal()
      for answer in [first] + others { try await answer.get() }
    }
    #expect(done.withLock { $0 } == ["first", "shared", "x", "a"])
    #expect(work.turnCount == 0)
    try await pool.shutdownGracefully()
  }

  @Test func whoReadsNothingGoesBeforeWhoReads() {
    let (one, other) = (Self.one, Self.other)
    var shares = Self.shares([(one, .unread), (other, .unread), (other, .unread), (one, .busy), (one, .busy)])
    func giver(patience: Int64) -> Int? { shares.whoReadsLeast(at: 3_000_000_000, patience: patience * 1_000_000_000) }
    #expect(giver(patience: 3) == 0)
    // Two that may yet be read are more than one.
    #expect(giver(patience: 4) == 1)
    for place in 0...2 { shares.remove(place) }
    #expect(giver(patience: 0) == nil)
  }

  @Test func aClientsOwnAnswersGetTheirTime() {
    for client in [Self.one, .local] {
      let shares = Self.shares([(client, .unread), (client, .unread), (client, .busy)])
      #expect(shares.whoGives(to: client, at: 500_000_000, patience: 1_000_000_000) == nil)
      let stalled = shares.whoGives(to: client, at: 1_000_000_000, patience: 1_000_000_000)
      // Behind a socket there may be many.
      #expect(stalled == (client == .local ? nil : 0))
      // One that reads some has its time again.
      var read = shares
      read.note(.unread, by: 0, at: 3_000_000_000)
      #expect(read.whoGives(to: Self.other, at: 3_000_000_000, patience: 1) == 1)
    }
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
    ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
  ])
  func aClientIsAnAddressOrANetwork(text: String, shown: String) throws {
    #expect("\(ClientAddress(try SocketAddress(ipAddress: text, port: 1)))" == shown)
  }

  /// Whatever clients do: the limit holds; nobody who does something loses a place to one that holds as much; and whoever
  /// holds less than the busiest gets one.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func nobodyLosesToOneThatHoldsMore(seed: UInt64) {
    var generator = SplitMix(state: seed)
    let placesMax = Int.random(in: 1...12, using: &generator)
    let clients = (0..<UInt32.random(in: 1...8, using: &generator)).map { ClientAddress.ipv4($0) } + [.local]
    var shares = FairShares()
    var held: [Int: ClientAddress] = [:]
    var silent: Set<Int> = []
    func count(_ client: ClientAddress) -> Int { held.values.count { $0 == client } }
    for number in 0..<400 {
      let now = Int64(number)
      if Bool.random(using: &generator), let holder = held.keys.sorted().randomElement(using: &generator) {
        if Int.random(in: 0..<4, using: &generator) == 0 {
          shares.remove(holder)
          held[holder] = nil
        } else if let use = FairShares.Use.allCases.randomElement(using: &generator) {
          shares.note(use, by: holder, at: now)
          if use == .silent { silent.insert(holder) } else { silent.remove(holder) }
        }
        continue
      }
      guard let client = clients.randomElement(using: &generator) else { continue }
      if held.count >= placesMax {
        let most = clients.map(count).max() ?? 0
        guard let holder = shares.whoGives(to: client, at: now, patience: 1), let loser = held[holder] else {
          #expect(count(client) == most, "refused, and holds less than others")
          continue
        }
        #expect(count(loser) == most)
        #expect(loser == client || count(client) < most || silent.contains(holder))
        shares.remove(holder)
        held[holder] = nil
      }
      shares.add(number, of: client, at: now)
      held[number] = client
      silent.insert(number)
      #expect(shares.count == held.count && shares.count <= placesMax)
      for client in clients { #expect(shares.count(of: client) == count(client)) }
    }
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return mixed ^ mixed >> 31
    }
  }
}
