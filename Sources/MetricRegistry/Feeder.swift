package import Clocks

/// A log as the series know it that it fed last: by its name, and when it changed last. It belongs to the thread that
/// feeds series: hence `@unchecked`.
package final class Feeder: @unchecked Sendable {
  package var name: String
  /// Who follows it.
  package let watcher: String
  /// The log's modification time, in nanoseconds since 1970.
  package private(set) var modified: Int64
  /// When it was seen to change last, on the monotonic clock, which nobody sets. Of a log that was found at the start it
  /// is as long ago as its modification time says.
  package private(set) var lastChange: Int64
  /// The file's size then; nil: nothing was seen yet.
  private var size: Int?
  /// How long after the last change its series end, where their metrics say nothing; nil: never.
  package let expireAfter: Duration?

  package init(
    name: String,
    watcher: String,
    modified: Int64 = .min,
    lastChange: Int64 = .min,
    expireAfter: Duration? = nil
  ) {
    self.name = name
    self.watcher = watcher
    self.modified = modified
    self.lastChange = lastChange
    self.expireAfter = expireAfter
  }

  /// The same log under another name, which feeds other series from now on.
  package func copy(name: String) -> Feeder {
    Feeder(
      name: name,
      watcher: watcher,
      modified: modified,
      lastChange: lastChange,
      expireAfter: expireAfter
    )
  }

  /// Takes note of the log's file: a log that changes while it is followed changes now, whatever time its writer gives
  /// it. One that was found like that has changed as long ago as its modification time says, and not before it was last
  /// seen to.
  ///
  /// - Parameter wasFollowed: whether somebody looked before this change.
  package func saw(modified: Int64, size: Int, wasFollowed: Bool, now: Moment) {
    guard modified != self.modified || size != self.size ?? size else { return }
    (self.modified, self.size) = (modified, size)
    let (age, overflow) = now.wall.subtractingReportingOverflow(modified)
    let found = overflow ? .min : now.monotonic &- max(0, age)
    lastChange = wasFollowed ? now.monotonic : max(lastChange, found)
  }

  /// Takes over what another process knew of the log, unless this one knows already.
  package func restore(modified: Int64, lastChange: Int64) {
    guard self.modified == .min else { return }
    self.modified = modified
    self.lastChange = lastChange
  }

  /// Whether this log is the newer of two: by modification time, then by name.
  package func isNewer(than other: Feeder) -> Bool {
    (modified, name) > (other.modified, other.name)
  }
}
