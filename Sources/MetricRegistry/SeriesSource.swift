/// A log as the series know it that it fed last: by its name, and when it changed last. It belongs to the thread that
/// feeds series: hence `@unchecked`.
package final class SeriesSource: @unchecked Sendable {
  package var name: String
  /// Who follows it.
  package let watcher: String
  /// The log's modification time, in nanoseconds since 1970.
  package private(set) var modified: Int64
  /// The same on the monotonic clock, which nobody sets.
  package private(set) var lastChange: Int64
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
  package func copy(name: String) -> SeriesSource {
    SeriesSource(
      name: name,
      watcher: watcher,
      modified: modified,
      lastChange: lastChange,
      expireAfter: expireAfter
    )
  }

  /// Takes note of the log's modification time; the clocks stand at `wall` and `monotonic`, in nanoseconds.
  package func sawChange(at modified: Int64, wall: Int64, monotonic: Int64) {
    guard modified != self.modified else { return }
    self.modified = modified
    let (age, overflow) = wall.subtractingReportingOverflow(modified)
    lastChange = overflow ? .min : monotonic &- max(0, age)
  }

  /// Takes over what another process knew of the log, unless this one knows already.
  package func restore(modified: Int64, lastChange: Int64) {
    guard self.modified == .min else { return }
    self.modified = modified
    self.lastChange = lastChange
  }

  /// Whether this log is the newer of two: by modification time, then by name.
  package func isNewer(than other: SeriesSource) -> Bool {
    (modified, name) > (other.modified, other.name)
  }
}
