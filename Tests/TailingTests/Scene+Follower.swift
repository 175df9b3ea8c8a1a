import LogStations

@testable import Tailing

extension Scene {
  /// The one that follows the file of that name now.
  func follower(of name: String) -> RecordingConsumer? {
    guard let log = tailer.tables[0].logs[LogPath(path(name))], log.isPresent else { return nil }
    return log.consumer as? RecordingConsumer
  }
}
