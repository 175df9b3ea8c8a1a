internal import Clocks
internal import Dispatch
internal import Logging
internal import StateStore
internal import Synchronization
internal import Tailing

/// Writes states to their folder, one at a time, on a thread of its own, so that a slow disk holds up nothing. Knows
/// nothing of what is in them.
final class StateKeeper: Sendable {
  struct Status: Sendable {
    /// Nanoseconds since 1970; nil: nothing was written yet.
    var lastWrite: Int64?
    var bytes = 0
    var failures = 0
    fileprivate var isWriting = false
    fileprivate var hasFailed = false
  }

  private let folder: StateFolder
  private let logger: Logger
  private let clock: TimeSource
  private let queue = DispatchQueue(label: "state")
  private let current = Mutex(Status())

  /// - Returns: nil where the folder cannot be used; then a warning says so, and the exporter goes on without.
  /// - Throws: `ExporterError` where another exporter uses it.
  init?(_ configuration: StateConfiguration, logger: Logger, clock: TimeSource) throws(ExporterError) {
    do throws(StateFolder.Failure) {
      folder = try StateFolder(path: configuration.path)
    } catch {
      switch error {
      case .inUse(let owner):
        let who = owner.map { "another exporter (process \($0))" } ?? "another exporter"
        throw ExporterError(
          description: "the state in \(configuration.path) is in use by \(who): stop it, or give this one a folder of "
            + "its own with --state.path"
        )
      case .unwritable(let reason):
        logger.warning(
          "state cannot be kept: what is read now is read again after a restart",
          metadata: ["reason": "\(reason)"]
        )
        return nil
      }
    }
    self.logger = logger
    self.clock = clock
  }

  var status: Status { current.withLock { $0 } }

  /// What was saved last; nil: nothing that can be used, which a warning has said where there is something.
  func read() -> SavedState? {
    switch folder.file.read() {
    case .none:
      return nil
    case .state(let saved):
      return saved
    case .unusable(let reason):
      warnUnusable(reason)
      return nil
    }
  }

  func warnUnusable(_ reason: String) {
    folder.file.setAside()
    logger.warning(
      "the saved state is not used: all logs are read from their beginning",
      metadata: ["file": "\(folder.file.unusablePath)", "reason": "\(reason)"]
    )
  }

  /// Begins to write, unless what was given before is still being written.
  ///
  /// - Returns: whether it will be written, as far as can be told: after a failure it is tried again and again.
  func submit(_ state: () -> [UInt8]) -> Bool {
    let (isFree, hasFailed) = current.withLock { status in
      defer { status.isWriting = true }
      return (!status.isWriting, status.hasFailed)
    }
    guard isFree else { return false }
    let bytes = state()
    queue.async {
      self.write(bytes)
      self.current.withLock { $0.isWriting = false }
    }
    return !hasFailed
  }

  /// Writes at once, after what is being written, and returns when it is on the disk.
  func finish(_ bytes: [UInt8]) {
    queue.sync { write(bytes) }
  }

  private func write(_ bytes: [UInt8]) {
    do throws(StateError) {
      try folder.file.replace(with: bytes)
      let now = clock.now.wall
      current.withLock { status in
        status.lastWrite = now
        status.hasFailed = false
        status.bytes = bytes.count
      }
    } catch {
      let isFirst = current.withLock { status in
        status.failures += 1
        status.hasFailed = true
        return status.failures == 1
      }
      if isFirst { logger.warning("state cannot be saved: \(error)") }
    }
  }
}
