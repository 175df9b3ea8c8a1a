/// What a training run does: the label `training_exporter_run_state` of the stateset of that name, in its order.
package enum RunState: String, CaseIterable, Sendable {
  /// It has files, or a process, and no record yet.
  case starting
  /// Its newest record is not older than its limit.
  case running
  /// Nothing new came for longer than its limit. Where its process is known, that still lives.
  case stalled
  /// It ended well: a record said so, or it has come as far as was planned.
  case finished
  /// A record said that it failed, and none came after it.
  case failed
  /// Its process is gone, and nothing said that it had ended.
  case killed
  /// All its files are gone, and nothing said that it had ended.
  case vanished

  /// Whether it is over, until a new record comes.
  package var isEnd: Bool {
    switch self {
    case .starting, .running, .stalled: false
    case .finished, .failed, .killed, .vanished: true
    }
  }
}
