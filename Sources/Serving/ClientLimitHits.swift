internal import Synchronization

/// A limit that keeps clients from harming each other, as `training_exporter_client_limits_reached_total` calls it.
package enum ClientLimit: String, CaseIterable, Sendable {
  case connections
  case fileDescriptors = "file_descriptors"
  case handshakes
  case scrapes
  case streams
  case unreadBytes = "unread_bytes"
  case requestTime = "request_time"
  case readTime = "read_time"
  case http2Frames = "http2_frames"
}

/// How often clients have reached each limit. It counts, and decides nothing.
package final class ClientLimitHits: Sendable {
  private let counts = Mutex<[ClientLimit: Int]>([:])

  package init() {}

  /// All limits, in an order that does not change; those that were never reached, too.
  package var all: [(limit: ClientLimit, count: Int)] {
    counts.withLock { counts in ClientLimit.allCases.map { ($0, counts[$0] ?? 0) } }
  }

  func count(_ limit: ClientLimit) {
    counts.withLock { $0[limit, default: 0] += 1 }
  }
}
