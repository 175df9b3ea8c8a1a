internal import NIOCore

/// Whose password is checked next. Who has cost little comes first: clients whose password was right before, then those
/// that nothing is known of, then those that guessed wrong, by how often; and a client's second password waits behind the
/// first ones of others. Where the queue is full, whoever would come last goes. It computes nothing and has no lock.
struct PasswordQueue {
  /// Different passwords that wait: at bcrypt's usual cost these are some ten seconds of work.
  static let waitingMax = 256
  /// Of which one client may have so many.
  static let waitingOfClientMax = 8
  /// Clients of which something is remembered.
  static let clientsMax = 4_096

  private struct Entry {
    let question: PasswordCheck.Question
    let client: ClientAddress
    /// The lower ones first.
    var rank: Int
    /// Those who ask the same share one answer.
    var promises: [EventLoopPromise<PasswordCheck.Verdict>]
  }

  /// By rank, then by arrival.
  private var waiting: [Entry] = []
  private var current: Entry?
  /// 0: the last password was right. Else one more than there were wrong ones since.
  private var standing: [ClientAddress: Int] = [:]
  private static let standingOfStrangers = 1

  var waitingCount: Int { waiting.count }

  /// - Returns: those for whom there is no room, the new one perhaps among them.
  mutating func add(
    _ question: PasswordCheck.Question,
    of client: ClientAddress,
    _ promise: EventLoopPromise<PasswordCheck.Verdict>
  ) -> [EventLoopPromise<PasswordCheck.Verdict>] {
    if current?.question.digest == question.digest {
      current?.promises.append(promise)
      return []
    }
    let own = waiting.count { $0.client == client } + (current?.client == client ? 1 : 0)
    // Behind all of its own, however its standing has changed since they came.
    let least = waiting.last { $0.client == client }.map { $0.rank + 1 } ?? 0
    let rank = max(standing[client, default: Self.standingOfStrangers] + own, least)
    if let index = waiting.firstIndex(where: { $0.question.digest == question.digest }) {
      waiting[index].promises.append(promise)
      if rank < waiting[index].rank {
        var entry = waiting.remove(at: index)
        entry.rank = rank
        insert(entry)
      }
      return []
    }
    if own >= Self.waitingOfClientMax { return [promise] }
    insert(Entry(question: question, client: client, rank: rank, promises: [promise]))
    return waiting.count > Self.waitingMax ? waiting.removeLast().promises : []
  }

  private mutating func insert(_ entry: Entry) {
    waiting.insert(entry, at: waiting.firstIndex { $0.rank > entry.rank } ?? waiting.endIndex)
  }

  /// The next one to be checked; nil where one is being checked, or none waits.
  mutating func begin() -> PasswordCheck.Question? {
    guard current == nil, !waiting.isEmpty else { return nil }
    current = waiting.removeFirst()
    return current?.question
  }

  /// The one being checked is done.
  ///
  /// - Returns: those who asked.
  mutating func end(isRight: Bool) -> [EventLoopPromise<PasswordCheck.Verdict>] {
    guard let done = current else { return [] }
    current = nil
    if standing.count >= Self.clientsMax, standing[done.client] == nil {
      // Guesses from ever new addresses push out what is known of guesses, and only then the rest.
      standing = standing.filter { $0.value == 0 }
      if standing.count >= Self.clientsMax { standing = [:] }
    }
    standing[done.client] = isRight ? 0 : standing[done.client, default: Self.standingOfStrangers] + 1
    return done.promises
  }

  /// - Returns: all who asked.
  mutating func removeAll() -> [EventLoopPromise<PasswordCheck.Verdict>] {
    let all = (current?.promises ?? []) + waiting.flatMap(\.promises)
    current = nil
    waiting = []
    return all
  }
}
