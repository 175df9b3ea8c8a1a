/// A log as a part of its run: whether its file is there.
final class RunMember {
  private let run: RunFeed
  private(set) var isPresent: Bool

  /// nil: its watcher tells of no runs.
  init?(of run: RunFeed?, isPresent: Bool = true) {
    guard let run else { return nil }
    self.run = run
    self.isPresent = isPresent
    if isPresent { run.countFiles(1) }
  }

  func set(_ isPresent: Bool) {
    guard isPresent != self.isPresent else { return }
    self.isPresent = isPresent
    run.countFiles(isPresent ? 1 : -1)
  }

  deinit { set(false) }
}
