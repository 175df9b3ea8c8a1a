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
    log = RunLog(file)
    if isPresent { run.add(log) }
  }

  func set(_ isPresent: Bool) {
    guard isPresent != self.isPresent else { return }
    self.isPresent = isPresent
    if isPresent { run.add(log) } else { run.remove(log) }
  }

  /// The log has another name.
  func move(to file: LogFile) {
    let other = RunLog(file)
    if isPresent { run.replace(log, by: other) }
    log = other
  }

  deinit { set(false) }
}

extension RunLog {
  fileprivate init(_ file: LogFile) {
    self.init(watcher: file.watcher, path: file.path, captures: file.captures)
  }
}
