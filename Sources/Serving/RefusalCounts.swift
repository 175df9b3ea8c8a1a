internal import Synchronization

/// Counts by reason, of which there are only so many. Any thread may count.
package final class RefusalCounts<Reason: RefusalReason>: Sendable {
  private let counts = Mutex<[Reason: Int]>([:])

  package init() {}

  /// All reasons in their order, those that never were included.
  package var all: [(reason: String, count: Int)] {
    counts.withLock { counts in Reason.allCases.map { ($0.rawValue, counts[$0] ?? 0) } }
  }

  func count(_ reason: Reason) {
    counts.withLock { $0[reason, default: 0] += 1 }
  }
}

package protocol RefusalReason: Sendable, Hashable, CaseIterable, RawRepresentable<String> {}

/// A limit that keeps clients from harming each other.
package enum ClientLimit: String, RefusalReason {
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

/// Why a request was not answered, as far as the web configuration decides about it.
package enum AccessRefusal: String, RefusalReason {
  /// None was sent, or nothing that could be one.
  case noPassword = "no_password"
  case wrongPassword = "wrong_password"
  /// Others wait to be checked, and this client had its turn, or its password was not checked in time.
  case tooManyPasswords = "too_many_passwords"
  case rateLimit = "rate_limit"
}
