internal import NIOCore
internal import WebConfiguration

/// A bucket of tokens: it holds `burst`, a request takes one, and one comes back every `interval`.
struct RateLimit {
  private let limit: WebSettings.RateLimit
  private var tokens: Double
  private var filled: NIODeadline

  init(_ limit: WebSettings.RateLimit, at now: NIODeadline) {
    self.limit = limit
    tokens = Double(limit.burst)
    filled = now
  }

  mutating func admits(at now: NIODeadline) -> Bool {
    let interval = Double(TimeAmount(limit.interval).nanoseconds)
    if now > filled {
      tokens = min(Double(limit.burst), tokens + Double((now - filled).nanoseconds) / interval)
      filled = now
    }
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
