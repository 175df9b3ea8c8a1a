internal import Dispatch
internal import Synchronization

/// Asks mounted file systems for their space on threads that may hang in place of the caller's. A file system that does
/// not answer in time is not asked again while that call has not returned, however long that takes; the others go on.
final class MountInquiry: Sendable {
  /// A call that hangs keeps a thread. A machine with more dead servers than that has other worries.
  static let hungMax = 8
  /// The same with those that have answered before: a dead server must not hide the disks that are well.
  static let hungOfGoodMax = 64
  /// Of one inquiry, so that it takes no longer than so many timeouts.
  static let hungAtOnceMax = 8

  private let status: @Sendable (String) -> FileSystemStatus
  private let timeout: Duration
  private let hung = Mutex<Set<String>>([])
  /// Those that have answered the last time they were asked.
  private let good = Mutex<Set<String>>([])

  init(timeout: Duration, status: @escaping @Sendable (String) -> FileSystemStatus) {
    self.timeout = timeout
    self.status = status
  }

  /// What is asked: by a key that no other mount has while this one is there.
  struct Question: Sendable {
    var key: String
    var path: String
  }

  /// One answer for each; nil: it hangs, or so many hang that it is not asked.
  func ask(_ questions: [Question]) -> [FileSystemStatus?] {
    var answers = [FileSystemStatus?](repeating: nil, count: questions.count)
    let known = hung.withLock { $0 }
    let answered = good.withLock { $0 }
    let free = questions.indices.filter { !known.contains(questions[$0].key) }
    ask(free.filter { answered.contains(questions[$0].key) }, questions, hungMax: Self.hungOfGoodMax, &answers)
    ask(free.filter { !answered.contains(questions[$0].key) }, questions, hungMax: Self.hungMax, &answers)
    good.withLock { good in good = Set(questions.indices.filter { answers[$0] != nil }.map { questions[$0].key }) }
    return answers
  }

  private func ask(
    _ places: [Int],
    _ questions: [Question],
    hungMax: Int,
    _ answers: inout [FileSystemStatus?]
  ) {
    var open = places[...]
    var hungHere = 0
    while !open.isEmpty, hungHere < Self.hungAtOnceMax, hung.withLock({ $0.count < hungMax }) {
      let round = Round(open.map { questions[$0] })
      // A queue of its own has a thread of its own while it works.
      DispatchQueue(label: "file systems").async { self.work(on: round) }
      while let index = open.popFirst() {
        answers[index] = answer(to: questions[index], in: round)
        if answers[index] == nil { break }
      }
      hungHere += 1
    }
  }

  private func answer(to question: Question, in round: Round) -> FileSystemStatus? {
    let (seconds, attoseconds) = timeout.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    let deadline = DispatchTime.now() + .nanoseconds(nanoseconds)
    while true {
      // There may be one already: it then costs no change of threads.
      if let answer = round.state.withLock({ $0.answers.popFirst() }) { return answer }
      if round.answered.wait(timeout: deadline) == .timedOut { break }
    }
    return round.state.withLock { state in
      if let answer = state.answers.popFirst() { return answer }
      state.isGivenUp = true
      hung.withLock { _ = $0.insert(question.key) }
      return nil
    }
  }

  private func work(on round: Round) {
    for question in round.questions {
      let answer = status(question.path)
      let goesOn = round.state.withLock { state in
        if state.isGivenUp {
          hung.withLock { _ = $0.remove(question.key) }
        } else {
          state.answers.append(answer)
        }
        return !state.isGivenUp
      }
      guard goesOn else { return }
      round.answered.signal()
    }
  }

  /// Questions that one thread asks, one after the other, until somebody gives it up.
  private final class Round: Sendable {
    struct State {
      /// Those that are not taken yet.
      var answers: ArraySlice<FileSystemStatus> = []
      var isGivenUp = false
    }

    let questions: [Question]
    let state = Mutex(State())
    let answered = DispatchSemaphore(value: 0)

    init(_ questions: [Question]) { self.questions = questions }
  }
}
