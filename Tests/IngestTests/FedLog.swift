import Ingest
import LogStations
import Tailing

/// A log of a station that a test feeds by hand: what the tailer would do, without files.
final class FedLog {
  let consumer: any LogConsumer
  private let status: FileStatus
  private var unconsumed: [UInt8] = []

  init(of station: Station, _ captures: [String: String] = ["run": "a"], number: UInt64 = 1) {
    status = FileStatus(device: 1, inode: number, size: 0, modified: 0, changed: 0)
    consumer = station.ingest.open(LogFile(watcher: 0, path: "runs/\(number)", captures: captures, status: status))
  }

  func append(_ text: String) {
    unconsumed += Array(text.utf8)
    let consumed = unconsumed.withUnsafeBytes { consumer.consume($0, ending: .open) }
    unconsumed.removeFirst(consumed)
  }

  /// The file's time is known, as it is before a file is read.
  func willRead() { consumer.handle(.willRead(status)) }

  /// The whole file now says this.
  func rewrite(_ text: String) {
    restart()
    append(text)
    caughtUp()
  }

  func restart() {
    unconsumed.removeAll()
    consumer.handle(.restarted)
  }

  func caughtUp() { consumer.handle(.caughtUp(status)) }
}
