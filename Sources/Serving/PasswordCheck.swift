internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import WebConfiguration

/// Checks passwords by bcrypt on a thread of its own, and remembers those that were right, as digests with a key that
/// dies with the process. Wrong ones are not remembered, so they push nothing out. `PasswordQueue` decides whose turn it
/// is, so that nobody who guesses keeps others from being heard.
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

  private struct State {
    var isStopped = false
    /// The digest of the password that was right, by user; at most one each.
    var known: [String: SHA256.Digest] = [:]
    var queue = PasswordQueue()
  }

  let refusals = RefusalCounts<AccessRefusal>()
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
    let asking = state.withLock { state in
      state.isStopped = true
      return state.queue.removeAll()
    }
    for promise in asking { promise.fail(CancellationError()) }
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

  /// Settles the promise once bcrypt has answered; with `busy` where too many wait who come first. Called on the
  /// promise's event loop, where whoever is called back may ask again at once.
  func ask(_ question: Question, client: ClientAddress, _ promise: EventLoopPromise<Verdict>) {
    let refused = state.withLock { state -> [EventLoopPromise<Verdict>]? in
      if state.isStopped { return nil }
      defer { checkNext(&state) }
      return state.queue.add(question, of: client, promise)
    }
    guard let refused else { return promise.fail(CancellationError()) }
    for refused in refused { settle(refused, .busy) }
  }

  /// Passwords of users that are gone are not kept.
  func forget(allBut users: [String: BcryptHash]) {
    state.withLock { $0.known = $0.known.filter { users[$0.key] != nil } }
  }

  private func checkNext(_ state: inout State) {
    guard let question = state.queue.begin() else { return }
    pool.submit { [self] _ in
      let isRight = compute(question.password, question.hash) && question.isKnown
      self.state.withLock { state in
        if isRight { state.known[question.user] = question.digest }
        // Under the lock, so that none reaches an event loop that `stop()` has let go. Nobody is called back here: this
        // is no event loop's thread.
        for promise in state.queue.end(isRight: isRight) { settle(promise, isRight ? .right : .wrong) }
        if !state.isStopped { checkNext(&state) }
      }
    }
  }

  private func settle(_ promise: EventLoopPromise<Verdict>, _ verdict: Verdict) {
    switch verdict {
    case .right: break
    case .wrong: refusals.count(.wrongPassword)
    case .busy: refusals.count(.tooManyPasswords)
    }
    promise.succeed(verdict)
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
