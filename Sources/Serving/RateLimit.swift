internal import Clocks
internal import WebConfiguration

/// A bucket of tokens: it holds `burst`, a request takes one, and one comes back every `interval`.
struct RateLimit {
  private let limit: WebSettings.RateLimit
  private var tokens: Double
  /// In nanoseconds of the monotonic clock.
  private var filled: Int64

  init(_ limit: WebSettings.RateLimit, at now: Int64) {
    self.limit = limit
    tokens = Double(limit.burst)
    filled = now
  }

  mutating func admits(at now: Int64) -> Bool {
    let interval = Double(limit.interval.wholeNanoseconds)
    if now > filled {
      tokens = min(Double(limit.burst), tokens + Double(now - filled) / interval)
      filled = now
    }
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
