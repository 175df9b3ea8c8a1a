internal import Clocks
internal import Dispatch
internal import Ingest
internal import Logging
internal import StateStore
internal import Synchronization

/// Writes states to their folder, one at a time, on a thread of its own, so that a slow disk holds up nothing. Knows
/// nothing of what is in them.
///
/// `journal` is used within the queue alone, which does one thing at a time, and a timer may be used by any thread, which
/// its type does not say: hence `@unchecked`.
final class StateKeeper: @unchecked Sendable {
  struct Status: Sendable {
    /// Whether what is read is saved, as far as is known.
    var isKept = true
    /// Nanoseconds since 1970; nil: nothing was written yet.
    var lastWrite: Int64?
    var bytes = 0
    var failures = 0
    fileprivate var isWriting = false
    /// Whether what is written next has to be a whole.
    fileprivate var needsWhole = true
  }

  private let folder: StateFolder
  private let logger: Logger
  private let clock: TimeSource
  private let queue = DispatchQueue(label: "state")
  private let journal: StateJournal
  private let timer: any DispatchSourceTimer
  private let current = Mutex(Status())

  /// How often it is looked whether the folder is still there, though nothing is to be saved. Each look wakes a thread,
  /// which is a seventh of all that an exporter beside resting logs does if it is made each second.
  private static let lookInterval = DispatchTimeInterval.seconds(5)

  /// How often it may be begun to take over a state, and not end.
  private static let takeOversMax = 2

  /// - Returns: nil where the folder cannot be used; then a warning says so, and the exporter goes on without.
  /// - Throws: `ExporterError` where another exporter uses it.
  init?(_ configuration: StateConfiguration, logger: Logger, clock: TimeSource) throws(ExporterError) {
    do throws(StateFolder.Failure) {
      folder = try StateFolder(path: configuration.path)
    } catch {
      switch error {
      case .inUse(let owner):
        throw ExporterError(
          description: "the state folder \(configuration.path) is in use by \(Self.name(of: owner)): stop it, or give "
            + "this one a folder of its own with --state.path"
        )
      case .unwritable(let reason):
        logger.warning(
          "state cannot be kept: what is read now is read again after a restart",
          metadata: ["reason": "\(reason)", "help": "\(Self.help)"]
        )
        return nil
      }
    }
    if let exposure = folder.exposure {
      logger.warning(
        "others can change the saved state",
        metadata: [
          "folder": "\(configuration.path)", "reason": "\(exposure.reason)",
          "help": "\(exposure.mend), or give --state.path a folder inside of it, which is made for the exporter alone",
        ]
      )
    }
    self.logger = logger
    self.clock = clock
    journal = StateJournal(folder.file)
    timer = DispatchSource.makeTimerSource(queue: queue)
  }

  deinit {
    timer.setEventHandler(handler: nil)
    // One that never ran must not be released.
    timer.activate()
    timer.cancel()
  }

  private static let help = "name another folder with --state.path, or use --state.disable"

  private static func name(of owner: Int?) -> String {
    owner.map { "another exporter (process \($0))" } ?? "another exporter"
  }

  var status: Status { current.withLock { $0 } }

  // MARK: What was saved

  /// What was saved last for the logs below `root`; nil: nothing that can be used, which a warning has said where there is
  /// something.
  func read(root: String) -> SavedState? {
    let found = read()
    guard let found, let other = SavedReading.root(of: found), folder.isOf(another: other, than: root) else {
      return found
    }
    let aside = folder.file.setAside(forOwner: other)
    logger.warning(
      "the saved state is of another project, which is still there: it is kept apart until that one is served again",
      metadata: [
        "project": "\(other)", "file": "\(aside)", "help": "give each project a folder of its own with --state.path",
      ]
    )
    folder.file.takeBack(forOwner: root)
    return read()
  }

  private func read() -> SavedState? {
    switch folder.file.read() {
    case .none:
      return nil
    case .state(let saved):
      guard folder.file.beginTakeOver() >= Self.takeOversMax else { return saved }
      warnUnusable(
        "taking it over has ended in a crash or with a kill \(Self.takeOversMax) times",
        help: "please report it, with that file; to have it tried again, give it its name back"
      )
      return nil
    case .unusable(let reason):
      warnUnusable(reason)
      return nil
    }
  }

  func warnUnusable(_ reason: String, help: String? = nil) {
    folder.file.setAside()
    var metadata: Logger.Metadata = ["file": "\(folder.file.unusablePath)", "reason": "\(reason)"]
    if let help { metadata["help"] = "\(help)" }
    logger.warning("the saved state is not used: all logs are read from their beginning", metadata: metadata)
  }

  /// What was read has been taken over, or is not used.
  func endTakeOver() { folder.file.endTakeOver() }

  // MARK: Saving

  /// Looks after the folder until `finish`.
  ///
  /// - Parameter request: has all be submitted again, soon, though nothing has changed.
  func begin(request: @escaping @Sendable () -> Void) {
    timer.setEventHandler { [weak self] in
      guard let self, !self.canAdd(), self.folder.isHeld else { return }
      request()
    }
    timer.schedule(deadline: .now() + Self.lookInterval, repeating: Self.lookInterval, leeway: Self.lookInterval)
    timer.activate()
  }

  /// Begins to write, unless what was given before is still being written.
  ///
  /// - Parameter state: encodes what has changed, or, where it is told so, all.
  /// - Returns: whether all there is has been written. Where it has to be seen yet, it is to be asked again.
  func submit(_ state: (_ isWhole: Bool) -> StateChanges) -> Bool {
    let before = current.withLock { status in
      defer { status.isWriting = true }
      return status
    }
    guard !before.isWriting else { return false }
    let changes = state(before.needsWhole)
    if changes.isEmpty {
      let now = clock.now.wall
      current.withLock { status in
        status.isWriting = false
        status.lastWrite = now
      }
      return true
    }
    queue.async {
      self.write(changes)
      self.current.withLock { $0.isWriting = false }
    }
    return false
  }

  /// Writes a whole at once, after what is being written, and returns when it is on the disk.
  func finish(_ whole: StateChanges) {
    queue.sync {
      timer.setEventHandler(handler: nil)
      write(whole)
    }
  }

  // MARK: On its thread

  private func write(_ changes: StateChanges) {
    guard canAdd() || (changes.isWhole && folder.isHeld) else { return }
    do throws(StateError) {
      try journal.save(changes)
      let now = clock.now.wall
      current.withLock { status in
        status.lastWrite = now
        status.isKept = true
        status.needsWhole = journal.needsWhole
        status.bytes = journal.bytes
      }
    } catch {
      fail("state cannot be saved", "\(error)")
    }
  }

  /// Whether changes can be added to what was saved: its file and its folder are still there. A folder that was removed is
  /// made again.
  private func canAdd() -> Bool {
    if !folder.isHeld {
      do throws(StateFolder.Failure) {
        try folder.restore()
      } catch {
        switch error {
        case .inUse(let owner): fail("state cannot be kept any more", "its folder is used by \(Self.name(of: owner))")
        case .unwritable(let reason): fail("state cannot be kept any more", reason)
        }
        return false
      }
    }
    if journal.isInPlace { return true }
    logger.warning("the state was taken away, and is saved again", metadata: ["file": "\(folder.file.path)"])
    journal.end()
    current.withLock { $0.needsWhole = true }
    return false
  }

  private func fail(_ what: String, _ reason: String) {
    let wasKept = current.withLock { status in
      defer { status.isKept = false }
      status.failures += 1
      status.needsWhole = true
      return status.isKept
    }
    if wasKept { logger.warning("\(what)", metadata: ["reason": "\(reason)", "help": "\(Self.help)"]) }
  }
}
