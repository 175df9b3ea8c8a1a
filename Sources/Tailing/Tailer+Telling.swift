/// What people are told of logs and folders, each thing once.
extension Tailer {
  /// Says when it is the first time that a log of a watcher loses bytes, or begins anew.
  func tellLosses(of log: FollowedLog, _ body: () -> Void) {
    let counters = log.counters
    let lost = counters.bytesLost.load(ordering: .relaxed)
    let restarts = counters.restarts.load(ordering: .relaxed)
    body()
    let name = watchers[log.watcher].name
    if lost == 0, counters.bytesLost.load(ordering: .relaxed) > 0 {
      warn(
        "watcher \(name): \(log.path.text) went away before its last \(counters.bytesLost.load(ordering: .relaxed)) bytes "
          + "were read (said once; training_exporter_lost_bytes_total counts)"
      )
    }
    if restarts == 0, counters.restarts.load(ordering: .relaxed) > 0 {
      tell(
        "watcher \(name): \(log.path.text) was written anew, and is read from its beginning (said once; "
          + "training_exporter_log_restarts_total counts)"
      )
    }
  }

  /// Says that a link is not followed.
  func tellRefused(_ link: Discovery.RefusedLink, _ watchers: Set<Int>) {
    for watcher in watchers.sorted() {
      counters[watcher].linksRefused.add(1, ordering: .relaxed)
      warnOnce(
        "watcher \(self.watchers[watcher].name): the link \(link.path.text) is not followed, since it belongs to user "
          + "\(link.owner), and what it leads to to user \(link.targetOwner). `links: follow` in the watcher follows all links",
        key: "link \(link.path.text) \(watcher)"
      )
    }
  }

  func warnOnce(_ message: String, key: String? = nil) {
    if warnings.count >= TailerLimits.warningsMax {
      guard now &- warnedSince >= TailerLimits.warningsPause.wholeNanoseconds else { return }
      warnings = []
    }
    if warnings.isEmpty { warnedSince = now }
    guard warnings.insert(key ?? message).inserted else { return }
    warn(message)
    if warnings.count == TailerLimits.warningsMax {
      warn(
        "\(TailerLimits.warningsMax) different warnings about logs were written: further ones are left out for an hour"
      )
    }
  }
}
