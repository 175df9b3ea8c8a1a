internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import WebConfiguration

/// Checks passwords by bcrypt on a thread of its own, and remembers those that were right, as digests with a key that
/// dies with the process. Wrong ones are not remembered, so they push nothing out; how many wait is limited, and how
/// many from one client, so that nobody who guesses keeps others from being heard.
final class PasswordCheck: Sendable {
  enum Verdict: Sendable {
    case right, wrong, busy
  }

  /// A password on its way to bcrypt.
  struct Question: Sendable {
    let user: String
    /// The user's own, or that of another for a user that there is not: the answer takes the same time.
    let hash: BcryptHash
    let isKnown: Bool
    let password: [UInt8]
    /// User, hash and password in one.
    let digest: SHA256.Digest
  }

  /// Different passwords that wait: at bcrypt's usual cost these are some seconds of work.
  static let waitingMax = 64
  /// Of which one client may have so many: others are heard in between.
  static let waitingOfClientMax = 8

  private struct State {
    var isStopped = false
    /// The digest of the password that was right, by user; at most one each.
    var known: [String: SHA256.Digest] = [:]
    /// Those who ask the same share one answer.
    var waiting: [SHA256.Digest: [EventLoopPromise<Verdict>]] = [:]
    var waitingOfClient: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let pool = NIOThreadPool(numberOfThreads: 1)
  private let key: [UInt8]
  private let compute: @Sendable (_ password: [UInt8], _ hash: BcryptHash) -> Bool

  init(compute: @escaping @Sendable ([UInt8], BcryptHash) -> Bool = Bcrypt.matches) {
    var generator = SystemRandomNumberGenerator()
    key = (0..<4).flatMap { _ in withUnsafeBytes(of: generator.next() as UInt64, Array.init) }
    self.compute = compute
  }

  func start() { pool.start() }

  /// Fails all who wait; after it returns, no promise is touched again.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      for promise in state.waiting.values.joined() { promise.fail(CancellationError()) }
      state.waiting = [:]
    }
    // Not waited for: a check under way may take seconds, and nobody wants it any more.
    pool.shutdownGracefully { _ in }
  }

  /// nil: the password has been checked before, and was right.
  func question(_ credentials: BasicCredentials, _ users: [String: BcryptHash]) -> Question? {
    let own = users[credentials.user]
    let hash = own ?? decoy(for: credentials.user, users)
    let digest = digest([Array(credentials.user.utf8), Array(hash.text.utf8), credentials.password])
    if own != nil, state.withLock({ $0.known[credentials.user].map { Bcrypt.equal($0, digest) } ?? false }) {
      return nil
    }
    return Question(
      user: credentials.user,
      hash: hash,
      isKnown: own != nil,
      password: credentials.password,
      digest: digest
    )
  }

  /// Settles the promise once bcrypt has answered; at once with `busy` where too many wait.
  func ask(_ question: Question, client: String, _ promise: EventLoopPromise<Verdict>) {
    enum Step { case begin, wait, busy, refuse }
    let step = state.withLock { state -> Step in
      if state.isStopped { return .refuse }
      if state.waiting[question.digest] != nil {
        state.waiting[question.digest]?.append(promise)
        return .wait
      }
      guard state.waiting.count < Self.waitingMax,
        state.waitingOfClient[client, default: 0] < Self.waitingOfClientMax
      else { return .busy }
      state.waiting[question.digest] = [promise]
      state.waitingOfClient[client, default: 0] += 1
      return .begin
    }
    switch step {
    case .begin:
      pool.submit { _ in
        let isRight = self.compute(question.password, question.hash) && question.isKnown
        self.settle(question, client: client, isRight ? .right : .wrong)
      }
    case .wait: break
    case .busy: promise.succeed(.busy)
    case .refuse: promise.fail(CancellationError())
    }
  }

  /// Passwords of users that are gone are not kept.
  func forget(allBut users: [String: BcryptHash]) {
    state.withLock { $0.known = $0.known.filter { users[$0.key] != nil } }
  }

  private func settle(_ question: Question, client: String, _ verdict: Verdict) {
    state.withLock { state in
      if verdict == .right { state.known[question.user] = question.digest }
      let left = (state.waitingOfClient[client] ?? 1) - 1
      state.waitingOfClient[client] = left > 0 ? left : nil
      // Under the lock, so that none reaches an event loop that `stop()` has let go.
      for promise in state.waiting.removeValue(forKey: question.digest) ?? [] { promise.succeed(verdict) }
    }
  }

  /// The hash of some user, always the same one for a name: where costs differ, unknown users look like known ones.
  private func decoy(for user: String, _ users: [String: BcryptHash]) -> BcryptHash {
    let hashes = users.values.sorted { $0.text < $1.text }
    let number = digest([Array(user.utf8)]).prefix(6).reduce(0) { $0 << 8 | Int($1) }
    return hashes[number % hashes.count]
  }

  /// With the length before each part: no two lists of parts are one message.
  private func digest(_ parts: [[UInt8]]) -> SHA256.Digest {
    SHA256.digest(of: key + parts.flatMap { part in withUnsafeBytes(of: UInt64(part.count), Array.init) + part })
  }
}
