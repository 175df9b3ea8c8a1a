internal import Clocks
internal import Dispatch
internal import PatternSyntax
internal import ServiceLifecycle

/// When an exporter ends by itself: once the processes that it looks for have gone, and what they wrote last was scraped.
///
/// It begins to wait when the first such process is seen. When none is left, all logs are read to their ends, and the
/// exporter ends after the next scrape, or when it has lingered long enough. If another such process begins meanwhile,
/// it goes on.
public struct ProcessExit: Sendable {
  /// The program's own flag: whoever has it among the arguments is an exporter, or starts one.
  static let flag = "--exit-with-process"

  let commandLine: Pattern
  let linger: Duration

  /// Creates a condition.
  ///
  /// - Parameters:
  ///   - pattern: what a process's arguments, joined by blanks, have somewhere in them, such as `train.py --run {run}`.
  ///   - linger: how long the last values are served at most, counted from the end of the last process.
  /// - Throws: `ExporterError` if the pattern cannot be read.
  public init(commandLine pattern: String, linger: Duration = .seconds(120)) throws(ExporterError) {
    guard let parsed = try? Pattern(parsing: pattern), !parsed.parts.isEmpty else {
      let hint = "it is a text in which `{name}` stands for any text, and a brace itself is written `{{` or `}}`"
      throw ExporterError(description: "`\(pattern)` is no pattern of a command line: \(hint)")
    }
    commandLine = parsed
    self.linger = linger
  }
}

/// How far an exporter is that is to end with processes. Pure: it is told what was seen, and says whether that is the end.
struct ProcessExitDecision {
  enum End: Equatable {
    /// All that was written was read, and has been scraped.
    case scraped
    /// It has lingered long enough.
    case lingered
  }

  private enum Phase {
    /// None was seen yet.
    case awaiting
    case running
    /// None is left since then, in nanoseconds of the monotonic clock.
    case reading(goneAt: Int64)
    /// All that they wrote was read by `since`.
    case serving(goneAt: Int64, since: Int64)
  }

  private let linger: Int64
  private var phase = Phase.awaiting
  private var told: String?

  init(linger: Duration) { self.linger = linger.wholeNanoseconds }

  /// - Parameters:
  ///   - isRunning: whether a process runs; nil: nobody can say.
  ///   - isRead: whether all logs were looked at and read to their ends after a moment.
  ///   - scrapedAt: when the last exposition that was rendered was begun.
  mutating func observe(isRunning: Bool?, now: Int64, isRead: (_ since: Int64) -> Bool, scrapedAt: Int64) -> End? {
    if isRunning == true {
      phase = .running
      return nil
    }
    if case .running = phase, isRunning == false { phase = .reading(goneAt: now) }
    if case .reading(let goneAt) = phase, isRead(goneAt) { phase = .serving(goneAt: goneAt, since: now) }
    switch phase {
    case .awaiting, .running:
      return nil
    case .reading(let goneAt):
      return now &- goneAt >= linger ? .lingered : nil
    case .serving(let goneAt, let since):
      if scrapedAt > since { return .scraped }
      return now &- goneAt >= linger ? .lingered : nil
    }
  }

  /// What it waits for, for people; nil: that has been told.
  mutating func takeNews() -> String? {
    let news =
      switch phase {
      case .awaiting: "waiting for a process to begin"
      case .running: "waiting for its processes to end"
      case .reading, .serving: "waiting for its last values to be scraped"
      }
    defer { told = news }
    return told == news ? nil : news
  }
}

/// Looks for the processes that an exporter is to end with, on a thread of its own; returns when it is to end.
struct ProcessExitService: Service {
  /// Says whether it is the end. Blocks for as long as `/proc` takes to be read.
  let isOver: @Sendable () -> Bool
  private let stopped = DispatchSemaphore(value: 0)

  /// A training that is shorter than that may be missed.
  private static let interval: DispatchTimeInterval = .seconds(1)

  init(isOver: @escaping @Sendable () -> Bool) { self.isOver = isOver }

  func run() async throws {
    try await onThread(named: "process-exit", stop: { stopped.signal() }, endTimeMax: servicesEndTimeMax, look)
  }

  private func look() {
    while !isOver(), stopped.wait(timeout: .now() + Self.interval) == .timedOut {}
  }
}
