internal import Tailing

/// A log as a part of its run: whether its file is there.
final class RunMember {
  private let run: RunFeed
  private var log: RunLog
  private(set) var isPresent: Bool

  /// nil: its watcher tells of no runs.
  init?(of run: RunFeed?, _ file: LogFile, isPresent: Bool = true) {
    guard let run else { return nil }
    self.run = run
    self.isPresent = isPresent
    log = run.makeLog(file)
    if isPresent { run.add(log) }
  }

  func set(_ isPresent: Bool) {
    guard isPresent != self.isPresent else { return }
    self.isPresent = isPresent
    if isPresent { run.add(log) } else { run.remove(log) }
  }

  /// Its file is there, and is about to be read.
  func willRead(_ status: FileStatus) {
    if status.inode != log.inode || status.device != log.device {
      var other = log
      (other.device, other.inode) = (status.device, status.inode)
      if isPresent { run.update(other) }
      log = other
    }
    set(true)
  }

  /// The log has another name.
  func move(to file: LogFile) {
    log = log.renamed(to: file)
    if isPresent { run.update(log) }
  }

  deinit { set(false) }
}
