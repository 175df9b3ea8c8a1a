import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import WebConfiguration

@testable import Serving

/// Passwords: what is right, what is checked at all, and that nobody who guesses gets in or in the way.
struct PasswordTests {
  static let secret = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"
  /// 72 times `x`.
  static let long = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"

  @Test(arguments: [
    ("training", "$2b$04$abcdefghijklmnopqrstuu52mAat0jQQ.9udDuzz2YPVDkIqubuwu"), ("secret", secret),
    ("geheim", "$2a$04$abcdefghijklmnopqrstuuPWRtT5yx7FBi4dcf6ROhboeNunUrLQ."),
  ])
  func bcryptKnowsItsVersions(password: String, text: String) throws {
    let hash = try BcryptHash(parsing: text)
    #expect(Bcrypt.isThere)
    #expect(Bcrypt.matches(Array(password.utf8), hash))
    #expect(!Bcrypt.matches(Array((password + "x").utf8), hash))
    #expect(!Bcrypt.matches([], hash))
  }

  /// A difference anywhere is one, whatever stands elsewhere.
  @Test func onlyEqualBytesAreEqual() {
    let texts = (0..<256).map { number in (0..<8).map { UInt8(number >> $0 & 1) } }
    for (index, text) in texts.enumerated() {
      for (other, second) in texts.enumerated() { #expect(Bcrypt.equal(text, second) == (index == other)) }
    }
    #expect(!Bcrypt.equal([1], [1, 0]) && !Bcrypt.equal([], [0]) && Bcrypt.equal([], []))
  }

  /// Guesses are many: with a comparison that lets one in a hundred pass, some of these would be right.
  @Test func noneOfManyGuessesIsRight() throws {
    let hash = try BcryptHash(parsing: Self.long)
    for number in 0..<500 { #expect(!Bcrypt.matches(Array("guess \(number)".utf8), hash), "guess \(number)") }
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256IsTheStandards(message: String, hex: String) {
    let digest = SHA256.digest(of: Array(message.utf8))
    #expect(digest.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined() == hex)
  }

  @Test(arguments: ["", "a", "ab", "abc", "user:pass:word", "\u{0}ü:\u{ff}"])
  func base64ComesBack(text: String) {
    let encoded = Data(text.utf8).base64EncodedString()
    #expect(BasicCredentials.decode(base64: encoded) == Array(text.utf8))
  }

  @Test(arguments: ["a", "=", "ab=", "abc==", "a===", "ab=c", "ab\n=", "äb==", "====", "abcd="])
  func whatIsNoBase64IsRefused(text: String) {
    #expect(BasicCredentials.decode(base64: text) == nil)
  }

  // MARK: The queue

  /// Counts what reaches bcrypt, which here says yes to `right` and waits while `gate` is held.
  private final class Fake: Sendable {
    let gate = Mutex<Void>(())
    private let asked = Mutex<[String]>([])
    var calls: [String] { asked.withLock { $0 } }

    func check() -> PasswordCheck {
      PasswordCheck { password, hash in
        self.gate.withLock { _ in }
        self.asked.withLock { $0.append(String(decoding: password, as: UTF8.self)) }
        return String(decoding: password, as: UTF8.self) == "right"
      }
    }
  }

  private static let users: [String: BcryptHash] =
    (try? ["prometheus": BcryptHash(parsing: secret), "grafana": BcryptHash(parsing: long)]) ?? [:]

  private func credentials(_ user: String, _ password: String) throws -> BasicCredentials {
    let text = Data("\(user):\(password)".utf8).base64EncodedString()
    return try #require(BasicCredentials(["authorization": "Basic \(text)"]))
  }

  private func ask(
    _ check: PasswordCheck,
    _ user: String,
    _ password: String,
    client: String = "127.0.0.1"
  ) throws -> EventLoopFuture<PasswordCheck.Verdict> {
    let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: PasswordCheck.Verdict.self)
    if let question = try check.question(credentials(user, password), Self.users) {
      check.ask(question, client: .init(try SocketAddress(ipAddress: client, port: 1)), promise)
    } else {
      promise.succeed(.right)
    }
    return promise.futureResult
  }

  @Test func aRightPasswordIsCheckedOnceAndAWrongOneEachTime() async throws {
    let fake = Fake()
    let check = fake.check()
    check.start()
    defer { check.stop() }
    for _ in 0..<3 {
      #expect(try await ask(check, "prometheus", "right").get() == .right)
      #expect(try await ask(check, "prometheus", "wrong").get() == .wrong)
      #expect(try await ask(check, "nobody", "right").get() == .wrong)
    }
    #expect(fake.calls.filter { $0 == "right" }.count == 4)
    #expect(fake.calls.filter { $0 == "wrong" }.count == 3)
  }

  /// CVE-2022-46146: what was looked up as user, hash and password in one text could be said with a wrong password.
  @Test func noOtherSplitOfTheSameTextIsTheSamePassword() async throws {
    let check = Fake().check()
    check.start()
    defer { check.stop() }
    #expect(try await ask(check, "prometheus", "right").get() == .right)
    let hash = Self.users["prometheus"]?.text ?? ""
    for (user, password) in [
      ("prometheus", "\(hash)right"), ("prometheus", "\(hash):right"), ("prometheus\(hash)", "right"), ("", "right"),
      ("prometheu", "sright"), ("prometheus", "right\(hash)"), ("grafana", "rightx"),
    ] {
      #expect(try await ask(check, user, password).get() == .wrong)
    }
  }

  @Test func aNewHashForgetsTheOldPassword() async throws {
    let check = Fake().check()
    check.start()
    defer { check.stop() }
    #expect(try await ask(check, "prometheus", "right").get() == .right)
    let changed = ["prometheus": try #require(Self.users["grafana"])]
    #expect(try check.question(credentials("prometheus", "right"), changed) != nil)
    #expect(try check.question(credentials("prometheus", "right"), Self.users) == nil)
    check.forget(allBut: [:])
    #expect(try check.question(credentials("prometheus", "right"), Self.users) != nil)
  }

  @Test func anUnknownUserCostsWhatSomeKnownOneDoes() throws {
    let check = PasswordCheck()
    var costs: Set<Int> = []
    for number in 0..<100 {
      let question = try #require(try check.question(credentials("nobody\(number)", "x"), Self.users))
      #expect(!question.isKnown)
      costs.insert(question.hash.cost)
      let again = try #require(try check.question(credentials("nobody\(number)", "y"), Self.users))
      #expect(again.hash == question.hash)
    }
    #expect(costs == [4, 5])
  }

  @Test func whoGuessesFillsNotTheQueueOfOthers() async throws {
    let fake = Fake()
    let check = fake.check()
    check.start()
    defer { check.stop() }
    let (guesses, good) = try fake.gate.withLock { _ in
      // The same from many connections is asked once.
      (
        try (0..<1_000).map { try ask(check, "prometheus", "\($0)", client: "192.0.2.1") },
        try (0..<300).map { _ in try ask(check, "prometheus", "right", client: "192.0.2.2") }
      )
    }
    for future in good { #expect(try await future.get() == .right) }
    var verdicts: [PasswordCheck.Verdict: Int] = [:]
    for future in guesses { verdicts[try await future.get(), default: 0] += 1 }
    #expect(verdicts == [.wrong: PasswordQueue.waitingOfClientMax, .busy: 1_000 - PasswordQueue.waitingOfClientMax])
    #expect(fake.calls.count == PasswordQueue.waitingOfClientMax + 1)
    #expect(check.refusals.all.map(\.count) == [0, PasswordQueue.waitingOfClientMax, verdicts[.busy], 0])
  }

  /// Each address guesses as often as it may, from more addresses than the queue has room for; then comes one that was
  /// never seen. After the first guesses are answered it is always let in, and is checked before all that still wait.
  @Test func whoHasNotFailedIsCheckedBeforeThoseWhoHave() async throws {
    let fake = Fake()
    let check = fake.check()
    check.start()
    defer { check.stop() }
    let guessers = (0..<64).map { "192.0.2.\($0)" }
    for client in guessers { #expect(try await ask(check, "prometheus", client, client: client).get() == .wrong) }
    let before = fake.calls.count
    let (guesses, good) = try fake.gate.withLock { _ in
      let guesses = try (0..<512).map { try ask(check, "prometheus", "\($0)", client: guessers[$0 % 64]) }
      return (guesses, try ask(check, "grafana", "right", client: "198.51.100.1"))
    }
    #expect(try await good.get() == .right)
    var verdicts: [PasswordCheck.Verdict: Int] = [:]
    for future in guesses { verdicts[try await future.get(), default: 0] += 1 }
    // One was being checked as the others came, and one more gave its place to the newcomer.
    #expect(verdicts == [.wrong: PasswordQueue.waitingMax, .busy: 512 - PasswordQueue.waitingMax])
    #expect(fake.calls[before...].firstIndex(of: "right") == before + 1)
  }

  /// Whatever clients do, the queue keeps to its limits, answers everybody once, and forgets what is too much.
  @Test(arguments: [1, 2, 3] as [UInt64]) func theQueueKeepsToItsLimits(seed: UInt64) throws {
    var state = seed
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var queue = PasswordQueue()
    let check = PasswordCheck()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    var open = 0
    for step in 0..<3_000 {
      if random(4) != 0 {
        let client = "10.\(random(3)).\(random(30)).\(random(2))"
        let promise = loop.makePromise(of: PasswordCheck.Verdict.self)
        let question = try #require(try check.question(credentials("u", "\(random(500))"), Self.users))
        open += 1
        for refused in queue.add(question, of: .init(try SocketAddress(ipAddress: client, port: 1)), promise) {
          refused.succeed(.busy)
          open -= 1
        }
        _ = queue.begin()
      } else {
        for done in queue.end(isRight: random(5) == 0) {
          done.succeed(.wrong)
          open -= 1
        }
        _ = queue.begin()
      }
      #expect(queue.waitingCount <= PasswordQueue.waitingMax, "seed \(seed), step \(step)")
    }
    for left in queue.removeAll() {
      left.succeed(.busy)
      open -= 1
    }
    #expect(open == 0 && queue.waitingCount == 0, "seed \(seed)")
  }

  /// The order in which these passwords are checked, which are asked one after the other by a client each. `>` ends the
  /// check under way: the password was right; `<`: it was wrong.
  @Test(arguments: [
    ("a1 a2 b1 a3 b2", "a1 b1 a2 b2 a3"), ("z1 a1 a2 a3 b1 b2 c1", "z1 a1 b1 c1 a2 b2 a3"),
    // A right password gives no later one of the client the turn of an earlier one.
    ("a1 a2 a3 > a4", "a1 a2 a3 a4"), ("a1 a2 a3 a4 < b1 > a5", "a1 a2 b1 a3 a4 a5"),
    // Whoever asks again keeps the turn, and one who comes first takes along who asked the same.
    ("z1 a1 b1 a1", "z1 a1 b1"), ("z1 a1 a2 a3 b1 b:a3", "z1 a1 b1 a2 a3"), ("z1 a1 a2 a3 b:a3 b1", "z1 a1 a3 b1 a2"),
  ])
  func clientsTakeTurnsEachInItsOrder(asked: String, order: String) throws {
    var queue = PasswordQueue()
    let check = PasswordCheck()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    var checked: [String] = []
    func begin() {
      if let question = queue.begin() { checked.append(String(decoding: question.password, as: UTF8.self)) }
    }
    for step in asked.split(separator: " ") {
      if step == ">" || step == "<" {
        for promise in queue.end(isRight: step == ">") { promise.succeed(.wrong) }
      } else {
        let password = String(step.split(separator: ":").last ?? "")
        let promise = loop.makePromise(of: PasswordCheck.Verdict.self)
        let question = try #require(try check.question(credentials("u", password), Self.users))
        let client = ClientAddress.ipv4(UInt32(step.utf8.first ?? 0))
        #expect(queue.add(question, of: client, promise).isEmpty)
      }
      begin()
    }
    while case let done = queue.end(isRight: false), !done.isEmpty {
      for promise in done { promise.succeed(.wrong) }
      begin()
    }
    #expect(checked.joined(separator: " ") == order)
  }

  /// Whoever is called back on the event loop may ask again at once.
  @Test func whoIsRefusedMayAskAgainAtOnce() throws {
    let fake = Fake()
    let check = fake.check()
    check.start()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let questions = try (0..<20).map { try #require(try check.question(credentials("u", "\($0)"), Self.users)) }
    let asked: @Sendable () -> Int = {
      var refusedCount = 0
      for question in questions {
        let promise = loop.makePromise(of: PasswordCheck.Verdict.self)
        promise.futureResult.assumeIsolated().whenSuccess { verdict in
          guard verdict == .busy else { return }
          refusedCount += 1
          let last = loop.makePromise(of: PasswordCheck.Verdict.self)
          check.ask(question, client: .ipv4(2), last)
        }
        check.ask(question, client: .ipv4(1), promise)
      }
      return refusedCount
    }
    #expect(try fake.gate.withLock { _ in try loop.submit(asked).wait() } == 20 - PasswordQueue.waitingOfClientMax)
    check.stop()
  }

  @Test func stoppingLeavesNobodyWaiting() async throws {
    let fake = Fake()
    let check = fake.check()
    check.start()
    let future = try fake.gate.withLock { _ in
      defer { check.stop() }
      return try ask(check, "prometheus", "x")
    }
    await #expect(throws: CancellationError.self) { _ = try await future.get() }
    let late = try ask(check, "prometheus", "y")
    await #expect(throws: CancellationError.self) { _ = try await late.get() }
  }

  // MARK: The rate limit

  @Test func aBucketGivesWhatItHoldsAndFillsAgain() {
    let start: Int64 = 1_000_000_000
    let milliseconds: Int64 = 1_000_000
    var limit = RateLimit(.init(interval: .seconds(1), burst: 3), at: start)
    let first = (0..<5).map { _ in limit.admits(at: start) }
    #expect(first == [true, true, true, false, false])
    let halfway = limit.admits(at: start + 500 * milliseconds)
    #expect(!halfway)
    let afterOne = limit.admits(at: start + 1_001 * milliseconds)
    #expect(afterOne)
    let rightAfter = limit.admits(at: start + 1_002 * milliseconds)
    #expect(!rightAfter)
    let later = (0..<5).map { _ in limit.admits(at: start + 3_600_000 * milliseconds) }
    #expect(later == [true, true, true, false, false])
  }
}
